! Generic procedures for objects, one for every type and rank. Written by bindings/fortran/generate; do not edit.
module aim_object_kinds
    use, intrinsic :: iso_c_binding, only: c_loc, c_null_ptr, c_ptr, c_size_t
    use, intrinsic :: iso_fortran_env, only: int16, int32, int64, int8, real32, real64
    use aim_c, only: AIM_BOOL, AIM_F32, AIM_F64, AIM_I16, AIM_I32, AIM_I64, AIM_I8, AIM_U16, AIM_U8
    use aim_handing, only: hand_array, hand_pixels, hand_samples, hand_values
    use aim_reading, only: places, read_array
    implicit none
    private

    type, abstract, public :: sequence_kinds
        !> The handle of the C interface, which stays this object's; c_null_ptr while it holds none.
        type(c_ptr) :: handle = c_null_ptr
    contains
        procedure, private :: track_array_r64_1, track_array_r64_2, track_array_r64_3, track_array_r64_4, &
            track_array_r64_5, track_array_r64_6, track_array_r64_7, track_array_r32_1, track_array_r32_2, &
            track_array_r32_3, track_array_r32_4, track_array_r32_5, track_array_r32_6, track_array_r32_7, &
            track_array_i64_1, track_array_i64_2, track_array_i64_3, track_array_i64_4, track_array_i64_5, &
            track_array_i64_6, track_array_i64_7, track_array_i32_1, track_array_i32_2, track_array_i32_3, &
            track_array_i32_4, track_array_i32_5, track_array_i32_6, track_array_i32_7, track_array_i16_1, &
            track_array_i16_2, track_array_i16_3, track_array_i16_4, track_array_i16_5, track_array_i16_6, &
            track_array_i16_7, track_array_i8_1, track_array_i8_2, track_array_i8_3, track_array_i8_4, &
            track_array_i8_5, track_array_i8_6, track_array_i8_7, track_array_logical_1, track_array_logical_2, &
            track_array_logical_3, track_array_logical_4, track_array_logical_5, track_array_logical_6, &
            track_array_logical_7
        generic, public :: track_array => track_array_r64_1, track_array_r64_2, track_array_r64_3, track_array_r64_4, &
            track_array_r64_5, track_array_r64_6, track_array_r64_7, track_array_r32_1, track_array_r32_2, &
            track_array_r32_3, track_array_r32_4, track_array_r32_5, track_array_r32_6, track_array_r32_7, &
            track_array_i64_1, track_array_i64_2, track_array_i64_3, track_array_i64_4, track_array_i64_5, &
            track_array_i64_6, track_array_i64_7, track_array_i32_1, track_array_i32_2, track_array_i32_3, &
            track_array_i32_4, track_array_i32_5, track_array_i32_6, track_array_i32_7, track_array_i16_1, &
            track_array_i16_2, track_array_i16_3, track_array_i16_4, track_array_i16_5, track_array_i16_6, &
            track_array_i16_7, track_array_i8_1, track_array_i8_2, track_array_i8_3, track_array_i8_4, &
            track_array_i8_5, track_array_i8_6, track_array_i8_7, track_array_logical_1, track_array_logical_2, &
            track_array_logical_3, track_array_logical_4, track_array_logical_5, track_array_logical_6, &
            track_array_logical_7
        procedure, private :: track_values_r64_1, track_values_r64_2, track_values_r64_3, track_values_r64_4, &
            track_values_r64_5, track_values_r64_6, track_values_r64_7, track_values_r32_1, track_values_r32_2, &
            track_values_r32_3, track_values_r32_4, track_values_r32_5, track_values_r32_6, track_values_r32_7, &
            track_values_i64_1, track_values_i64_2, track_values_i64_3, track_values_i64_4, track_values_i64_5, &
            track_values_i64_6, track_values_i64_7, track_values_i32_1, track_values_i32_2, track_values_i32_3, &
            track_values_i32_4, track_values_i32_5, track_values_i32_6, track_values_i32_7
        generic, public :: track_values => track_values_r64_1, track_values_r64_2, track_values_r64_3, &
            track_values_r64_4, track_values_r64_5, track_values_r64_6, track_values_r64_7, track_values_r32_1, &
            track_values_r32_2, track_values_r32_3, track_values_r32_4, track_values_r32_5, track_values_r32_6, &
            track_values_r32_7, track_values_i64_1, track_values_i64_2, track_values_i64_3, track_values_i64_4, &
            track_values_i64_5, track_values_i64_6, track_values_i64_7, track_values_i32_1, track_values_i32_2, &
            track_values_i32_3, track_values_i32_4, track_values_i32_5, track_values_i32_6, track_values_i32_7
        procedure, private :: track_image_r64_2, track_image_r64_3, track_image_r64_4, track_image_r32_2, &
            track_image_r32_3, track_image_r32_4, track_image_i16_2, track_image_i16_3, track_image_i16_4, &
            track_image_i8_2, track_image_i8_3, track_image_i8_4
        generic, public :: track_image => track_image_r64_2, track_image_r64_3, track_image_r64_4, track_image_r32_2, &
            track_image_r32_3, track_image_r32_4, track_image_i16_2, track_image_i16_3, track_image_i16_4, &
            track_image_i8_2, track_image_i8_3, track_image_i8_4
        procedure, private :: track_audio_r64_1, track_audio_r64_2, track_audio_r32_1, track_audio_r32_2, &
            track_audio_i32_1, track_audio_i32_2, track_audio_i16_1, track_audio_i16_2
        generic, public :: track_audio => track_audio_r64_1, track_audio_r64_2, track_audio_r32_1, track_audio_r32_2, &
            track_audio_i32_1, track_audio_i32_2, track_audio_i16_1, track_audio_i16_2
    end type

    type, abstract, public :: found_kinds
        !> The handle of the C interface, which stays this object's; c_null_ptr while it holds none.
        type(c_ptr) :: handle = c_null_ptr
    contains
        procedure, private :: read_array_r64, read_array_r32, read_array_i64, read_array_i32, read_array_i16, &
            read_array_i8, read_array_logical
        generic, public :: read_array => read_array_r64, read_array_r32, read_array_i64, read_array_i32, &
            read_array_i16, read_array_i8, read_array_logical
    end type

contains

    subroutine track_array_r64_1(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: array(:)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r64_2(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: array(:, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r64_3(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: array(:, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r64_4(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: array(:, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r64_5(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: array(:, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r64_6(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: array(:, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r64_7(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: array(:, :, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r32_1(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: array(:)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r32_2(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: array(:, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r32_3(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: array(:, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r32_4(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: array(:, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r32_5(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: array(:, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r32_6(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: array(:, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_r32_7(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: array(:, :, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_F32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i64_1(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: array(:)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i64_2(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: array(:, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i64_3(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: array(:, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i64_4(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: array(:, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i64_5(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: array(:, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i64_6(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: array(:, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i64_7(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: array(:, :, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I64, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i32_1(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: array(:)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i32_2(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: array(:, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i32_3(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: array(:, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i32_4(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: array(:, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i32_5(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: array(:, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i32_6(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: array(:, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i32_7(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: array(:, :, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I32, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i16_1(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: array(:)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I16, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i16_2(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: array(:, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I16, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i16_3(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: array(:, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I16, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i16_4(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: array(:, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I16, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i16_5(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: array(:, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I16, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i16_6(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: array(:, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I16, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i16_7(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: array(:, :, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I16, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_i8_1(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int8), intent(in), contiguous, target :: array(:)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I8, shape(array), step, epoch, caption, meta, time, stat, errmsg)
    end subroutine

    subroutine track_array_i8_2(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int8), intent(in), contiguous, target :: array(:, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I8, shape(array), step, epoch, caption, meta, time, stat, errmsg)
    end subroutine

    subroutine track_array_i8_3(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int8), intent(in), contiguous, target :: array(:, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I8, shape(array), step, epoch, caption, meta, time, stat, errmsg)
    end subroutine

    subroutine track_array_i8_4(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int8), intent(in), contiguous, target :: array(:, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I8, shape(array), step, epoch, caption, meta, time, stat, errmsg)
    end subroutine

    subroutine track_array_i8_5(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int8), intent(in), contiguous, target :: array(:, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I8, shape(array), step, epoch, caption, meta, time, stat, errmsg)
    end subroutine

    subroutine track_array_i8_6(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int8), intent(in), contiguous, target :: array(:, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I8, shape(array), step, epoch, caption, meta, time, stat, errmsg)
    end subroutine

    subroutine track_array_i8_7(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int8), intent(in), contiguous, target :: array(:, :, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_array(self%handle, c_loc(array), AIM_I8, shape(array), step, epoch, caption, meta, time, stat, errmsg)
    end subroutine

    subroutine track_array_logical_1(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        logical, intent(in) :: array(:)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int8), allocatable, target :: bits(:)
        allocate (bits, source=merge(1_int8, 0_int8, array))
        call hand_array(self%handle, c_loc(bits), AIM_BOOL, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_logical_2(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        logical, intent(in) :: array(:, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int8), allocatable, target :: bits(:, :)
        allocate (bits, source=merge(1_int8, 0_int8, array))
        call hand_array(self%handle, c_loc(bits), AIM_BOOL, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_logical_3(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        logical, intent(in) :: array(:, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int8), allocatable, target :: bits(:, :, :)
        allocate (bits, source=merge(1_int8, 0_int8, array))
        call hand_array(self%handle, c_loc(bits), AIM_BOOL, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_logical_4(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        logical, intent(in) :: array(:, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int8), allocatable, target :: bits(:, :, :, :)
        allocate (bits, source=merge(1_int8, 0_int8, array))
        call hand_array(self%handle, c_loc(bits), AIM_BOOL, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_logical_5(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        logical, intent(in) :: array(:, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int8), allocatable, target :: bits(:, :, :, :, :)
        allocate (bits, source=merge(1_int8, 0_int8, array))
        call hand_array(self%handle, c_loc(bits), AIM_BOOL, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_logical_6(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        logical, intent(in) :: array(:, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int8), allocatable, target :: bits(:, :, :, :, :, :)
        allocate (bits, source=merge(1_int8, 0_int8, array))
        call hand_array(self%handle, c_loc(bits), AIM_BOOL, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_array_logical_7(self, array, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        logical, intent(in) :: array(:, :, :, :, :, :, :)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int8), allocatable, target :: bits(:, :, :, :, :, :, :)
        allocate (bits, source=merge(1_int8, 0_int8, array))
        call hand_array(self%handle, c_loc(bits), AIM_BOOL, shape(array), step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine track_values_r64_1(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: values(:)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r64_2(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: values(:, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r64_3(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: values(:, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r64_4(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: values(:, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r64_5(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: values(:, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r64_6(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: values(:, :, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r64_7(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: values(:, :, :, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r32_1(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: values(:)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r32_2(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: values(:, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r32_3(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: values(:, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r32_4(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: values(:, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r32_5(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: values(:, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r32_6(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: values(:, :, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_r32_7(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: values(:, :, :, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_F32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i64_1(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: values(:)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i64_2(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: values(:, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i64_3(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: values(:, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i64_4(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: values(:, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i64_5(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: values(:, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i64_6(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: values(:, :, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i64_7(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous, target :: values(:, :, :, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I64, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i32_1(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: values(:)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i32_2(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: values(:, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i32_3(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: values(:, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i32_4(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: values(:, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i32_5(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: values(:, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i32_6(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: values(:, :, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_values_i32_7(self, values, bins, low, high, step, epoch, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: values(:, :, :, :, :, :, :)
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_values(self%handle, c_loc(values), AIM_I32, size(values, kind=c_size_t), bins, low, high, step, &
            epoch, &
            time, stat, errmsg)
    end subroutine

    subroutine track_image_r64_2(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: pixels(:, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_F64, [1, shape(pixels), 1], low, high, step, epoch, caption, &
            meta, time, &
            stat, errmsg)
    end subroutine

    subroutine track_image_r64_3(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: pixels(:, :, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_F64, [shape(pixels), 1], low, high, step, epoch, caption, &
            meta, time, &
            stat, errmsg)
    end subroutine

    subroutine track_image_r64_4(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: pixels(:, :, :, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_F64, shape(pixels), low, high, step, epoch, caption, meta, &
            time, &
            stat, errmsg)
    end subroutine

    subroutine track_image_r32_2(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: pixels(:, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_F32, [1, shape(pixels), 1], low, high, step, epoch, caption, &
            meta, time, &
            stat, errmsg)
    end subroutine

    subroutine track_image_r32_3(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: pixels(:, :, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_F32, [shape(pixels), 1], low, high, step, epoch, caption, &
            meta, time, &
            stat, errmsg)
    end subroutine

    subroutine track_image_r32_4(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: pixels(:, :, :, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_F32, shape(pixels), low, high, step, epoch, caption, meta, &
            time, &
            stat, errmsg)
    end subroutine

    subroutine track_image_i16_2(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: pixels(:, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_U16, [1, shape(pixels), 1], low, high, step, epoch, caption, &
            meta, time, &
            stat, errmsg)
    end subroutine

    subroutine track_image_i16_3(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: pixels(:, :, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_U16, [shape(pixels), 1], low, high, step, epoch, caption, &
            meta, time, &
            stat, errmsg)
    end subroutine

    subroutine track_image_i16_4(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: pixels(:, :, :, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_U16, shape(pixels), low, high, step, epoch, caption, meta, &
            time, &
            stat, errmsg)
    end subroutine

    subroutine track_image_i8_2(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int8), intent(in), contiguous, target :: pixels(:, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_U8, [1, shape(pixels), 1], low, high, step, epoch, caption, &
            meta, time, &
            stat, errmsg)
    end subroutine

    subroutine track_image_i8_3(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int8), intent(in), contiguous, target :: pixels(:, :, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_U8, [shape(pixels), 1], low, high, step, epoch, caption, &
            meta, time, &
            stat, errmsg)
    end subroutine

    subroutine track_image_i8_4(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int8), intent(in), contiguous, target :: pixels(:, :, :, :)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_pixels(self%handle, c_loc(pixels), AIM_U8, shape(pixels), low, high, step, epoch, caption, meta, &
            time, &
            stat, errmsg)
    end subroutine

    subroutine track_audio_r64_1(self, samples, rate, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: samples(:)
        integer, intent(in) :: rate
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        real(real32), allocatable, target :: narrow(:)
        allocate (narrow, source=real(samples, real32))
        call hand_samples(self%handle, c_loc(narrow), AIM_F32, [1, shape(samples)], rate, step, epoch, caption, meta, &
            time, &
            stat, errmsg)
    end subroutine

    subroutine track_audio_r64_2(self, samples, rate, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real64), intent(in), contiguous, target :: samples(:, :)
        integer, intent(in) :: rate
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        real(real32), allocatable, target :: narrow(:, :)
        allocate (narrow, source=real(samples, real32))
        call hand_samples(self%handle, c_loc(narrow), AIM_F32, shape(samples), rate, step, epoch, caption, meta, time, &
            stat, errmsg)
    end subroutine

    subroutine track_audio_r32_1(self, samples, rate, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: samples(:)
        integer, intent(in) :: rate
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_samples(self%handle, c_loc(samples), AIM_F32, [1, shape(samples)], rate, step, epoch, caption, meta, &
            time, &
            stat, errmsg)
    end subroutine

    subroutine track_audio_r32_2(self, samples, rate, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        real(real32), intent(in), contiguous, target :: samples(:, :)
        integer, intent(in) :: rate
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_samples(self%handle, c_loc(samples), AIM_F32, shape(samples), rate, step, epoch, caption, meta, &
            time, &
            stat, errmsg)
    end subroutine

    subroutine track_audio_i32_1(self, samples, rate, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: samples(:)
        integer, intent(in) :: rate
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_samples(self%handle, c_loc(samples), AIM_I32, [1, shape(samples)], rate, step, epoch, caption, meta, &
            time, &
            stat, errmsg)
    end subroutine

    subroutine track_audio_i32_2(self, samples, rate, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous, target :: samples(:, :)
        integer, intent(in) :: rate
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_samples(self%handle, c_loc(samples), AIM_I32, shape(samples), rate, step, epoch, caption, meta, &
            time, &
            stat, errmsg)
    end subroutine

    subroutine track_audio_i16_1(self, samples, rate, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: samples(:)
        integer, intent(in) :: rate
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_samples(self%handle, c_loc(samples), AIM_I16, [1, shape(samples)], rate, step, epoch, caption, meta, &
            time, &
            stat, errmsg)
    end subroutine

    subroutine track_audio_i16_2(self, samples, rate, step, epoch, caption, meta, time, stat, errmsg)
        class(sequence_kinds), intent(in) :: self
        integer(int16), intent(in), contiguous, target :: samples(:, :)
        integer, intent(in) :: rate
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_samples(self%handle, c_loc(samples), AIM_I16, shape(samples), rate, step, epoch, caption, meta, &
            time, &
            stat, errmsg)
    end subroutine

    subroutine read_array_r64(self, k, elements, sides, stat, errmsg)
        class(found_kinds), intent(in) :: self
        integer, intent(in) :: k
        real(real64), allocatable, intent(inout) :: elements(:)
        integer, allocatable, intent(inout) :: sides(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        real(real64), allocatable :: stored(:)
        integer(int8), allocatable :: bytes(:)
        if (.not. read_array(self%handle, k, 'f8', bytes, sides, stat, errmsg)) return
        allocate (stored, source=transfer(bytes, 0.0_real64, product(sides)))
        elements = stored(places(sides))
    end subroutine

    subroutine read_array_r32(self, k, elements, sides, stat, errmsg)
        class(found_kinds), intent(in) :: self
        integer, intent(in) :: k
        real(real32), allocatable, intent(inout) :: elements(:)
        integer, allocatable, intent(inout) :: sides(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        real(real32), allocatable :: stored(:)
        integer(int8), allocatable :: bytes(:)
        if (.not. read_array(self%handle, k, 'f4', bytes, sides, stat, errmsg)) return
        allocate (stored, source=transfer(bytes, 0.0_real32, product(sides)))
        elements = stored(places(sides))
    end subroutine

    subroutine read_array_i64(self, k, elements, sides, stat, errmsg)
        class(found_kinds), intent(in) :: self
        integer, intent(in) :: k
        integer(int64), allocatable, intent(inout) :: elements(:)
        integer, allocatable, intent(inout) :: sides(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64), allocatable :: stored(:)
        integer(int8), allocatable :: bytes(:)
        if (.not. read_array(self%handle, k, 'i8', bytes, sides, stat, errmsg)) return
        allocate (stored, source=transfer(bytes, 0_int64, product(sides)))
        elements = stored(places(sides))
    end subroutine

    subroutine read_array_i32(self, k, elements, sides, stat, errmsg)
        class(found_kinds), intent(in) :: self
        integer, intent(in) :: k
        integer(int32), allocatable, intent(inout) :: elements(:)
        integer, allocatable, intent(inout) :: sides(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int32), allocatable :: stored(:)
        integer(int8), allocatable :: bytes(:)
        if (.not. read_array(self%handle, k, 'i4', bytes, sides, stat, errmsg)) return
        allocate (stored, source=transfer(bytes, 0_int32, product(sides)))
        elements = stored(places(sides))
    end subroutine

    subroutine read_array_i16(self, k, elements, sides, stat, errmsg)
        class(found_kinds), intent(in) :: self
        integer, intent(in) :: k
        integer(int16), allocatable, intent(inout) :: elements(:)
        integer, allocatable, intent(inout) :: sides(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int16), allocatable :: stored(:)
        integer(int8), allocatable :: bytes(:)
        if (.not. read_array(self%handle, k, 'i2', bytes, sides, stat, errmsg)) return
        allocate (stored, source=transfer(bytes, 0_int16, product(sides)))
        elements = stored(places(sides))
    end subroutine

    subroutine read_array_i8(self, k, elements, sides, stat, errmsg)
        class(found_kinds), intent(in) :: self
        integer, intent(in) :: k
        integer(int8), allocatable, intent(inout) :: elements(:)
        integer, allocatable, intent(inout) :: sides(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int8), allocatable :: stored(:)
        integer(int8), allocatable :: bytes(:)
        if (.not. read_array(self%handle, k, 'i1', bytes, sides, stat, errmsg)) return
        allocate (stored, source=transfer(bytes, 0_int8, product(sides)))
        elements = stored(places(sides))
    end subroutine

    subroutine read_array_logical(self, k, elements, sides, stat, errmsg)
        class(found_kinds), intent(in) :: self
        integer, intent(in) :: k
        logical, allocatable, intent(inout) :: elements(:)
        integer, allocatable, intent(inout) :: sides(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        logical, allocatable :: stored(:)
        integer(int8), allocatable :: bytes(:)
        if (.not. read_array(self%handle, k, 'b1', bytes, sides, stat, errmsg)) return
        allocate (stored, source=bytes /= 0_int8)
        elements = stored(places(sides))
    end subroutine
end module aim_object_kinds

! Answers in parts.
module aim_cursors
    use, intrinsic :: iso_c_binding, only: c_associated, c_int32_t, c_null_ptr, c_ptr
    use aim_c
    use aim_errors, only: settle
    use aim_queries, only: aim_query
    implicit none
    private

    !> The answer to stream_runs or stream_metrics of a repository, in parts of some thousands of rows:
    !>
    !> do while (cursor%next(part))
    !>     do row = 1, part%size()
    type, public :: aim_cursor
        !> The handle of the C interface, which stays the cursor's; c_null_ptr while nothing was asked.
        type(c_ptr) :: handle = c_null_ptr
    contains
        procedure :: next => next_part
        procedure :: free => free_cursor
        procedure, private :: refuse_copy
        generic, public :: assignment(=) => refuse_copy
        final :: finish
    end type

contains

    !> Whether there are more rows, as they are now: `part` has them. The first part may be empty. An answer that the
    !> variable held before is given back. With an error there are none.
    logical function next_part(self, part, stat, errmsg)
        class(aim_cursor), intent(in) :: self
        type(aim_query), intent(inout) :: part
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: answer, err
        integer(c_int32_t) :: status
        answer = c_null_ptr
        err = c_null_ptr
        status = aim_cursor_next(self%handle, answer, err)
        next_part = c_associated(answer)
        if (next_part) then
            call part%free()
            part%handle = answer
        end if
        call settle(status, err, stat, errmsg)
    end function

    !> Gives the cursor back before it goes out of scope; its parts stay valid. Nothing happens if it is free.
    subroutine free_cursor(self)
        class(aim_cursor), intent(inout) :: self
        call aim_cursor_free(self%handle)
        self%handle = c_null_ptr
    end subroutine

    subroutine refuse_copy(left, right)
        class(aim_cursor), intent(inout) :: left
        class(aim_cursor), intent(in) :: right
        if (.not. same_type_as(left, right)) error stop
        error stop 'aim: a cursor cannot be assigned; pass it as an argument, or by a pointer'
    end subroutine

    impure elemental subroutine finish(self)
        type(aim_cursor), intent(inout) :: self
        call self%free()
    end subroutine
end module aim_cursors

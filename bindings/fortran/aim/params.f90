! Params on their way into a run, and back as JSON.
module aim_params
    use, intrinsic :: iso_c_binding, only: c_bool, c_char, c_int32_t, c_null_ptr, c_ptr, c_size_t
    use, intrinsic :: iso_fortran_env, only: int64, real64
    use aim_arguments, only: lent
    use aim_c
    use aim_errors, only: settle
    use aim_json_text, only: is_object, json_array
    use aim_text, only: take
    implicit none
    private
    public :: found_in_row, found_in_run, store, store_json

    !> Sets the param `key` of a run.
    interface store
        module procedure store_real, store_integer, store_logical, store_text, store_reals, store_integers
    end interface

contains

    subroutine store_real(run, key, value, stat, errmsg)
        type(c_ptr), intent(in) :: run
        character(*), intent(in) :: key
        real(real64), intent(in) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_key
        type(c_ptr) :: key_address, err
        integer(c_int32_t) :: status
        if (.not. lent('the key', key, c_key, key_address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_run_set_param_double(run, key_address, value, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    subroutine store_integer(run, key, value, stat, errmsg)
        type(c_ptr), intent(in) :: run
        character(*), intent(in) :: key
        integer(int64), intent(in) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_key
        type(c_ptr) :: key_address, err
        integer(c_int32_t) :: status
        if (.not. lent('the key', key, c_key, key_address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_run_set_param_int64(run, key_address, value, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    subroutine store_logical(run, key, value, stat, errmsg)
        type(c_ptr), intent(in) :: run
        character(*), intent(in) :: key
        logical, intent(in) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_key
        type(c_ptr) :: key_address, err
        integer(c_int32_t) :: status
        if (.not. lent('the key', key, c_key, key_address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_run_set_param_bool(run, key_address, logical(value, c_bool), err)
        call settle(status, err, stat, errmsg)
    end subroutine

    subroutine store_text(run, key, value, stat, errmsg)
        type(c_ptr), intent(in) :: run
        character(*), intent(in) :: key, value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_key, c_value
        type(c_ptr) :: key_address, value_address, err
        integer(c_int32_t) :: status
        if (is_object(value)) then
            call store_json(run, key, value, stat, errmsg)
            return
        end if
        if (.not. lent('the key', key, c_key, key_address, stat, errmsg)) return
        if (.not. lent('the text', value, c_value, value_address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_run_set_param_string(run, key_address, value_address, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    subroutine store_reals(run, key, value, stat, errmsg)
        type(c_ptr), intent(in) :: run
        character(*), intent(in) :: key
        real(real64), intent(in) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        call json_array(value, json)
        call store_json(run, key, json, stat, errmsg)
    end subroutine

    subroutine store_integers(run, key, value, stat, errmsg)
        type(c_ptr), intent(in) :: run
        character(*), intent(in) :: key
        integer(int64), intent(in) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        call json_array(value, json)
        call store_json(run, key, json, stat, errmsg)
    end subroutine

    subroutine store_json(run, key, json, stat, errmsg)
        type(c_ptr), intent(in) :: run
        character(*), intent(in) :: key, json
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_key, c_json
        type(c_ptr) :: key_address, json_address, err
        integer(c_int32_t) :: status
        if (.not. lent('the key', key, c_key, key_address, stat, errmsg)) return
        if (.not. lent('the JSON', json, c_json, json_address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_run_set_param(run, key_address, json_address, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Reads a param, or all without `key`, as JSON; '' and false if that fails.
    logical function found_in_run(run, json, key, stat, errmsg) result(found)
        type(c_ptr), intent(in) :: run
        character(:), allocatable, intent(out) :: json
        character(*), intent(in), optional :: key
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_key
        type(c_ptr) :: key_address, text, err
        integer(c_int32_t) :: status
        json = ''
        found = .false.
        if (.not. lent('the key', key, c_key, key_address, stat, errmsg)) return
        text = c_null_ptr
        err = c_null_ptr
        status = aim_run_get_param_json(run, key_address, int(AIM_JSON_WORDS, c_int32_t), text, err)
        call settle(status, err, stat, errmsg)
        call take(text, json)
        found = status == AIM_OK
    end function

    !> The same for the run of a row of a query; rows are counted from 1.
    logical function found_in_row(query, row, json, key, stat, errmsg) result(found)
        type(c_ptr), intent(in) :: query
        integer, intent(in) :: row
        character(:), allocatable, intent(out) :: json
        character(*), intent(in), optional :: key
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_key
        type(c_ptr) :: key_address, text, err
        integer(c_int32_t) :: status
        json = ''
        found = .false.
        if (.not. lent('the key', key, c_key, key_address, stat, errmsg)) return
        text = c_null_ptr
        err = c_null_ptr
        status = aim_query_run_param_json(query, row - 1_c_size_t, key_address, int(AIM_JSON_WORDS, c_int32_t), text, &
            err)
        call settle(status, err, stat, errmsg)
        call take(text, json)
        found = status == AIM_OK
    end function
end module aim_params

! Log records.
module aim_logs
    use, intrinsic :: iso_c_binding, only: c_ptr
    use, intrinsic :: iso_fortran_env, only: real64
    use aim_json_text, only: member_number, member_text, split
    use aim_text, only: aim_string, take
    implicit none
    private
    public :: take_records

    !> A record of one of a run's logs.
    type, public :: aim_log_record
        !> Its number in the log, from 0 on.
        integer :: number = 0
        !> Seconds since 1970-01-01 UTC.
        real(real64) :: time = 0
        !> AIM_LOG_DEBUG to AIM_LOG_CRITICAL in AIM_LOGS_RECORDS, else 0.
        integer :: level = 0
        !> 1 or 2 in AIM_LOGS_TERMINAL, else 0.
        integer :: descriptor = 0
        character(:), allocatable :: text
        !> Where in the source it was logged; '' and 0 if unknown.
        character(:), allocatable :: file
        integer :: line = 0
        character(:), allocatable :: procedure
    end type

contains

    !> The records of the JSON array at `address`, which is given back; none for NULL.
    subroutine take_records(address, records)
        type(c_ptr), intent(in) :: address
        type(aim_log_record), allocatable, intent(inout) :: records(:)
        type(aim_string), allocatable :: texts(:)
        character(:), allocatable :: json
        integer :: i
        call take(address, json)
        call split(json, texts)
        if (allocated(records)) deallocate (records)
        allocate (records(size(texts)))
        do i = 1, size(texts)
            associate (object => texts(i)%text, record => records(i))
                record%number = nint(member_number(object, 'number'))
                record%time = member_number(object, 'time')
                record%level = nint(member_number(object, 'level'))
                record%descriptor = nint(member_number(object, 'descriptor'))
                record%line = nint(member_number(object, 'line'))
                call member_text(object, 'text', record%text)
                call member_text(object, 'file', record%file)
                call member_text(object, 'function', record%procedure)
            end associate
        end do
    end subroutine
end module aim_logs

! Log records.
module aim_logs
    use, intrinsic :: iso_fortran_env, only: real64
    use aim_json_text, only: member, number, split, unquoted
    use aim_text, only: aim_string
    implicit none
    private
    public :: log_records

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

    !> The records of the JSON array that the library gives.
    function log_records(json) result(records)
        character(*), intent(in) :: json
        type(aim_log_record), allocatable :: records(:)
        type(aim_string), allocatable :: texts(:)
        integer :: i
        call split(json, texts)
        allocate (records(size(texts)))
        do i = 1, size(texts)
            associate (text => texts(i)%text, record => records(i))
                record%number = nint(number(member(text, 'number')))
                record%time = number(member(text, 'time'))
                record%level = nint(number(member(text, 'level')))
                record%descriptor = nint(number(member(text, 'descriptor')))
                record%line = nint(number(member(text, 'line')))
                record%text = unquoted(member(text, 'text'))
                record%file = unquoted(member(text, 'file'))
                record%procedure = unquoted(member(text, 'function'))
            end associate
        end do
    end function

end module aim_logs

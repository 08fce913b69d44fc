! The logger of Fortran's standard library (stdlib), whose messages become records of a run's log as well.
!
!     use aim
!     use aim_stdlib
!     type(aim_stdlib_logger) :: logger
!     call logger%log_into(run)
!     call logger%log_warning('the residual grows', module='solver', procedure='sweep')
!
! It is a logger_type of stdlib in all else: level, units, files, layout. Pass it where a class(logger_type) is expected.
module aim_stdlib
    use aim, only: aim_run, AIM_LOG_DEBUG, AIM_LOG_ERROR, AIM_LOG_INFO, AIM_LOG_WARNING
    use stdlib_logger, only: error_level, logger_type, text_error_level
    implicit none
    private

    !> Tracks what it logs. Errors of the run are told on the unit of errors, once.
    type, extends(logger_type), public :: aim_stdlib_logger
        private
        type(aim_run), pointer :: run => null()
        logical, pointer :: told => null()
    contains
        procedure, public, pass(self) :: log_into
        procedure, public, pass(self) :: log_message => log_message_too
        procedure, public, pass(self) :: log_text_error => log_text_error_too
        final :: forget
    end type

contains

    !> Says which run the messages go to, which has to live as long as it is logged to. Without one they go to none.
    subroutine log_into(self, run)
        class(aim_stdlib_logger), intent(inout) :: self
        type(aim_run), intent(in), target, optional :: run
        self%run => null()
        if (present(run)) self%run => run
        if (.not. associated(self%told)) allocate (self%told)
        self%told = .false.
    end subroutine

    !> Where all messages of stdlib's logger go through.
    subroutine log_message_too(self, message, module, procedure, prefix)
        class(aim_stdlib_logger), intent(in) :: self
        character(len=*), intent(in) :: message
        character(len=*), intent(in), optional :: module, procedure, prefix
        call self%logger_type%log_message(message, module, procedure, prefix)
        call track(self, level_of(prefix), trim(message), module, procedure)
    end subroutine

    !> An error in a text that was read: the summary, with the place in it.
    subroutine log_text_error_too(self, line, column, summary, filename, line_number, caret, stat)
        class(aim_stdlib_logger), intent(in) :: self
        character(*), intent(in) :: line
        integer, intent(in) :: column
        character(*), intent(in) :: summary
        character(*), intent(in), optional :: filename
        integer, intent(in), optional :: line_number
        character(1), intent(in), optional :: caret
        integer, intent(out), optional :: stat
        character(32) :: number
        character(:), allocatable :: place
        integer :: level
        call self%logger_type%log_text_error(line, column, summary, filename, line_number, caret, stat)
        call self%configuration(level=level)
        if (level > text_error_level) return
        place = ''
        if (present(filename)) place = trim(filename)//':'
        if (present(line_number)) then
            write (number, '(i0)') line_number
            place = place//trim(number)//':'
        end if
        write (number, '(i0)') column
        call track(self, AIM_LOG_ERROR, place//trim(number)//': '//trim(summary))
    end subroutine

    !> A record of the run's log, whose place in the source is the module and the procedure.
    subroutine track(self, level, message, module, procedure)
        use, intrinsic :: iso_fortran_env, only: error_unit
        class(aim_stdlib_logger), intent(in) :: self
        integer, intent(in) :: level
        character(*), intent(in) :: message
        character(*), intent(in), optional :: module, procedure
        character(400) :: errmsg
        integer :: stat
        if (.not. associated(self%run)) return
        errmsg = ''
        if (present(module)) then
            call self%run%log(level, message, file=trim(module), procedure=procedure, stat=stat, errmsg=errmsg)
        else
            call self%run%log(level, message, file=procedure, procedure=procedure, stat=stat, errmsg=errmsg)
        end if
        if (stat == 0 .or. self%told) return
        self%told = .true.
        write (error_unit, '(a)') 'libaim: a message is not in the log of the run: '//trim(errmsg)
    end subroutine

    integer function level_of(prefix)
        character(*), intent(in), optional :: prefix
        level_of = AIM_LOG_INFO
        if (.not. present(prefix)) return
        select case (prefix)
        case ('DEBUG')
            level_of = AIM_LOG_DEBUG
        case ('WARN')
            level_of = AIM_LOG_WARNING
        case ('ERROR', 'I/O ERROR')
            level_of = AIM_LOG_ERROR
        end select
    end function

    subroutine forget(self)
        type(aim_stdlib_logger), intent(inout) :: self
        if (associated(self%told)) deallocate (self%told)
        self%told => null()
    end subroutine
end module aim_stdlib

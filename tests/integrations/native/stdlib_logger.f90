! As much of stdlib's logger as our module and its example use, with its interface: Debian has no stdlib.
module stdlib_logger
    use, intrinsic :: iso_fortran_env, only: output_unit
    implicit none
    private
    integer, parameter, public :: debug_level = 10, information_level = 20, warning_level = 30, error_level = 40
    integer, parameter, public :: text_error_level = 50

    type, public :: logger_type
        private
        integer :: level = information_level
    contains
        private
        procedure, public, pass(self) :: configuration
        procedure, public, pass(self) :: configure
        procedure, public, pass(self) :: log_debug
        procedure, public, pass(self) :: log_error
        procedure, public, pass(self) :: log_information
        procedure, public, pass(self) :: log_message
        procedure, public, pass(self) :: log_text_error
        procedure, public, pass(self) :: log_warning
    end type

contains

    pure subroutine configuration(self, add_blank_line, indent, level, max_width, time_stamp, log_units)
        class(logger_type), intent(in) :: self
        logical, intent(out), optional :: add_blank_line, indent, time_stamp
        integer, intent(out), optional :: level, max_width
        integer, intent(out), allocatable, optional :: log_units(:)
        if (present(add_blank_line)) add_blank_line = .false.
        if (present(indent)) indent = .true.
        if (present(level)) level = self%level
        if (present(max_width)) max_width = 0
        if (present(time_stamp)) time_stamp = .false.
        if (present(log_units)) allocate (log_units(0))
    end subroutine

    pure subroutine configure(self, add_blank_line, indent, level, max_width, time_stamp)
        class(logger_type), intent(inout) :: self
        logical, intent(in), optional :: add_blank_line, indent, time_stamp
        integer, intent(in), optional :: level, max_width
        if (present(level)) self%level = level
        if (present(add_blank_line) .or. present(indent) .or. present(max_width) .or. present(time_stamp)) continue
    end subroutine

    subroutine log_debug(self, message, module, procedure)
        class(logger_type), intent(in) :: self
        character(len=*), intent(in) :: message
        character(len=*), intent(in), optional :: module, procedure
        if (self%level <= debug_level) call self%log_message(message, module, procedure, 'DEBUG')
    end subroutine

    subroutine log_information(self, message, module, procedure)
        class(logger_type), intent(in) :: self
        character(len=*), intent(in) :: message
        character(len=*), intent(in), optional :: module, procedure
        if (self%level <= information_level) call self%log_message(message, module, procedure, 'INFO')
    end subroutine

    subroutine log_warning(self, message, module, procedure)
        class(logger_type), intent(in) :: self
        character(len=*), intent(in) :: message
        character(len=*), intent(in), optional :: module, procedure
        if (self%level <= warning_level) call self%log_message(message, module, procedure, 'WARN')
    end subroutine

    subroutine log_error(self, message, module, procedure, stat, errmsg)
        class(logger_type), intent(in) :: self
        character(len=*), intent(in) :: message
        character(len=*), intent(in), optional :: module, procedure, errmsg
        integer, intent(in), optional :: stat
        if (present(stat) .or. present(errmsg)) continue
        if (self%level <= error_level) call self%log_message(message, module, procedure, 'ERROR')
    end subroutine

    subroutine log_message(self, message, module, procedure, prefix)
        class(logger_type), intent(in) :: self
        character(len=*), intent(in) :: message
        character(len=*), intent(in), optional :: module, procedure, prefix
        if (self%level < 0) return
        if (present(module)) write (output_unit, '(a)', advance='no') trim(module)//': '
        if (present(procedure)) write (output_unit, '(a)', advance='no') trim(procedure)//': '
        if (present(prefix)) write (output_unit, '(a)', advance='no') prefix//': '
        write (output_unit, '(a)') trim(message)
    end subroutine

    subroutine log_text_error(self, line, column, summary, filename, line_number, caret, stat)
        class(logger_type), intent(in) :: self
        character(*), intent(in) :: line, summary
        integer, intent(in) :: column
        character(*), intent(in), optional :: filename
        integer, intent(in), optional :: line_number
        character(1), intent(in), optional :: caret
        integer, intent(out), optional :: stat
        if (present(filename) .or. present(line_number) .or. present(caret)) continue
        if (present(stat)) stat = 0
        if (self%level <= text_error_level) write (output_unit, '(a, i0)') line//': '//summary, column
    end subroutine
end module stdlib_logger

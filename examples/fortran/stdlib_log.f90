! Logs by the logger of Fortran's stdlib, to the terminal and into a run.
!
!     gfortran -c PREFIX/share/aim/fortran/aim.f90 && gfortran -c PREFIX/share/aim/fortran/aim_stdlib.f90 -I STDLIB
!     gfortran stdlib_log.f90 aim_stdlib.o aim.o -I STDLIB -lfortran_stdlib -laim && ./a.out [REPO]
program logs
    use aim
    use aim_stdlib, only: aim_stdlib_logger
    use stdlib_logger, only: debug_level, logger_type
    implicit none
    type(aim_run) :: run
    type(aim_stdlib_logger) :: logger
    type(aim_log_record), allocatable :: records(:)
    character(256) :: repo
    integer :: i
    call get_command_argument(1, repo)
    call run%open(repo=trim(repo), experiment='stdlib')
    call logger%configure(level=debug_level, time_stamp=.false.)
    call logger%log_into(run)
    call solve(logger)
    records = run%read_logs(AIM_LOGS_RECORDS, 0, 100)
    do i = 1, size(records)
        print '(i0, 6a)', records(i)%level, ' ', records(i)%text, ' [', records(i)%file, '] ', records(i)%procedure
    end do
    call run%close()
    call logger%log_information('behind the end') ! which is told on stderr, once
    call logger%log_information('once more')
contains
    subroutine solve(logger)
        class(logger_type), intent(in) :: logger
        call logger%log_debug('begin')
        call logger%log_information('512 cells', module='mesh')
        call logger%log_warning('the residual grows', module='solver', procedure='sweep')
        call logger%log_error('diverged')
        call logger%log_text_error('dt = fast', 6, 'no number', filename='input.nml', line_number=3)
    end subroutine
end program

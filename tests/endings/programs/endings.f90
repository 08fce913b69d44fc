! endings REPO WAY - opens a run, prints its hash, tracks, and ends in the given way.
program endings
    use, intrinsic :: iso_c_binding, only: c_int
    use, intrinsic :: iso_fortran_env, only: output_unit
    use aim
    implicit none
    interface
        integer(c_int) function getpid() bind(c)
            import :: c_int
        end function
        integer(c_int) function kill(process, signal) bind(c)
            import :: c_int
            integer(c_int), value :: process, signal
        end function
        integer(c_int) function sleep(seconds) bind(c)
            import :: c_int
            integer(c_int), value :: seconds
        end function
        subroutine leave(code) bind(c, name='_exit')
            import :: c_int
            integer(c_int), value :: code
        end subroutine
        subroutine abort() bind(c)
        end subroutine
        subroutine exit_with(code) bind(c, name='exit')
            import :: c_int
            integer(c_int), value :: code
        end subroutine
    end interface
    type(aim_run) :: run
    character(200) :: repo, way
    integer(c_int) :: signal, ignored
    integer :: stat
    call get_command_argument(1, repo)
    call get_command_argument(2, way)
    call run%open(repo=trim(repo))
    print '(a)', run%hash()
    flush (output_unit)
    call run%track('loss', 0.5, 0)
    select case (way)
    case ('close')
        call run%close()
    case ('close twice')
        call run%close()
        call run%close(stat=stat)
    case ('let go')
        call run%free()
    case ('return')
    case ('exit 0')
        call exit_with(0_c_int)
    case ('exit 3')
        stop 3
    case ('exit 130')
        stop 130
    case ('exit 3 after close')
        call run%close()
        stop 3
    case ('error')
        error stop
    case ('error after close')
        call run%close()
        error stop
    case ('close as failed')
        call run%close_as(AIM_RUN_FAILED, exit_code=7)
    case ('close as interrupted')
        call run%close_as(AIM_RUN_INTERRUPTED)
    case ('_exit 0')
        call leave(0_c_int)
    case ('abort')
        call abort()
    case default
        read (way(8:), *) signal
        ignored = kill(getpid(), signal)
        ignored = sleep(10_c_int)
    end select
end program

! The library's version and messages.
module messages
    use aim
    implicit none
    integer :: count = 0, worst = 0

contains

    subroutine note(level, message)
        integer, intent(in) :: level
        character(*), intent(in) :: message
        if (len(message) > 3) count = count + 1
        worst = max(worst, level)
    end subroutine

    subroutine ignore(level, message)
        integer, intent(in) :: level
        character(*), intent(in) :: message
        if (level < 0) print *, message
    end subroutine
end module messages

program test_library
    use aim
    use checks
    use messages
    implicit none
    integer :: before

    call check(aim_has('arrow') .and. aim_has('terminal') .and. .not. aim_has('arro'), 'the parts of the library')
    call check_text(aim_library_version(), AIM_VERSION, 'the library and the module are of one version')
    call check_text(AIM_VERSION, decimal(AIM_VERSION_MAJOR)//'.'//decimal(AIM_VERSION_MINOR)//'.'// &
        decimal(AIM_VERSION_PATCH), 'parts of the version')
    call aim_set_log_callback(AIM_LOG_DEBUG, note)
    call provoke('1')
    call check(count > 0 .and. worst == AIM_LOG_ERROR, 'messages arrive')
    before = count
    call aim_set_log_callback(AIM_LOG_DEBUG, ignore)
    call provoke('2')
    call check(count == before, 'another callback takes over')
    call aim_set_log_callback(AIM_LOG_DEBUG)
    call provoke('3')
    call check(count == before, 'silence')
    call finish()

contains

    !> A journal that makes no sense is set aside, with an error message, by who opens the repository next.
    subroutine provoke(name)
        character(*), intent(in) :: name
        type(aim_run) :: run
        type(aim_repo) :: repo
        integer :: unit
        call run%open(repo=scratch())
        call run%close()
        call run%free()
        open (newunit=unit, file=scratch()//'/.aim/journal/'//repeat(name, 32), action='write')
        write (unit, '(a)') repeat('no journal', 1000)
        close (unit)
        call repo%open(scratch())
    end subroutine
end program test_library

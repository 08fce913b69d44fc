! Artifacts: files that a run logs, found, checked and fetched again.
program test_artifacts
    use aim
    use checks
    use, intrinsic :: iso_fortran_env, only: int64, real64
    implicit none
    !> sha256sum of 'second'.
    character(*), parameter :: sum_of_second = '16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4'
    type(aim_run) :: run, user
    type(aim_repo) :: repo
    integer :: stat
    character(300) :: errmsg
    character(24) :: hash

    call run%open(repo=scratch())
    hash = run%hash()
    call repo%open(scratch())
    call log()
    call use_it()
    call run%close()
    call list()
    call fetch()
    call change()
    call finish()

contains

    function file()
        character(:), allocatable :: file
        file = scratch()//'/model.bin'
    end function

    !> Writes a file of exactly this text, in place of what was there.
    subroutine write_file(text)
        character(*), intent(in) :: text
        integer :: unit
        open (newunit=unit, file=file(), access='stream', status='replace', action='write')
        write (unit) text
        close (unit)
    end subroutine

    subroutine remove_file()
        integer :: unit
        open (newunit=unit, file=file())
        close (unit, status='delete')
    end subroutine

    subroutine log()
        call write_file('first')
        call run%log_artifact(file(), name='model', kind='checkpoint', metadata=aim_object('loss', 0.5), &
            aliases='best,first', step=7_int64, mode=AIM_ARTIFACT_LINK)
        call remove_file()
        call write_file('second')
        call run%log_artifact(file(), name='model', aliases='best', step=8, mode=AIM_ARTIFACT_COPY, wait=.true.)
        call run%log_artifact(file(), checksum=.false.)
        errmsg = ''
        call run%log_artifact('/nowhere', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'a file that is not there', '/nowhere')
        errmsg = ''
        call run%log_artifact(file(), name='../x', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a name that leads elsewhere')
        errmsg = ''
        call run%log_artifact(file(), step=1.5, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a step that is no integer', 'step')
        call run%set_artifacts_uri('s3://bucket/path')
        errmsg = ''
        call run%set_artifacts_uri('a'//achar(0)//'b', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a NUL in an address', 'NUL')
    end subroutine

    subroutine use_it()
        type(aim_artifact_user), allocatable :: users(:)
        call user%open(repo=scratch())
        call user%use_artifact(hash//'/model:best')
        errmsg = ''
        call user%use_artifact(hash//'/nothing', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'what nobody logged', 'nothing')
        call repo%artifact_users(hash//'/model', users)
        call check(size(users) == 1, 'number of users')
        call check_text(users(1)%run, user%hash(), 'who uses it')
        call check(users(1)%version == 1 .and. users(1)%time > 1.6e9_real64, 'the version, and when')
        call user%close()
    end subroutine

    subroutine list()
        type(aim_artifact), allocatable :: all(:)
        type(aim_verified_artifact), allocatable :: checked(:)
        integer :: i
        call repo%artifacts(hash, all)
        call check(size(all) == 3, 'number of versions')
        call check_text(all(1)%name, 'model', 'a name')
        call check(all(1)%version == 0 .and. all(1)%step == 7 .and. all(1)%size == 5 .and. all(1)%files == 0 .and. &
            all(1)%time > 1.6e9_real64 .and. all(1)%mtime > 1600000000000000000_int64, 'numbers')
        call check_text(all(1)%kind, 'checkpoint', 'what it is')
        call check_text(all(1)%mode, 'link', 'what became of the file')
        call check_text(all(1)%metadata, '{"loss":0.5}', 'metadata')
        call check_text(all(1)%state, 'stored', 'its state')
        call check_text(all(1)%path, file(), 'where it was logged')
        call check_text(all(1)%uri, '', 'it was not pushed')
        call check(size(all(1)%aliases) == 1, 'number of aliases')
        call check_text(all(1)%aliases(1)%text, 'first', 'an alias')
        call check(all(2)%version == 1 .and. all(2)%step == 8 .and. size(all(2)%aliases) == 2, 'the latest version')
        call check_text(all(2)%checksum, sum_of_second, 'a checksum')
        call check_text(all(3)%name, 'model.bin', 'the name of a file')
        call check_text(all(3)%checksum, '', 'no checksum')
        call check(all(3)%step == AIM_STEP_AUTO, 'no step')
        call check_text(all(3)%content, file(), 'its bytes are where they were')
        call repo%verify_artifacts(hash, checked)
        call check(size(checked) == 3, 'number of artifacts that are checked')
        do i = 1, 2
            call check(checked(i)%version == i - 1, 'the version that is checked')
            call check_text(checked(i)%name//' '//checked(i)%found, 'model intact', 'what is found')
        end do
        errmsg = ''
        call repo%artifacts('000000000000000000000000', all, stat, errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'a run that is not there')
        call check(size(all) == 0, 'which has no artifacts')
    end subroutine

    subroutine fetch()
        character(:), allocatable :: path
        character(5) :: text
        integer :: unit
        call repo%fetch_artifact(hash//'/model:first', scratch()//'/out', path)
        call check_text(path, scratch()//'/out/model.bin', 'where it is then')
        open (newunit=unit, file=path, access='stream', status='old', action='read')
        read (unit) text
        close (unit)
        call check_text(text, 'first', 'its bytes')
    end subroutine

    subroutine change()
        character(:), allocatable :: path
        call repo%alias_artifact(hash//'/model:v0', 'good')
        call repo%delete_artifact(hash//'/model:good')
        errmsg = ''
        call repo%fetch_artifact(hash//'/model:v0', scratch()//'/out', path, stat, errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'a version that is deleted')
        call check_text(path, '', 'which is nowhere')
    end subroutine
end program test_artifacts

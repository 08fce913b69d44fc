! A repository whose data file was damaged: refused, then salvaged into a new one, and that compacted.
program test_salvage
    use aim
    use checks
    use, intrinsic :: iso_fortran_env, only: int64
    implicit none
    integer, parameter :: runs = 40, points = 300
    type(aim_repo) :: repo
    type(aim_query) :: found
    type(aim_salvage_report) :: report
    type(aim_compact_report) :: compacted
    character(1000) :: errmsg
    integer :: stat

    errmsg = ''
    call aim_repo_salvage(scratch()//'/none', into(), stat=stat, errmsg=errmsg)
    call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'no repository')
    call write_runs()
    errmsg = ''
    call aim_repo_salvage(scratch(), scratch(), stat=stat, errmsg=errmsg)
    call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'into a repository', scratch())
    errmsg = ''
    call aim_repo_salvage(scratch(), 'a'//achar(0), stat=stat, errmsg=errmsg)
    call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a path with a NUL', 'into holds a NUL')

    call erase_pages()
    errmsg = ''
    call repo%open(scratch(), stat=stat, errmsg=errmsg)
    call check_status(stat, AIM_ERR_CORRUPT, errmsg, 'a damaged repository is refused', 'aim_repo_salvage')
    call aim_repo_salvage(scratch(), into(), report, aim_repo_options(flush_interval=2))
    call check(report%lost_pages + report%lost_rows > 0, 'something is lost')
    call check(report%runs > runs / 2 .and. report%metrics > runs / 4 .and. report%metrics <= runs, 'most is not')
    call check(report%points > report%metrics * points / 2, 'nor are points')
    call repo%open(into())
    call repo%query_runs('', found)
    call check(found%size() == report%runs, 'all that was reported is there')
    call found%free()
    errmsg = ''
    call aim_repo_compact(into(), stat=stat, errmsg=errmsg)
    call check_status(stat, AIM_ERR_BUSY, errmsg, 'an open repository is not compacted', into())
    call repo%free()
    call aim_repo_compact(into(), compacted)
    call check(compacted%bytes_after > 0 .and. compacted%bytes_after <= compacted%bytes_before, 'it is compacted')
    call repo%open(into())
    call repo%query_runs('', found)
    call check(found%size() == report%runs, 'all is there still')
    call found%free()
    call repo%free()
    call finish()

contains

    function into()
        character(:), allocatable :: into
        into = scratch()//'/salvaged'
    end function

    subroutine write_runs()
        type(aim_run) :: run
        type(aim_metric) :: loss
        integer :: i, step
        do i = 1, runs
            call run%open(repo=scratch())
            call run%set_param('number', i)
            call run%metric('loss', loss)
            do step = 0, points - 1
                call loss%track(1.0 / (i + step), step)
            end do
            call run%close()
        end do
    end subroutine

    !> Writes zeros over every sixth page of the data file behind the first two.
    subroutine erase_pages()
        integer, parameter :: page = 4096
        integer :: unit, size, first
        open (newunit=unit, file=scratch()//'/.aim/lmdb/data.mdb', access='stream', form='unformatted', &
            action='readwrite', status='old')
        inquire (unit, size=size)
        do first = 2 * page + 1, size, 6 * page
            write (unit, pos=first) repeat(achar(0), page)
        end do
        close (unit)
    end subroutine
end program test_salvage

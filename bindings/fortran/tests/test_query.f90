! Queries: rows, points, properties, options, and administration.
module watching
    use, intrinsic :: iso_fortran_env, only: int64
    implicit none
    integer(int64) :: told_done = -1, told_total = -1
    logical :: give_up = .false.

contains

    subroutine tell(done, total, cancel)
        integer(int64), intent(in) :: done, total
        logical, intent(inout) :: cancel
        told_done = done
        told_total = total
        if (give_up) cancel = .true.
    end subroutine
end module watching

program test_query
    use aim
    use checks
    use watching
    use, intrinsic :: iso_c_binding, only: c_associated
    use, intrinsic :: iso_fortran_env, only: int64, real64
    implicit none
    type(aim_repo) :: repo
    character(24) :: hashes(3)
    integer :: stat
    character(300) :: errmsg

    call write_runs()
    call repo%open(scratch())
    call runs()
    call metrics()
    call samples()
    call failures()
    call options()
    call any_order()
    call parts()
    call errors()
    call administration()
    call repo%free()
    call finish()

contains

    subroutine any_order()
        type(aim_query) :: query
        call repo%query_runs('', query, order_by='run.lr')
        call check(query%run_hash(1) == hashes(3) .and. query%run_hash(3) == hashes(1), 'least first')
        call repo%query_runs('', query, limit=1, order_by='run.lr', descending=.true.)
        call check(query%size() == 1 .and. query%run_hash(1) == hashes(1), 'greatest first')
        call repo%query_metrics('', query, order_by='metric.name', descending=.true.)
        call check(query%metric_name(1) == 'loss', 'metrics in order')
        errmsg = ''
        call repo%query_runs('', query, order_by='run.', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_SYNTAX, errmsg, 'a wrong order', 'order by')
    end subroutine

    subroutine parts()
        type(aim_cursor) :: cursor
        type(aim_query) :: part
        integer :: rows
        rows = 0
        call repo%stream_metrics("metric.name == 'loss'", cursor, order_by='run.lr')
        do while (cursor%next(part))
            if (rows == 0) call check(part%run_hash(1) == hashes(3), 'parts in order')
            rows = rows + part%size()
        end do
        call check(rows == 3, 'every row is in a part')
        call repo%stream_runs('run.', cursor)
        errmsg = ''
        call check(.not. cursor%next(part, stat, errmsg), 'no part with an error')
        call check_status(stat, AIM_ERR_SYNTAX, errmsg, 'the first part tells of a wrong expression')
        call cursor%free()
    end subroutine

    subroutine write_runs()
        type(aim_run) :: run
        type(aim_metric) :: loss
        integer :: i, step
        do i = 1, 3
            call run%open(repo=scratch(), experiment='digits')
            hashes(i) = run%hash()
            call run%set_param('lr', 10.0_real64**(-i))
            if (i == 2) call run%set_param('note', 'text')
            call run%set_name('run '//decimal(i))
            call run%add_tag('tag')
            call run%metric('loss', loss, aim_object('subset', 'train'))
            do step = 0, 99
                call loss%track(1.0_real64 / (step + i), step, step / 10)
            end do
            call run%track('acc', 0.5)
            call run%close()
        end do
        call loss%free()
        call run%free()
    end subroutine

    subroutine runs()
        type(aim_query) :: found
        type(aim_run_properties) :: properties
        call repo%query_runs('run.experiment == "digits"', found)
        call check(found%size() == 3, 'three runs')
        call check_text(found%run_hash(1), hashes(3), 'the newest comes first')
        call check_text(found%run_hash(3), hashes(1), 'the oldest comes last')
        properties = found%run_properties(1)
        call check_text(properties%hash, hashes(3), 'hash')
        call check_text(properties%name, 'run 3', 'name')
        call check_text(properties%description, '', 'description')
        call check_text(properties%experiment, 'digits', 'experiment')
        call check_text(properties%status, 'finished', 'status')
        call check(size(properties%tags) == 1 .and. .not. properties%archived, 'one tag, not archived')
        call check_text(properties%tags(1)%text, 'tag', 'tag')
        call check(properties%created_at > 1.6e9_real64 .and. properties%finalized_at >= properties%created_at, 'times')
        call check(index(found%table(), '"/lr":0.001') > 0 .or. index(found%table(), '"lr":0.001') > 0, 'table')
        call repo%query_runs('run.lr < 0.05', found)
        call check(found%size() == 2, 'the answer before is given back')
        errmsg = ''
        call check_text(found%metric_name(1, stat, errmsg), '', 'a query for runs has no metrics')
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'that is an error', 'row 1 of 2 rows')
        call repo%query_runs('', found)
        call check(found%size() == 3, 'an empty expression selects all')
    end subroutine

    subroutine metrics()
        type(aim_query) :: found
        type(aim_values) :: points
        type(aim_metric_info) :: info
        integer :: i
        call repo%query_metrics('metric.name == "loss" and run.lr > 0.05', found)
        call check(found%size() == 1, 'one metric')
        call check_text(found%run_hash(1), hashes(1), 'its run')
        call check_text(found%metric_name(1), 'loss', 'its name')
        call check_text(found%metric_context(1), '{"subset":"train"}', 'its context')
        points = found%values(1)
        call check(size(points%steps) == 100 .and. size(points%values) == 100 .and. size(points%epochs) == 100 .and. &
            size(points%times) == 100, '100 points')
        call check(all(points%steps == [(int(i, int64), i=0, 99)]), 'steps')
        call check(all(points%values == [(1.0_real64 / i, i=1, 100)]), 'values')
        call check(all(points%epochs == points%steps / 10), 'epochs')
        info = found%metric_info(1)
        call check(info%count == 100 .and. info%first_step == 0 .and. info%last_step == 99, 'info: steps')
        call check(info%first == 1 .and. info%last == 0.01_real64 .and. info%min == 0.01_real64 .and. info%max == 1, &
            'info: values')
        call repo%query_metrics('', found)
        call check(found%size() == 6, 'all metrics')
        call check_text(found%metric_name(1), 'acc', 'by name within a run')
    end subroutine

    subroutine samples()
        type(aim_query) :: found
        type(aim_values) :: points
        call repo%query_metrics('metric.name == "loss"', found)
        points = found%sample(1, 10)
        call check(size(points%steps) <= 10 .and. points%steps(1) == 0 .and. points%steps(size(points%steps)) == 99, 'min-max')
        points = found%sample(1, 12, AIM_SAMPLE_STRIDE)
        call check(size(points%values) <= 12 .and. size(points%times) == size(points%values), 'stride')
        points = found%sample(1, 1000)
        call check(size(points%steps) == 100, 'all, if there are no more')
        errmsg = ''
        points = found%sample(1, 3, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'too few points', '3')
        call check(size(points%steps) == 0, 'no points')
        errmsg = ''
        points = found%sample(1, 10, 9, stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'an unknown method', '9')
        errmsg = ''
        points = found%sample(9, 10, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a row that is not there')
    end subroutine

    subroutine failures()
        type(aim_query) :: found
        character(:), allocatable :: reason
        call repo%query_runs('run.note + 1 > 0', found)
        call check(found%failures(reason) == 3 .and. found%size() == 0, 'all rows failed')
        call check(len(reason) > 3, 'a reason')
        call repo%query_runs('', found)
        call check(found%failures(reason) == 0, 'none failed')
        call check_text(reason, '', 'no reason')
        call check(found%failures() == 0, 'nobody asks for the reason')
        call check_text(found%warning(), '', 'nothing is missing')
    end subroutine

    subroutine options()
        type(aim_query) :: found
        call repo%query_runs('', found, offset=1, limit=1)
        call check(found%size() == 1, 'one row')
        call check_text(found%run_hash(1), hashes(2), 'the second')
        call repo%query_runs('run.lr < 0.05', found, no_index=.true.)
        call check(found%size() == 2, 'without indexes')
        call repo%query_runs('run.lr < 0.05', found, no_index=.true., progress=tell)
        call check(found%size() == 2, 'with progress')
        give_up = .true.
        errmsg = ''
        call repo%query_metrics('run.lr < 0.05', found, no_index=.true., progress=tell, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_CANCELLED, errmsg, 'cancelled')
        call check(told_done >= 0 .and. told_total == 3, 'progress is told')
        call check(found%size() == 2, 'the answer before stays')
        errmsg = ''
        call repo%query_runs('', found, limit=-1, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a negative limit', 'limit is -1, below 0')
        errmsg = ''
        call repo%query_runs('', found, offset=-2, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a negative offset', 'offset is -2, below 0')
        call check(index(repo%explain('run.lr < 0.05'), 'lr') > 0, 'explain')
    end subroutine

    subroutine errors()
        type(aim_query) :: found, never
        type(aim_repo) :: closed
        type(aim_values) :: points
        type(aim_metric_info) :: info
        type(aim_run_properties) :: properties
        errmsg = ''
        call repo%query_runs('run.lr >', found, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_SYNTAX, errmsg, 'a syntax error', '1')
        call check(.not. c_associated(found%handle), 'no answer')
        errmsg = ''
        call check_text(repo%explain('((', stat, errmsg), '', 'no plan')
        call check_status(stat, AIM_ERR_SYNTAX, errmsg, 'a syntax error to explain')
        errmsg = ''
        call repo%query_runs('run'//achar(0), found, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'an expression with a NUL', 'the expression holds a NUL')
        call repo%query_metrics('', found)
        errmsg = ''
        points = found%values(7, stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'values of row 7')
        call check(size(points%values) == 0, 'no values')
        errmsg = ''
        info = found%metric_info(0, stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'info of row 0')
        errmsg = ''
        properties = found%run_properties(-1, stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'properties of row -1')
        errmsg = ''
        call check_text(found%run_hash(7, stat, errmsg), '', 'hash of row 7')
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'hash of row 7', 'row 7 of 6 rows')
        call check(never%size() == 0, 'a query that was not asked')
        errmsg = ''
        call check_text(never%table(stat, errmsg), '', 'has no table')
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'has no table')
        call check(never%failures(stat=stat) == 0 .and. stat == AIM_ERR_INVALID_ARGUMENT, 'has no failures')
        errmsg = ''
        call closed%query_runs('', found, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a repository that is not open', 'NULL')
        errmsg = ''
        call closed%open(scratch()//'/nope', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'a repository that is not there', '/nope')
        errmsg = ''
        call closed%open(scratch(), aim_repo_options(flush_interval=-1.0_real64), stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a negative interval')
        call closed%open(scratch(), aim_repo_options(flush_interval=2.0_real64), stat)
        call check(stat == AIM_OK, 'options of a repository')
    end subroutine

    subroutine administration()
        type(aim_run) :: run
        type(aim_query) :: found
        type(aim_repo_stats) :: stats
        stats = repo%stats()
        call check(stats%runs == 3 .and. stats%file_bytes > 0 .and. stats%used_bytes > 0, 'stats')
        call run%open(repo=scratch())
        errmsg = ''
        call repo%delete_run(run%hash(), stat, errmsg)
        call check_status(stat, AIM_ERR_BUSY, errmsg, 'a run that is being written')
        call run%close()
        call run%free()
        call repo%query_runs('', found)
        call repo%delete_run(hashes(2))
        call repo%query_runs('run.experiment == "digits"', found)
        call check(found%size() == 2, 'a deleted run is gone')
        errmsg = ''
        call repo%delete_run(hashes(2), stat, errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'deleted twice', hashes(2))
        call repo%free()
        call check_text(found%run_hash(1), hashes(3), 'queries stay valid without their repository')
        stats = repo%stats(stat)
        call check(stat == AIM_ERR_INVALID_ARGUMENT .and. stats%runs == 0, 'no stats of a repository that was given back')
    end subroutine
end program test_query

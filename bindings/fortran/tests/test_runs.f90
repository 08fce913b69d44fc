! Runs: open, properties, continue, logs, what happens to handles.
program test_runs
    use aim
    use checks
    use, intrinsic :: iso_c_binding, only: c_associated
    use, intrinsic :: iso_fortran_env, only: error_unit, int64, real64
    implicit none
    integer :: stat
    character(300) :: errmsg

    call properties()
    call continued()
    call options()
    call logs()
    call terminal()
    call errors()
    call lifetimes()
    call finish()

contains

    subroutine properties()
        type(aim_run) :: run
        type(aim_string), allocatable :: tags(:)
        character(40) :: padded
        call run%open(repo=scratch(), experiment='digits')
        call check(len(run%hash()) == 24 .and. verify(run%hash(), '0123456789abcdef') == 0, 'a hash of 24 hex digits')
        call check_text(run%experiment(), 'digits', 'experiment')
        call check_text(run%name(), 'Run: '//run%hash(), 'name of a run without one')
        call check_text(run%description(), '', 'no description')
        tags = run%tags()
        call check(size(tags) == 0, 'no tags')
        padded = 'Szenario ✓'
        call run%set_name(padded)
        call run%set_description('line'//new_line('a')//'line')
        call run%set_experiment('other')
        call run%add_tag('first')
        call run%add_tag('zweites "Tag" \ ✓ 😀')
        call run%add_tag('third'//achar(9)//'tag')
        call run%remove_tag('first')
        call check_text(run%name(), 'Szenario ✓', 'name, without trailing blanks')
        call check_text(run%description(), 'line'//new_line('a')//'line', 'description')
        call check_text(run%experiment(), 'other', 'moved to another experiment')
        tags = run%tags()
        call check(size(tags) == 2, 'two tags')
        call check_text(tags(1)%text, 'zweites "Tag" \ ✓ 😀', 'first tag')
        call check_text(tags(2)%text, 'third'//achar(9)//'tag', 'second tag')
        call check(.not. run%archived(), 'not archived')
        call run%set_archived(.true.)
        call check(run%archived(), 'archived')
        call run%set_archived(.false.)
        call check(.not. run%archived(), 'not archived any more')
        call run%close()
    end subroutine

    subroutine continued()
        type(aim_run) :: run
        type(aim_repo) :: repo
        type(aim_query) :: found
        character(:), allocatable :: hash
        type(aim_values) :: points
        call run%open(repo=scratch(), experiment='continued')
        hash = run%hash()
        call run%track('loss', 1.0_real64)
        call run%close()
        call run%open(repo=scratch(), run_hash=hash)
        call check_text(run%hash(), hash, 'the same run')
        call check_text(run%experiment(), 'continued', 'keeps its experiment')
        call run%track('loss', 0.5_real64)
        call run%close()
        call repo%open(scratch())
        call repo%query_metrics('run.hash == "'//hash//'"', found)
        points = found%values(1)
        call check(all(points%steps == [0_int64, 1_int64]), 'steps go on')
    end subroutine

    subroutine options()
        type(aim_run) :: run
        character(:), allocatable :: params
        call run%open(repo=scratch(), repo_options=aim_repo_options(flush_interval=0.5_real64), &
            system_tracking_interval=0.1_real64, system_tracking_group='group of '//scratch(), &
            log_system_params=.true., mask_names='AIM_TEST_SECRET', capture_terminal_logs=.false., &
            env_names='AIM_TEST_*')
        params = run%param_json('__system_params')
        call check(index(params, 'do not tell') == 0 .and. index(params, 'AIM_TEST_SECRET') > 0, 'masks names')
        call check(index(params, '"HOME"') == 0 .and. index(params, '"PATH"') == 0, 'records named variables only')
        call run%close()
        errmsg = ''
        call run%open(repo=scratch(), system_tracking_interval=0.01_real64, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'too often', '0.01')
        errmsg = ''
        call run%open(repo=scratch(), repo_options=aim_repo_options(flush_interval=-1.0_real64), stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a negative interval')
    end subroutine

    subroutine logs()
        type(aim_run) :: run
        type(aim_repo) :: repo
        type(aim_log_record), allocatable :: records(:)
        integer :: first, end
        call run%open(repo=scratch())
        call run%log(AIM_LOG_WARNING, 'loss is "rising"', file='solver.f90', line=17, procedure='solve')
        call run%log(AIM_LOG_CRITICAL, 'from elsewhere')
        records = run%read_logs(AIM_LOGS_RECORDS, 0, 10)
        call check(size(records) == 2, 'two records')
        call check(records(1)%number == 0 .and. records(1)%level == AIM_LOG_WARNING .and. records(1)%line == 17, 'numbers')
        call check(records(1)%time > 1.6e9_real64, 'time')
        call check_text(records(1)%text, 'loss is "rising"', 'text')
        call check_text(records(1)%file, 'solver.f90', 'file')
        call check_text(records(1)%procedure, 'solve', 'procedure')
        call check_text(records(2)%file, '', 'no file')
        call check(records(2)%line == 0 .and. records(2)%level == AIM_LOG_CRITICAL, 'no line')
        errmsg = ''
        call run%log(1000, 'no such level', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a level too high', '1000')
        errmsg = ''
        records = run%read_logs(7, 0, 10, stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'no such log', '7')
        call check(size(records) == 0, 'no records')
        call run%close()

        call repo%open(scratch())
        records = repo%read_logs(run%hash(), AIM_LOGS_RECORDS, 1, 10)
        call check(size(records) == 1, 'the repository reads from the second on')
        call repo%count_logs(run%hash(), AIM_LOGS_RECORDS, first, end)
        call check(first == 0 .and. end == 2, 'counts records')
        call repo%count_logs(run%hash(), AIM_LOGS_TERMINAL, first, end)
        call check(first == 0 .and. end == 0, 'counts terminal lines')
        errmsg = ''
        call repo%count_logs(repeat('0', 24), AIM_LOGS_RECORDS, first, end, stat, errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'logs of an unknown run', repeat('0', 24))
        errmsg = ''
        records = repo%read_logs(repeat('0', 24), AIM_LOGS_RECORDS, 0, 1, stat, errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'records of an unknown run')
    end subroutine

    subroutine terminal()
        type(aim_run) :: run
        type(aim_repo) :: repo
        type(aim_log_record), allocatable :: records(:)
        integer :: first, end, i, n
        call run%open(repo=scratch(), capture_terminal_logs=.true.)
        write (error_unit, '(a)') '# a line for the terminal'
        flush (error_unit)
        call run%close()
        call repo%open(scratch())
        call repo%count_logs(run%hash(), AIM_LOGS_TERMINAL, first, end)
        call check(first == 0 .and. end >= 1, 'lines of the terminal')
        records = repo%read_logs(run%hash(), AIM_LOGS_TERMINAL, 0, 100)
        n = 0
        do i = 1, size(records)
            if (records(i)%text == '# a line for the terminal' .and. records(i)%descriptor == 2) n = n + 1
        end do
        call check(n == 1, 'the line is recorded')
    end subroutine

    subroutine errors()
        type(aim_run) :: run, never
        type(aim_metric) :: metric
        real(real64) :: number
        errmsg = ''
        call run%open(repo='/proc/none', stat=stat, errmsg=errmsg)
        call check(stat /= AIM_OK .and. index(errmsg, '/proc/none') > 0, 'names a repository that it cannot use')
        errmsg = ''
        call run%open(repo=scratch(), run_hash=repeat('0', 24), stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'an unknown hash', repeat('0', 24))
        errmsg = ''
        call run%open(repo=scratch()//achar(0)//'x', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a path with a NUL', 'repo holds a NUL at position')
        call check(.not. c_associated(run%handle), 'nothing is open after errors')

        call run%open(repo=scratch(), stat=stat, errmsg=errmsg)
        call check(stat == AIM_OK, 'stat is AIM_OK after a success')
        errmsg = 'unchanged'
        call run%set_name('name', stat, errmsg)
        call check(stat == AIM_OK .and. errmsg == 'unchanged', 'errmsg stays as it is after a success')
        errmsg = ''
        call run%set_name(char(255), stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'no UTF-8', 'UTF-8')
        errmsg = ''
        call run%set_name('a'//achar(0)//'b', stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a name with a NUL', 'the name holds a NUL at position 2')
        errmsg = ''
        call run%track('loss', 1, context='no object', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a context that is no JSON')
        errmsg = ''
        call run%track('loss', 1, context='['//achar(0), stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a context with a NUL', 'the context holds a NUL')
        errmsg = ''
        call run%metric('', metric, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a metric without a name')
        errmsg = ''
        call run%set_param_json('key', '{', stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a param that is no JSON')
        block
            character(10) :: short
            call run%set_param_json('key', '{', stat, short)
            call check(short == errmsg(:10), 'a short errmsg gets the beginning')
        end block

        call run%metric('loss', metric)
        call metric%track(1.0_real64)
        call run%close()
        errmsg = ''
        call run%close(stat, errmsg)
        call check_status(stat, AIM_ERR_CLOSED, errmsg, 'closed twice')
        errmsg = ''
        call run%track('loss', 1.0, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_CLOSED, errmsg, 'track after close')
        errmsg = ''
        call metric%track(1.0, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_CLOSED, errmsg, 'track by a metric after close')
        errmsg = ''
        call metric%track_many([1.0, 2.0], stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_CLOSED, errmsg, 'track many after close')
        errmsg = ''
        call run%set_param('key', 1, stat, errmsg)
        call check_status(stat, AIM_ERR_CLOSED, errmsg, 'param after close')
        errmsg = ''
        call run%flush(stat, errmsg)
        call check_status(stat, AIM_ERR_CLOSED, errmsg, 'flush after close')
        errmsg = ''
        call check_text(run%name(stat, errmsg), '', 'no name after close')
        call check_status(stat, AIM_ERR_CLOSED, errmsg, 'name after close')
        call check(.not. run%archived(stat) .and. stat == AIM_ERR_CLOSED, 'archived after close')
        call check(size(run%tags(stat)) == 0 .and. stat == AIM_ERR_CLOSED, 'tags after close')
        call run%log(AIM_LOG_INFO, 'x', stat=stat)
        call check(stat == AIM_ERR_CLOSED, 'log after close')

        errmsg = ''
        call never%flush(stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a run that was never opened', 'not open')
        call check_text(never%hash(), '', 'it has no hash')
        call never%track('loss', 1, stat=stat)
        call check(stat == AIM_ERR_INVALID_ARGUMENT, 'it does not track')
        call check(size(never%param_bytes('key', stat)) == 0 .and. stat == AIM_ERR_INVALID_ARGUMENT, 'it has no bytes')
        number = 7
        call never%get_param('lr', number, stat)
        call check(stat == AIM_ERR_INVALID_ARGUMENT .and. number == 7, 'it has no params')
        call metric%free()
        errmsg = ''
        call metric%track(1, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a metric that was given back', 'not resolved')
        call metric%free()
        call never%free()
    end subroutine

    subroutine lifetimes()
        type(aim_metric), allocatable :: metrics(:)
        type(aim_repo) :: repo
        type(aim_query) :: found
        character(:), allocatable :: hash
        integer :: i
        block
            type(aim_run) :: run
            call run%open(repo=scratch(), experiment='dropped')
            hash = run%hash()
            allocate (metrics(3))
            do i = 1, 3
                call run%metric('m'//decimal(i), metrics(i))
                call metrics(i)%track(i)
            end do
            call run%metric('m4', metrics(1)) ! gives the first one back
            call metrics(1)%track(4)
            call run%flush()
            call drop(run)
        end block
        deallocate (metrics)
        call repo%open(scratch())
        call repo%query_metrics('run.hash == "'//hash//'"', found)
        call check(found%size() == 4, 'all that was tracked is there after the handles are gone')
    end subroutine

    !> Gives the run back twice, as its end of life will once more.
    subroutine drop(run)
        type(aim_run), intent(inout) :: run
        call run%free()
        call run%free()
        call check(.not. c_associated(run%handle), 'free')
    end subroutine
end program test_runs

! A run's whole life: ids, backfill, outcomes, rewinding, editing what is stored.
program test_life
    use aim
    use checks
    use, intrinsic :: iso_fortran_env, only: int64, real64
    implicit none

    call found_by_id()
    call switched_off()
    call past()
    call edited()
    call finish()

contains

    subroutine check_status_of(hash, want)
        character(*), intent(in) :: hash, want
        type(aim_repo) :: repo
        type(aim_query) :: query
        type(aim_run_properties) :: properties
        call repo%open(scratch())
        call repo%open_run(hash, query)
        properties = query%run_properties(1)
        call check_text(properties%status, want, 'status')
    end subroutine

    subroutine switched_off()
        type(aim_run) :: run
        type(aim_repo) :: repo
        type(aim_query) :: query
        integer :: i, stat
        call run%open(repo=scratch()//'/off', mode=AIM_MODE_DISABLED)
        call run%track('loss', 1.0)
        call run%close()
        call repo%open(scratch()//'/off', stat=stat)
        call check(stat == AIM_ERR_NOT_FOUND, 'a run that is switched off leaves nothing')
        call run%open(repo=scratch()//'/off', mode=AIM_MODE_ENABLED, system_tracking_interval=0.1_real64, &
            system_tracking_children=.true.)
        call repo%open(scratch()//'/off')
        do i = 1, 1200 ! the first reading comes when it is made
            call repo%query_metrics("metric.name == '__system__children_count'", query)
            if (query%size() == 1) exit
            call execute_command_line('sleep 0.05')
        end do
        call check(query%size() == 1, 'what the children use')
        call run%close()
    end subroutine

    subroutine found_by_id()
        type(aim_run) :: run, again
        type(aim_repo) :: repo
        type(aim_query) :: query
        type(aim_metric_info) :: info
        integer :: step, dropped, stat
        call run%open(repo=scratch(), run_id='job 1', run_id_mode=AIM_CREATE)
        call again%open(repo=scratch(), run_id='job 1', run_id_mode=AIM_CREATE, stat=stat)
        call check(stat == AIM_ERR_EXISTS, 'an id is created once')
        do step = 0, 149
            call run%track('loss', -step, step)
        end do
        call run%rewind(140, name='acc', dropped=dropped)
        call check(dropped == 0, 'nothing of another metric is dropped')
        call run%rewind(140, dropped=dropped)
        call check(dropped == 10, 'points are dropped')
        call run%close_as(AIM_RUN_INTERRUPTED, signal=2)
        call check_status_of(run%hash(), 'interrupted')
        call again%open(repo=scratch(), run_id='job 1', resume_step=100)
        call check_text(again%hash(), run%hash(), 'hash')
        call repo%open(scratch())
        call repo%open_metrics(again%hash(), query)
        info = query%metric_info(1)
        call check(info%count == 100, 'the tail is gone')
        call again%start_closing()
        call again%wait(60.0_real64)
        call check_status_of(run%hash(), 'finished')
    end subroutine

    subroutine past()
        type(aim_run) :: run
        type(aim_metric) :: metric
        integer :: stat
        call run%open(repo=scratch(), new_hash='0123456789abcdef01234567', created_at=1.5e9_real64, no_lease=.true.)
        call run%metric('loss', metric)
        call metric%track_many_at([1.0_real64, 2.0_real64], [1.5e9_real64, 1.6e9_real64], steps=[0_int64, 10_int64])
        call metric%track_many_at([1.0_real64], [1.0e300_real64], stat=stat)
        call check(stat == AIM_ERR_INVALID_ARGUMENT, 'a time that is none')
        call run%log_at(1.5e9_real64, AIM_LOG_INFO, 'then')
        call run%add_terminal_line_at(1.5e9_real64, 1, 'line')
        call run%close_as(AIM_RUN_FAILED, exit_code=3, finalized_at=1.6e9_real64)
        call check_status_of('0123456789abcdef01234567', 'failed')
    end subroutine

    subroutine edited()
        type(aim_run) :: run
        type(aim_repo) :: repo
        type(aim_edit) :: edit
        type(aim_string), allocatable :: names(:)
        character(:), allocatable :: json
        integer, allocatable :: counts(:)
        integer :: count, busy, stat
        call run%open(repo=scratch(), experiment='old')
        call run%track('good', 1)
        call run%track('junk', 1)
        call run%close()
        call repo%open(scratch())
        call edit%set_name('renamed')
        call edit%set_experiment('new')
        call edit%add_tag('t')
        call edit%set_param_json('/net/depth', '3')
        call edit%drop_metric('junk')
        call edit%add_note('a note')
        call edit%set_name('', stat=stat)
        call check(stat == AIM_ERR_INVALID_ARGUMENT, 'an empty name')
        call repo%edit_run(run%hash(), edit)
        call edit%free()
        call edit%set_note(1, 'better')
        call repo%edit_runs("run.experiment == 'new'", edit, count)
        call check(count == 1, 'runs are edited by a query')
        call repo%notes(run%hash(), json)
        call check(index(json, 'better') > 0, 'a note')
        call repo%list(AIM_LIST_METRIC_NAMES, names, counts, expression="run.net.depth == 3")
        call check(size(names) == 1 .and. counts(1) == 1, 'a list')
        call check_text(names(1)%text, 'good', 'the metric that is left')
        call repo%describe(AIM_TAGS, 't', 'what it means', '#00ff00')
        call repo%rename(AIM_EXPERIMENTS, 'new', 'newer', count)
        call check(count == 1, 'an experiment is renamed')
        call repo%delete_tag('t', count)
        call check(count == 1, 'a tag is deleted')
        call repo%delete_runs("run.experiment == 'newer'", count, busy)
        call check(count == 1 .and. busy == 0, 'runs are deleted')
    end subroutine
end program

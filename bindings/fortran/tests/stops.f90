! What ends the program: argument 2 says which.
program stops
    use aim
    use checks, only: scratch
    implicit none
    type :: holder
        type(aim_run) :: run
    end type
    type(aim_run) :: run, other
    type(aim_metric) :: metric, other_metric
    type(aim_repo) :: repo, other_repo
    type(aim_query) :: found, other_query
    type(holder) :: a, b
    character(40) :: what, errmsg
    call get_command_argument(2, what)
    call run%open(repo=scratch())
    select case (what)
    case ('error')
        call run%set_param_json('key', '{')
    case ('errmsg')
        call run%set_param_json('key', '{', errmsg=errmsg)
    case ('nul')
        call run%set_name('a'//achar(0)//'b')
    case ('run')
        other = run
    case ('metric')
        call run%metric('loss', metric)
        other_metric = metric
    case ('repo')
        call repo%open(scratch())
        other_repo = repo
    case ('query')
        call repo%open(scratch())
        call repo%query_runs('', found)
        other_query = found
    case ('component')
        b = a
    case ('unopened')
        call other%track('loss', 1.0)
        call other%metric('loss', metric)
        call metric%track(1.0)
        call other_metric%track_many([1.0, 2.0])
        call other%set_param('lr', 1.0)
        call other%set_name('none')
        call other%close()
    case ('refused')
        call run%track('', 1.0)
        call run%track('loss', 1.0, context='[1]')
        call run%metric('loss', metric)
        call metric%track_many([1.0, 2.0], [1])
        call run%close()
        call run%track('loss', 2.0)
        call metric%track(2.0)
    case ('key')
        print *, aim_object('key')
    case ('type')
        print *, aim_object('key', (0.0, 1.0))
    end select
    print *, 'goes on'
end program stops

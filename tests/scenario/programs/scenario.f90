! The scenario in Fortran.
!
!     scenario write REPO FILE          does the steps and prints the run's hash
!     scenario read REPO FILE HASH      checks the expectations; exit status 1 and what differs if any is not met
module scenario_lines
    use, intrinsic :: ieee_arithmetic, only: ieee_is_nan
    use, intrinsic :: iso_fortran_env, only: error_unit, int64, iostat_end, real64
    use aim
    implicit none
    integer, parameter :: longest = 4000

contains

    !> Splits `text` at each `separator`.
    subroutine split(text, separator, fields)
        character(*), intent(in) :: text, separator
        type(aim_string), allocatable, intent(out) :: fields(:)
        integer :: i, n, first
        n = 1
        do i = 1, len(text)
            if (text(i:i) == separator) n = n + 1
        end do
        allocate (fields(n))
        first = 1
        n = 1
        do i = 1, len(text) + 1
            if (i <= len(text)) then
                if (text(i:i) /= separator) cycle
            end if
            fields(n)%text = text(first:i - 1)
            first = i + 1
            n = n + 1
        end do
    end subroutine

    !> The fields of the next line that is no comment, none at the end of the file.
    subroutine next_line(unit, fields)
        integer, intent(in) :: unit
        type(aim_string), allocatable, intent(out) :: fields(:)
        character(longest) :: line
        integer :: status
        do
            read (unit, '(a)', iostat=status) line
            if (status == iostat_end) return
            if (status /= 0) error stop 'cannot read the scenario'
            if (line /= '' .and. line(1:1) /= '#') exit
        end do
        call split(trim(line), achar(9), fields)
    end subroutine

    logical function is_expectation(fields)
        type(aim_string), intent(in) :: fields(:)
        is_expectation = index(fields(1)%text, 'expect-') == 1
    end function

    integer(int64) function step_or_epoch(text) result(number)
        character(*), intent(in) :: text
        number = AIM_STEP_AUTO
        if (text /= 'auto' .and. text /= 'none') read (text, *) number
    end function

    real(real64) function value_of(text) result(value)
        character(*), intent(in) :: text
        read (text, *) value
    end function
end module scenario_lines

module scenario_writer
    use scenario_lines
    implicit none

contains

    subroutine write_run(repo, path)
        character(*), intent(in) :: repo, path
        type(aim_run) :: run
        type(aim_string), allocatable :: f(:)
        character(:), allocatable :: hash
        integer :: unit
        open (newunit=unit, file=path, action='read', status='old')
        do
            call next_line(unit, f)
            if (.not. allocated(f)) exit
            if (is_expectation(f)) cycle
            select case (f(1)%text)
            case ('experiment')
                call run%open(repo=repo, experiment=f(2)%text)
                hash = run%hash()
            case ('continue')
                call run%open(repo=repo, run_hash=hash)
            case ('name')
                call run%set_name(f(2)%text)
            case ('description')
                call run%set_description(f(2)%text)
            case ('tag')
                call run%add_tag(f(2)%text)
            case ('param')
                call run%set_param_json(f(2)%text, f(3)%text)
            case ('delete')
                call run%delete_param(f(2)%text)
            case ('track')
                call run%track(f(2)%text, value_of(f(5)%text), step_or_epoch(f(4)%text), step_or_epoch(f(6)%text), &
                    context=f(3)%text)
            case ('close')
                call run%close()
            case default
                error stop 'unknown line'
            end select
        end do
        close (unit)
        print '(a)', hash
    end subroutine
end module scenario_writer

module scenario_reader
    use scenario_lines
    implicit none
    integer :: differences = 0

contains

    subroutine expect(good, what, found)
        logical, intent(in) :: good
        character(*), intent(in) :: what, found
        if (good) return
        differences = differences + 1
        write (error_unit, '(4a)') what, ': found ', found
    end subroutine

    subroutine read_run(repo_path, path, hash)
        character(*), intent(in) :: repo_path, path, hash
        type(aim_repo) :: repo
        type(aim_query) :: runs, metrics
        type(aim_string), allocatable :: f(:)
        integer :: unit, row, stat
        call repo%open(repo_path)
        call repo%query_runs('run.hash == "'//hash//'"', runs)
        call repo%query_metrics('run.hash == "'//hash//'"', metrics)
        if (runs%size() /= 1) error stop 'the run is not there'
        open (newunit=unit, file=path, action='read', status='old')
        row = 0
        do
            call next_line(unit, f)
            if (.not. allocated(f)) exit
            if (.not. is_expectation(f)) cycle
            select case (f(1)%text)
            case ('expect-property')
                call expect_property(runs%run_properties(1), f(2)%text, f(3)%text)
            case ('expect-param')
                call expect(runs%param_json(1, f(2)%text) == f(3)%text, f(2)%text, runs%param_json(1, f(2)%text))
            case ('expect-no-param')
                call expect(runs%param_json(1, f(2)%text, stat) == '' .and. stat == AIM_ERR_NOT_FOUND, f(2)%text, 'it')
            case ('expect-metric')
                row = row + 1
                if (row <= metrics%size()) call expect_metric(metrics, row, f)
            case default
                error stop 'unknown line'
            end select
        end do
        close (unit)
        call expect(row == metrics%size(), 'number of metrics', 'another')
    end subroutine

    subroutine expect_property(properties, name, json)
        type(aim_run_properties), intent(in) :: properties
        character(*), intent(in) :: name, json
        character(:), allocatable :: found
        integer :: i
        select case (name)
        case ('experiment')
            found = '"'//properties%experiment//'"'
        case ('name')
            found = '"'//properties%name//'"'
        case ('description')
            found = '"'//properties%description//'"'
        case ('status')
            found = '"'//properties%status//'"'
        case ('archived')
            found = trim(merge('true ', 'false', properties%archived))
        case ('tags')
            found = ''
            do i = 1, size(properties%tags)
                found = found//',"'//properties%tags(i)%text//'"'
            end do
            found = '['//found(2:)//']'
        case default
            error stop 'unknown property'
        end select
        call expect(found == json, name, found)
    end subroutine

    subroutine expect_metric(metrics, row, f)
        type(aim_query), intent(in) :: metrics
        integer, intent(in) :: row
        type(aim_string), intent(in) :: f(:)
        type(aim_string), allocatable :: steps(:), values(:), epochs(:)
        type(aim_values) :: points
        real(real64) :: value
        integer :: i
        call expect(metrics%metric_name(row) == f(2)%text, 'metric '//f(2)%text, metrics%metric_name(row))
        call expect(metrics%metric_context(row) == f(3)%text, 'context of '//f(2)%text, metrics%metric_context(row))
        call split(f(4)%text, ',', steps)
        call split(f(5)%text, ',', values)
        call split(f(6)%text, ',', epochs)
        points = metrics%values(row)
        call expect(size(steps) == size(points%steps) .and. size(values) == size(points%values) .and. &
            size(epochs) == size(points%epochs), 'points of '//f(2)%text, 'another number')
        do i = 1, min(size(points%steps), size(steps), size(values), size(epochs))
            value = value_of(values(i)%text)
            call expect(points%steps(i) == step_or_epoch(steps(i)%text), f(2)%text//': step '//steps(i)%text, 'another')
            call expect(points%epochs(i) == step_or_epoch(epochs(i)%text), f(2)%text//': epoch '//epochs(i)%text, &
                'another')
            call expect(same(points%values(i), value), f(2)%text//': value '//values(i)%text, 'another')
        end do
    end subroutine

    !> The same bits, or both NaN.
    logical function same(a, b)
        real(real64), intent(in) :: a, b
        same = transfer(a, 0_int64) == transfer(b, 0_int64) .or. (ieee_is_nan(a) .and. ieee_is_nan(b))
    end function
end module scenario_reader

program scenario
    use scenario_reader
    use scenario_writer
    implicit none
    character(longest) :: arguments(4)
    integer :: i
    do i = 1, 4
        call get_command_argument(i, arguments(i))
    end do
    select case (arguments(1))
    case ('write')
        call write_run(trim(arguments(2)), trim(arguments(3)))
    case ('read')
        call read_run(trim(arguments(2)), trim(arguments(3)), trim(arguments(4)))
        if (differences > 0) error stop 1
    case default
        error stop 'usage: scenario write REPO FILE | scenario read REPO FILE HASH'
    end select
end program scenario

! Repositories.
module aim_repos
    use, intrinsic :: iso_c_binding, only: c_char, c_int32_t, c_int64_t, c_loc, c_null_ptr, c_ptr, c_size_t, c_sizeof
    use aim_arguments, only: lent
    use aim_artifacts, only: repo_artifacts
    use aim_asking, only: aim_asked, aim_query_bounds, aim_query_progress, prepared
    use aim_c
    use aim_cursors, only: aim_cursor
    use aim_edits, only: aim_edit
    use aim_errors, only: settle
    use aim_logs, only: aim_log_record, take_records
    use aim_queries, only: aim_query
    use aim_text, only: aim_string, copy, take
    implicit none
    private

    !> An open repository, for queries and administration. Threads may share it.
    type, extends(repo_artifacts), public :: aim_repo
    contains
        procedure :: open => open_repo
        procedure :: query_runs, query_metrics, query_objects, stream_runs, stream_metrics, query_arrow, explain
        procedure :: read_logs, count_logs
        procedure :: open_run, open_metrics, list
        procedure :: delete_run, delete_runs, stats
        procedure :: edit_run, edit_runs, notes, describe, delete_tag
        procedure :: rename => rename_everywhere
        procedure :: free => free_repo
        procedure, private :: refuse_copy
        generic, public :: assignment(=) => refuse_copy
        final :: finish
    end type

    public :: compact, salvage

contains

    !> Opens a repository that exists. `repo` is the directory that holds `.aim`; without it the nearest one upwards
    !> from the working directory is taken. A repository that the variable held before is given back.
    subroutine open_repo(self, repo, options, stat, errmsg)
        class(aim_repo), intent(inout) :: self
        character(*), intent(in), optional :: repo
        type(aim_repo_options), intent(in), optional :: options
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_repo_options), target :: c_options
        character(kind=c_char, len=:), allocatable, target :: c_repo
        type(c_ptr) :: repo_address, opened, err
        integer(c_int32_t) :: status
        if (.not. lent('repo', repo, c_repo, repo_address, stat, errmsg)) return
        if (present(options)) c_options = options
        c_options%struct_size = c_sizeof(c_options)
        opened = c_null_ptr
        err = c_null_ptr
        status = aim_repo_open(repo_address, c_loc(c_options), opened, err)
        if (status == AIM_OK) then
            call self%free()
            self%handle = opened
        end if
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Copies what is intact in the repository `repo`, whose database cannot be opened (AIM_ERR_CORRUPT), into a new
    !> one, `into`, and leaves the damaged one as it is. `report` receives what was brought over and what was lost,
    !> `options` are those of the new repository. Programs call it aim_repo_salvage.
    subroutine salvage(repo, into, report, options, stat, errmsg)
        character(*), intent(in) :: repo, into
        type(aim_salvage_report), intent(inout), optional :: report
        type(aim_repo_options), intent(in), optional :: options
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_salvage_report) :: c_report
        type(aim_repo_options), target :: c_options
        character(kind=c_char, len=:), allocatable, target :: c_repo, c_into
        type(c_ptr) :: repo_address, into_address, err
        integer(c_int32_t) :: status
        if (.not. lent('repo', repo, c_repo, repo_address, stat, errmsg)) return
        if (.not. lent('into', into, c_into, into_address, stat, errmsg)) return
        if (present(options)) c_options = options
        c_options%struct_size = c_sizeof(c_options)
        c_report%struct_size = c_sizeof(c_report)
        err = c_null_ptr
        status = aim_repo_salvage(repo_address, into_address, c_loc(c_options), c_report, err)
        if (status == AIM_OK .and. present(report)) report = c_report
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Makes the data file of the repository `repo` as small as what it holds, while nobody has it open. `report` receives
    !> what was given back. Programs call it aim_repo_compact.
    subroutine compact(repo, report, options, stat, errmsg)
        character(*), intent(in) :: repo
        type(aim_compact_report), intent(inout), optional :: report
        type(aim_repo_options), intent(in), optional :: options
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_compact_report) :: c_report
        type(aim_repo_options), target :: c_options
        character(kind=c_char, len=:), allocatable, target :: c_repo
        type(c_ptr) :: repo_address, err
        integer(c_int32_t) :: status
        if (.not. lent('repo', repo, c_repo, repo_address, stat, errmsg)) return
        if (present(options)) c_options = options
        c_options%struct_size = c_sizeof(c_options)
        c_report%struct_size = c_sizeof(c_report)
        err = c_null_ptr
        status = aim_repo_compact(repo_address, c_loc(c_options), c_report, err)
        if (status == AIM_OK .and. present(report)) report = c_report
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Selects runs by an AimQL expression, a Python expression over `run`; an empty one selects all. An answer that the
    !> variable held before is given back. `offset` rows are left out at the beginning, at most `limit` are returned,
    !> all if it is 0. With `no_index` the expression is evaluated on every run, with the same answer. `bounds` says what
    !> the query may cost. `order_by` is an expression, as in 'metric.last', 'run.hparams.lr', whose value puts the rows in
    !> order, least first, or greatest first if `descending`; rows without a value come last.
    subroutine query_runs(self, expression, query, offset, limit, no_index, progress, bounds, stat, errmsg, order_by, &
        descending)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: expression
        type(aim_query), intent(inout) :: query
        integer, intent(in), optional :: offset, limit
        logical, intent(in), optional :: no_index
        procedure(aim_query_progress), optional :: progress
        type(aim_query_bounds), intent(in), optional :: bounds
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(*), intent(in), optional :: order_by
        logical, intent(in), optional :: descending
        call ask(self, expression, AIM_QUERY_RUNS, query, offset, limit, no_index, progress, bounds, order_by, descending, &
            stat, errmsg)
    end subroutine

    !> Selects metrics by an expression over `run` and `metric`; else as query_runs.
    subroutine query_metrics(self, expression, query, offset, limit, no_index, progress, bounds, stat, errmsg, order_by, &
        descending)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: expression
        type(aim_query), intent(inout) :: query
        integer, intent(in), optional :: offset, limit
        logical, intent(in), optional :: no_index
        procedure(aim_query_progress), optional :: progress
        type(aim_query_bounds), intent(in), optional :: bounds
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(*), intent(in), optional :: order_by
        logical, intent(in), optional :: descending
        call ask(self, expression, AIM_QUERY_METRICS, query, offset, limit, no_index, progress, bounds, order_by, descending, &
            stat, errmsg)
    end subroutine

    !> Selects as query_runs, for answers that are larger than memory: `cursor` gives them in parts of some thousands of rows.
    !> What is wrong with the expression is told by the first part. `bounds` hold for each part.
    subroutine stream_runs(self, expression, cursor, offset, limit, no_index, bounds, stat, errmsg, order_by, descending)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: expression
        type(aim_cursor), intent(inout) :: cursor
        integer, intent(in), optional :: offset, limit
        logical, intent(in), optional :: no_index
        type(aim_query_bounds), intent(in), optional :: bounds
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(*), intent(in), optional :: order_by
        logical, intent(in), optional :: descending
        call begin(self, expression, AIM_QUERY_RUNS, cursor, offset, limit, no_index, bounds, order_by, descending, stat, errmsg)
    end subroutine

    !> Selects as query_metrics, in parts; else as stream_runs.
    subroutine stream_metrics(self, expression, cursor, offset, limit, no_index, bounds, stat, errmsg, order_by, descending)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: expression
        type(aim_cursor), intent(inout) :: cursor
        integer, intent(in), optional :: offset, limit
        logical, intent(in), optional :: no_index
        type(aim_query_bounds), intent(in), optional :: bounds
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(*), intent(in), optional :: order_by
        logical, intent(in), optional :: descending
        call begin(self, expression, AIM_QUERY_METRICS, cursor, offset, limit, no_index, bounds, order_by, descending, stat, errmsg)
    end subroutine

    !> Selects sequences of objects of a kind, AIM_QUERY_IMAGES, ..., by an expression over `run` and what the library calls
    !> the kind: images, texts, audios, distributions, figures, videos, tables, arrays; else as query_runs.
    subroutine query_objects(self, kind, expression, query, offset, limit, no_index, progress, bounds, stat, errmsg, &
        order_by, descending)
        class(aim_repo), intent(in) :: self
        integer, intent(in) :: kind
        character(*), intent(in) :: expression
        type(aim_query), intent(inout) :: query
        integer, intent(in), optional :: offset, limit
        logical, intent(in), optional :: no_index
        procedure(aim_query_progress), optional :: progress
        type(aim_query_bounds), intent(in), optional :: bounds
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(*), intent(in), optional :: order_by
        logical, intent(in), optional :: descending
        call ask(self, expression, kind, query, offset, limit, no_index, progress, bounds, order_by, descending, stat, &
            errmsg)
    end subroutine

    !> Opens a run for reading by its hash: `query` has the run as its one row. An answer that the variable held before is
    !> given back.
    subroutine open_run(self, run_hash, query, stat, errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: run_hash
        type(aim_query), intent(inout) :: query
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call open_stored(self, run_hash, AIM_QUERY_RUNS, query, stat, errmsg)
    end subroutine

    !> Opens the metrics of a run for reading, by its hash; else as open_run.
    subroutine open_metrics(self, run_hash, query, stat, errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: run_hash
        type(aim_query), intent(inout) :: query
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call open_stored(self, run_hash, AIM_QUERY_METRICS, query, stat, errmsg)
    end subroutine

    subroutine open_stored(self, run_hash, kind, query, stat, errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: run_hash
        integer, intent(in) :: kind
        type(aim_query), intent(inout) :: query
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_hash
        type(c_ptr) :: address, answer, err
        integer(c_int32_t) :: status
        if (.not. lent('the hash', run_hash, c_hash, address, stat, errmsg)) return
        answer = c_null_ptr
        err = c_null_ptr
        status = aim_repo_open_run(self%handle, address, int(kind, c_int32_t), answer, err)
        if (status == AIM_OK) then
            call query%free()
            query%handle = answer
        end if
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Makes changes to one stored run, which is not opened: its status and its times stay.
    subroutine edit_run(self, run_hash, edit, stat, errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: run_hash
        type(aim_edit), intent(in) :: edit
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_hash
        type(c_ptr) :: address, err
        integer(c_int32_t) :: status
        if (.not. lent('the hash', run_hash, c_hash, address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_repo_edit_run(self%handle, address, edit%handle, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Makes changes to all runs that an expression selects, or to none; `count` receives their number.
    subroutine edit_runs(self, expression, edit, count, stat, errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: expression
        type(aim_edit), intent(in) :: edit
        integer, intent(out), optional :: count
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_expression
        type(c_ptr) :: address, err
        integer(c_int64_t) :: changed
        integer(c_int32_t) :: status
        if (.not. lent('the expression', expression, c_expression, address, stat, errmsg)) return
        changed = 0
        err = c_null_ptr
        status = aim_repo_edit_runs(self%handle, address, edit%handle, changed, err)
        if (present(count)) count = int(changed)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Deletes all runs that an expression selects, except those that are being written; `count` and `busy` receive the
    !> numbers of both.
    subroutine delete_runs(self, expression, count, busy, stat, errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: expression
        integer, intent(out), optional :: count, busy
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_expression
        type(c_ptr) :: address, err
        integer(c_int64_t) :: gone, written
        integer(c_int32_t) :: status
        if (.not. lent('the expression', expression, c_expression, address, stat, errmsg)) return
        gone = 0
        written = 0
        err = c_null_ptr
        status = aim_repo_delete_runs(self%handle, address, gone, written, err)
        if (present(count)) count = int(gone)
        if (present(busy)) busy = int(written)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> The notes of a run as JSON, as aim_repo_get_notes of the C interface.
    subroutine notes(self, run_hash, json, stat, errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: run_hash
        character(:), allocatable, intent(out) :: json
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_hash
        type(c_ptr) :: address, text, err
        integer(c_int32_t) :: status
        json = ''
        if (.not. lent('the hash', run_hash, c_hash, address, stat, errmsg)) return
        text = c_null_ptr
        err = c_null_ptr
        status = aim_repo_get_notes(self%handle, address, text, err)
        call take(text, json)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Describes an experiment or a tag: `what` is AIM_EXPERIMENTS or AIM_TAGS; `colour` is '#' and six hex digits.
    subroutine describe(self, what, name, description, colour, stat, errmsg)
        class(aim_repo), intent(in) :: self
        integer, intent(in) :: what
        character(*), intent(in) :: name
        character(*), intent(in), optional :: description, colour
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_name, c_description, c_colour
        type(c_ptr) :: name_address, description_address, colour_address, err
        integer(c_int32_t) :: status
        if (.not. lent('the name', name, c_name, name_address, stat, errmsg)) return
        if (.not. lent('the description', description, c_description, description_address, stat, errmsg)) return
        if (.not. lent('the colour', colour, c_colour, colour_address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_repo_describe(self%handle, int(what, c_int32_t), name_address, description_address, colour_address, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Renames an experiment or a tag in all runs that have it; `what` is AIM_EXPERIMENTS or AIM_TAGS.
    subroutine rename_everywhere(self, what, from, to, count, stat, errmsg)
        class(aim_repo), intent(in) :: self
        integer, intent(in) :: what
        character(*), intent(in) :: from, to
        integer, intent(out), optional :: count
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_from, c_to
        type(c_ptr) :: from_address, to_address, err
        integer(c_int64_t) :: changed
        integer(c_int32_t) :: status
        if (.not. lent('the old name', from, c_from, from_address, stat, errmsg)) return
        if (.not. lent('the new name', to, c_to, to_address, stat, errmsg)) return
        changed = 0
        err = c_null_ptr
        status = aim_repo_rename(self%handle, int(what, c_int32_t), from_address, to_address, changed, err)
        if (present(count)) count = int(changed)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Takes a tag from all runs that have it.
    subroutine delete_tag(self, tag, count, stat, errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: tag
        integer, intent(out), optional :: count
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_tag
        type(c_ptr) :: address, err
        integer(c_int64_t) :: changed
        integer(c_int32_t) :: status
        if (.not. lent('the tag', tag, c_tag, address, stat, errmsg)) return
        changed = 0
        err = c_null_ptr
        status = aim_repo_delete_tag(self%handle, address, changed, err)
        if (present(count)) count = int(changed)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Lists what all runs have, or those that an expression selects: `what` is one of AIM_LIST_...; `counts` receives the
    !> number of runs of each name.
    subroutine list(self, what, names, counts, expression, stat, errmsg)
        class(aim_repo), intent(in) :: self
        integer, intent(in) :: what
        type(aim_string), allocatable, intent(out) :: names(:)
        integer, allocatable, intent(out), optional :: counts(:)
        character(*), intent(in), optional :: expression
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_expression
        type(c_ptr) :: address, found, err
        integer(c_int32_t) :: status
        integer(c_size_t) :: i, n
        allocate (names(0))
        if (.not. lent('the expression', expression, c_expression, address, stat, errmsg)) return
        found = c_null_ptr
        err = c_null_ptr
        status = aim_repo_list(self%handle, int(what, c_int32_t), address, found, err)
        n = aim_list_len(found)
        deallocate (names)
        allocate (names(n))
        if (present(counts)) allocate (counts(n))
        do i = 1, n
            call copy(aim_list_name(found, i - 1), names(i)%text)
            if (present(counts)) counts(i) = int(aim_list_count(found, i - 1))
        end do
        call aim_list_free(found)
        call settle(status, err, stat, errmsg)
    end subroutine

    subroutine ask(self, expression, kind, query, offset, limit, no_index, progress, bounds, order_by, descending, stat, &
        errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: expression
        integer, intent(in) :: kind
        type(aim_query), intent(inout) :: query
        integer, intent(in), optional :: offset, limit
        logical, intent(in), optional :: no_index
        procedure(aim_query_progress), optional :: progress
        type(aim_query_bounds), intent(in), optional :: bounds
        character(*), intent(in), optional :: order_by
        logical, intent(in), optional :: descending
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_asked), target :: asked
        character(kind=c_char, len=:), allocatable, target :: c_expression
        type(c_ptr) :: expression_address, answer, err
        integer(c_int32_t) :: status
        if (.not. lent('the expression', expression, c_expression, expression_address, stat, errmsg)) return
        if (.not. prepared(asked, offset, limit, no_index, progress, bounds, order_by, descending, stat=stat, &
            errmsg=errmsg)) return
        answer = c_null_ptr
        err = c_null_ptr
        status = aim_repo_query_with(self%handle, expression_address, int(kind, c_int32_t), c_loc(asked%c), answer, err)
        if (status == AIM_OK) then
            call query%free()
            query%handle = answer
        end if
        call settle(status, err, stat, errmsg)
    end subroutine

    subroutine begin(self, expression, kind, cursor, offset, limit, no_index, bounds, order_by, descending, stat, errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: expression
        integer, intent(in) :: kind
        type(aim_cursor), intent(inout) :: cursor
        integer, intent(in), optional :: offset, limit
        logical, intent(in), optional :: no_index
        type(aim_query_bounds), intent(in), optional :: bounds
        character(*), intent(in), optional :: order_by
        logical, intent(in), optional :: descending
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_asked), target :: asked
        character(kind=c_char, len=:), allocatable, target :: c_expression
        type(c_ptr) :: expression_address, begun, err
        integer(c_int32_t) :: status
        if (.not. lent('the expression', expression, c_expression, expression_address, stat, errmsg)) return
        if (.not. prepared(asked, offset, limit, no_index, bounds=bounds, order_by=order_by, descending=descending, &
            stat=stat, errmsg=errmsg)) return
        begun = c_null_ptr
        err = c_null_ptr
        status = aim_cursor_open(self%handle, expression_address, int(kind, c_int32_t), c_loc(asked%c), begun, err)
        if (status == AIM_OK) then
            call cursor%free()
            cursor%handle = begun
        end if
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Asks as query_runs or query_metrics, by `kind`, AIM_QUERY_RUNS or AIM_QUERY_METRICS, and fills the struct
    !> ArrowArrayStream (Arrow's C Stream Interface) at `stream`, which is then the caller's to release; as
    !> aim_repo_query_arrow_with. The stream has the columns that `columns` names, in their order; all without it.
    subroutine query_arrow(self, expression, kind, stream, stat, errmsg, offset, limit, no_index, progress, bounds, &
        order_by, descending, columns)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: expression
        integer, intent(in) :: kind
        type(c_ptr), intent(in) :: stream
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer, intent(in), optional :: offset, limit
        logical, intent(in), optional :: no_index
        procedure(aim_query_progress), optional :: progress
        type(aim_query_bounds), intent(in), optional :: bounds
        character(*), intent(in), optional :: order_by
        logical, intent(in), optional :: descending
        character(*), intent(in), optional :: columns(:)
        type(aim_asked), target :: asked
        character(kind=c_char, len=:), allocatable, target :: c_expression
        type(c_ptr) :: expression_address, err
        integer(c_int32_t) :: status
        if (.not. lent('the expression', expression, c_expression, expression_address, stat, errmsg)) return
        if (.not. prepared(asked, offset, limit, no_index, progress, bounds, order_by, descending, columns, stat, &
            errmsg)) return
        err = c_null_ptr
        status = aim_repo_query_arrow_with(self%handle, expression_address, int(kind, c_int32_t), c_loc(asked%c), stream, &
            err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> How a query would be answered, in words: what the indexes answer, and on how many runs the expression is
    !> evaluated.
    function explain(self, expression, stat, errmsg) result(plan)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: expression
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: plan
        character(kind=c_char, len=:), allocatable, target :: c_expression
        type(c_ptr) :: expression_address, text, err
        integer(c_int32_t) :: status
        plan = ''
        if (.not. lent('the expression', expression, c_expression, expression_address, stat, errmsg)) return
        text = c_null_ptr
        err = c_null_ptr
        status = aim_query_explain(self%handle, expression_address, text, err)
        call take(text, plan)
        call settle(status, err, stat, errmsg)
    end function

    !> Reads the logs of any run; else as read_logs of a run.
    function read_logs(self, run_hash, stream, first, count, stat, errmsg) result(records)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: run_hash
        integer, intent(in) :: stream, first, count
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_log_record), allocatable :: records(:)
        character(kind=c_char, len=:), allocatable, target :: c_hash
        type(c_ptr) :: hash_address, json, err
        integer(c_int32_t) :: status
        allocate (records(0))
        if (.not. lent('the hash', run_hash, c_hash, hash_address, stat, errmsg)) return
        json = c_null_ptr
        err = c_null_ptr
        status = aim_repo_read_logs(self%handle, hash_address, int(stream, c_int32_t), int(first, c_int64_t), &
            int(count, c_int64_t), json, err)
        call take_records(json, records)
        call settle(status, err, stat, errmsg)
    end function

    !> Which records of a run's log are there: `first` is the number of the first that is kept, `end` the one after the
    !> last. Both are 0 for an empty log.
    subroutine count_logs(self, run_hash, stream, first, end, stat, errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: run_hash
        integer, intent(in) :: stream
        integer, intent(out) :: first, end
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_hash
        integer(c_int64_t) :: c_first, c_end
        type(c_ptr) :: hash_address, err
        integer(c_int32_t) :: status
        first = 0
        end = 0
        if (.not. lent('the hash', run_hash, c_hash, hash_address, stat, errmsg)) return
        c_first = 0
        c_end = 0
        err = c_null_ptr
        status = aim_repo_count_logs(self%handle, hash_address, int(stream, c_int32_t), c_first, c_end, err)
        first = int(c_first)
        end = int(c_end)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Deletes a run with its params and points; AIM_ERR_BUSY if it is being written.
    subroutine delete_run(self, run_hash, stat, errmsg)
        class(aim_repo), intent(in) :: self
        character(*), intent(in) :: run_hash
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_hash
        type(c_ptr) :: hash_address, err
        integer(c_int32_t) :: status
        if (.not. lent('the hash', run_hash, c_hash, hash_address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_repo_delete_run(self%handle, hash_address, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Figures of the repository and of this process's writing to it.
    function stats(self, stat, errmsg)
        class(aim_repo), intent(in) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_repo_stats) :: stats
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        stats%struct_size = c_sizeof(stats)
        err = c_null_ptr
        status = aim_repo_get_stats(self%handle, stats, err)
        call settle(status, err, stat, errmsg)
    end function

    !> Gives the repository back before it goes out of scope; its queries stay valid. Nothing happens if it is free.
    subroutine free_repo(self)
        class(aim_repo), intent(inout) :: self
        call aim_repo_free(self%handle)
        self%handle = c_null_ptr
    end subroutine

    subroutine refuse_copy(left, right)
        class(aim_repo), intent(inout) :: left
        class(aim_repo), intent(in) :: right
        if (.not. same_type_as(left, right)) error stop
        error stop 'aim: a repository cannot be assigned; pass it as an argument, or by a pointer'
    end subroutine

    impure elemental subroutine finish(self)
        type(aim_repo), intent(inout) :: self
        call self%free()
    end subroutine
end module aim_repos

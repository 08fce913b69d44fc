# Editing what is stored, without opening runs: their status and their times stay as they are.

"""
    Aim.edit!(repo, run_hash; changes...)
    Aim.edit_runs!(repo, expression; changes...)

Changes one stored run, or all that an AimQL expression selects; the second returns their number. All changes are made, or
none:

- `name`, `description`, `experiment`, `archived`: new values of these properties;
- `add_tags`, `remove_tags`: texts;
- `params`: pairs of key or JSON Pointer and value, or a dictionary; `delete_params`: keys;
- `add_notes`: texts; `notes`: pairs of number and new text, `nothing` deletes;
- `drop_metrics`: names, or pairs of name and context (a named tuple): metrics that are deleted with their points.
"""
function edit!(repo::Repo, run_hash::AbstractString; changes...)
    with_edit(changes) do edit
        check(err -> aim_repo_edit_run(repo, run_hash, edit, err))
    end
    return repo
end

edit_runs!(repo::Repo, expression::AbstractString; changes...) = with_edit(changes) do edit
    Int(receive((out, err) -> aim_repo_edit_runs(repo, expression, edit, out, err), UInt64))
end

function with_edit(call, changes)
    edit = receive(aim_edit_new, Ptr{aim_edit}, C_NULL)
    try
        for (name, value) in changes
            haskey(CHANGES, name) || throw(ArgumentError("$name is no change of a run; there are $(join(keys(CHANGES), ", "))"))
            CHANGES[name](edit, value)
        end
        return call(edit)
    finally
        aim_edit_free(edit)
    end
end

each(call) = (edit, texts) -> foreach(text -> check(err -> call(edit, text, err)), texts)

function edit_note(edit, (number, text))
    text === nothing && return check(err -> aim_edit_delete_note(edit, number, err))
    return check(err -> aim_edit_set_note(edit, number, text, err))
end

function drop_metric(edit, metric)
    name, context = metric isa Pair ? (metric.first, JSON.encode(metric.second)) : (metric, C_NULL)
    check(err -> aim_edit_drop_metric(edit, string(name), context, err))
end

const CHANGES = (
    name=(edit, text) -> check(err -> aim_edit_set_name(edit, text, err)),
    description=(edit, text) -> check(err -> aim_edit_set_description(edit, text, err)),
    experiment=(edit, text) -> check(err -> aim_edit_set_experiment(edit, text, err)),
    archived=(edit, flag) -> check(err -> aim_edit_set_archived(edit, flag, err)),
    add_tags=each(aim_edit_add_tag),
    remove_tags=each(aim_edit_remove_tag),
    params=(edit, params) -> foreach(pairs_of(params)) do (key, value)
        check(err -> aim_edit_set_param(edit, string(key), JSON.encode(value), err))
    end,
    delete_params=each(aim_edit_delete_param),
    add_notes=each(aim_edit_add_note),
    notes=(edit, notes) -> foreach(note -> edit_note(edit, note), notes),
    drop_metrics=(edit, metrics) -> foreach(metric -> drop_metric(edit, metric), metrics),
)

pairs_of(params::Union{NamedTuple,AbstractDict}) = pairs(params)
pairs_of(params) = params

"""
    Aim.delete_runs!(repo, expression)

Deletes all runs that an expression selects, except those that are being written; returns the numbers of both as
`(deleted=…, busy=…)`.
"""
function delete_runs!(repo::Repo, expression::AbstractString)
    count, busy = Ref{UInt64}(0), Ref{UInt64}(0)
    check(err -> aim_repo_delete_runs(repo, expression, count, busy, err))
    return (deleted=Int(count[]), busy=Int(busy[]))
end

"""
    Aim.notes(repo, run_hash)

The notes of a run, oldest first: dictionaries with `number`, `text`, `created_at`, `updated_at` and `history`.
"""
notes(repo::Repo, run_hash::AbstractString) =
    JSON.decode(receive_text((out, err) -> aim_repo_get_notes(repo, run_hash, out, err)))

const SUBJECTS = (experiment=AIM_EXPERIMENTS, tag=AIM_TAGS)

"""
    Aim.describe!(repo, what, name, description; colour="")

Describes an experiment or a tag: `what` is `:experiment` or `:tag`, `colour` "#" and six hexadecimal digits.
"""
function describe!(repo::Repo, what, name, description=""; colour="")
    subject = choose(what, SUBJECTS, "what")
    check(err -> aim_repo_describe(repo, subject, name, description, colour, err))
    return repo
end

"""
    Aim.rename!(repo, what, from, to)

Renames an experiment or a tag in all runs that have it; returns their number. `what` is `:experiment` or `:tag`.
"""
function rename!(repo::Repo, what, from, to)
    subject = choose(what, SUBJECTS, "what")
    return Int(receive((out, err) -> aim_repo_rename(repo, subject, from, to, out, err), UInt64))
end

"""
    Aim.delete_tag!(repo, tag)

Takes a tag from all runs that have it; returns their number.
"""
delete_tag!(repo::Repo, tag) = Int(receive((out, err) -> aim_repo_delete_tag(repo, tag, out, err), UInt64))

const LISTED = (
    experiments=AIM_LIST_EXPERIMENTS, tags=AIM_LIST_TAGS, metric_names=AIM_LIST_METRIC_NAMES,
    contexts=AIM_LIST_CONTEXTS, param_keys=AIM_LIST_PARAM_KEYS,
)

"""
    Aim.list(repo, what, expression=nothing)

What all runs have, or those that an expression selects: pairs of name and number of runs, by name. `what` is
`:experiments`, `:tags`, `:metric_names`, `:contexts` or `:param_keys`.
"""
function list(repo::Repo, what, expression=nothing)
    number, text = choose(what, LISTED, "what"), something(expression, C_NULL)
    found = receive((out, err) -> aim_repo_list(repo, number, text, out, err), Ptr{aim_list}, C_NULL)
    try
        return Pair{String,Int}[
            unsafe_string(aim_list_name(found, i)) => aim_list_count(found, i) for i in 0:aim_list_len(found)-1
        ]
    finally
        aim_list_free(found)
    end
end

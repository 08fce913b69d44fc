# Queries.

"What a query found, in the library's memory."
mutable struct Answer
    ptr::Ptr{aim_query}
    Answer(ptr) = free_with(aim_query_free, new(ptr))
end

Base.unsafe_convert(::Type{Ptr{aim_query}}, answer::Answer) = answer.ptr

"""
The answer to a query, a snapshot: a vector of `Row`s, which are [`Aim.RunRow`](@ref)s, [`Aim.MetricRow`](@ref)s or
[`Aim.SequenceRow`](@ref)s.
"""
struct Query{Row} <: AbstractVector{Row}
    answer::Answer
    length::Int
end

"""
    query(repo, expression=""; offset=0, limit=nothing, order_by=nothing, rev=false, progress=nothing, use_index=true,
          bounds...)

The metrics that an AimQL expression selects, all by default: a Python expression over `run` and `metric`, as in
`"metric.name == 'loss' and run.hparams.lr > 1e-4"`. Archived runs are left out unless it mentions `run.archived`. The
newest run comes first, then by name, then by context. The answer holds all that this process tracked before.

`order_by` is an expression, as in `"metric.last"`, `"run.hparams.lr"`, `"(run.experiment, run.created_at)"`, whose value
puts the rows in order: least first, or with `rev=true` greatest first; rows without a value come last.

`offset` rows are left out at the beginning, `limit` is the most to return. `progress(done, total)` is called every
few milliseconds with the number of runs looked at and to look at; `true` or an exception ends the query, as does an
interrupt. `use_index=false` evaluates the expression on every run; the answer is the same.

The bounds: `timeout`, seconds that the query may take (60; `Inf`: as long as it takes), `max_steps` of all rows (10^9),
`max_rows` of the answer (10^7) and `max_memory` that they take in bytes (2^30), of which more is an error; and
`max_row_steps` (10^6) and `max_row_memory` (2^24) of a row, of which more is a failure of the row.
"""
query(repo::Repo, expression::AbstractString=""; options...) =
    ask(MetricRow, AIM_QUERY_METRICS, repo, expression; options...)

"""
    query_runs(repo, expression=""; offset=0, limit=nothing, order_by=nothing, rev=false, progress=nothing, use_index=true,
               bounds...)

The runs that an AimQL expression selects, newest first; else as [`query`](@ref).
"""
query_runs(repo::Repo, expression::AbstractString=""; options...) =
    ask(RunRow, AIM_QUERY_RUNS, repo, expression; options...)

"A query that is being answered."
mutable struct Asking
    progress::Any
    failure::Any
end

"Called by the library while a query is answered; a result other than 0 cancels it."
function tell(done::UInt64, total::UInt64, userdata::Ptr{Cvoid})
    asking = unsafe_pointer_to_objref(userdata)::Asking
    try
        GC.safepoint() # an interrupt comes in here
        return Int32(asking.progress !== nothing && asking.progress(Int(done), Int(total)) === true)
    catch failure
        asking.failure = failure
        return Int32(1)
    end
end

"""
Calls `f` with the options of a query, a `Ref{aim_query_options}` that is valid meanwhile. What the callback of a query
raised is raised here.
"""
function asking_with(
    f, asking::Asking;
    offset=0, limit=nothing, order_by=nothing, rev=false, use_index=true, columns=nothing, timeout=nothing,
    max_steps=nothing, max_row_steps=nothing, max_row_memory=nothing, max_rows=nothing, max_memory=nothing,
)
    limit === nothing || limit >= 1 || throw(ArgumentError("limit $limit: it is at least 1"))
    order = order_by === nothing ? nothing : Base.cconvert(Cstring, String(order_by))
    names = columns === nothing ? String[] : String[Base.cconvert(Cstring, String(name)) for name in columns]
    GC.@preserve asking order names begin
        pointers = Cstring[Base.unsafe_convert(Cstring, name) for name in names]
        push!(pointers, Cstring(C_NULL))
        GC.@preserve pointers begin
            options = aim_query_options(;
                offset=offset, limit=something(limit, 0), no_index=!use_index, json=AIM_JSON_WORDS,
                timeout=something(timeout, 0.0), max_steps=something(max_steps, 0),
                max_row_steps=something(max_row_steps, 0), max_row_memory=something(max_row_memory, 0),
                max_rows=something(max_rows, 0), max_memory=something(max_memory, 0),
                progress=@cfunction(tell, Int32, (UInt64, UInt64, Ptr{Cvoid})),
                progress_userdata=pointer_from_objref(asking),
                order_by=order === nothing ? Cstring(C_NULL) : Base.unsafe_convert(Cstring, order), descending=rev,
                columns=columns === nothing ? Ptr{Cstring}(C_NULL) : pointer(pointers), columns_len=length(names),
            )
            return settled(() -> f(Ref(options)), asking)
        end
    end
end

"What `f` gives; or what the callback of the query raised meanwhile."
function settled(f, asking::Asking)
    try
        return f()
    catch
        failure, asking.failure = asking.failure, nothing
        failure === nothing || throw(failure)
        rethrow()
    end
end

function ask(::Type{Row}, kind, repo, expression; progress=nothing, options...) where {Row}
    ptr = asking_with(Asking(progress, nothing); options...) do c_options
        receive(Ptr{aim_query}, Ptr{aim_query}(C_NULL)) do out, err
            aim_repo_query_with(repo, expression, kind, c_options, out, err)
        end
    end
    return found_rows(Row, ptr)
end

function found_rows(::Type{Row}, ptr) where {Row}
    answer = Answer(ptr)
    return Query{Row}(answer, Int(aim_query_len(answer)))
end

"""
    Aim.open_run(repo, run_hash)
    Aim.open_metrics(repo, run_hash)

A run for reading, as a [`Aim.RunRow`](@ref), or its metrics, by its hash and without a query.
"""
open_run(repo::Repo, run_hash) = open_rows(RunRow, repo, run_hash, AIM_QUERY_RUNS)[1]
open_metrics(repo::Repo, run_hash) = open_rows(MetricRow, repo, run_hash, AIM_QUERY_METRICS)

function open_rows(::Type{Row}, repo, run_hash, kind) where {Row}
    ptr = receive((out, err) -> aim_repo_open_run(repo, run_hash, kind, out, err), Ptr{aim_query}, Ptr{aim_query}(C_NULL))
    return found_rows(Row, ptr)
end

"""
    Aim.failures(query)

How many rows the expression failed on, which are not in the answer, and why the first one did, or `nothing`: a named
tuple of `count` and `reason`.
"""
function failures(query::Query)
    reason = Ref{Cstring}(Cstring(C_NULL))
    count = receive((out, err) -> aim_query_failures(query.answer, out, reason, err), UInt64)
    return (count=Int(count), reason=reason[] == C_NULL ? nothing : take_text(reason[]))
end

"""
    Aim.warning(query)

What the answer misses, as text for people: values that could not be committed, on a full disk, say. `nothing` for an
answer that holds all that was tracked before.
"""
function warning(query::Query)
    GC.@preserve query begin
        text = aim_query_warning(query.answer)
        return text == C_NULL ? nothing : unsafe_string(text)
    end
end

"""
    Aim.explain(repo, expression)

How a query would be answered, as text for people: which conditions the indexes answer and with how many runs, and how
many runs the expression is evaluated on.
"""
explain(repo::Repo, expression::AbstractString) =
    receive_text((out, err) -> aim_query_explain(repo, expression, out, err))

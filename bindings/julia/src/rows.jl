# Rows of queries.

"""
A run as a query found it, for reading; changing it takes `Run(run_hash=row.hash)`.

Properties: `hash`, `name`, `description`, `experiment`, `tags`, `archived`, `status` ("running", "finished", "failed",
"interrupted" or "crashed"), `created_at` and `finalized_at` (seconds since 1970-01-01 UTC; `nothing` while running),
`exit_code`, `signal` and `run_id` (`nothing` where there is none). `row[key,
path...]`, `get`, `haskey` and [`Aim.params`](@ref) read params, as of a `Run`.
"""
struct RunRow
    answer::Answer
    index::Int # from 0
end

"""
A metric as a query found it.

- `run`: a [`Aim.RunRow`](@ref); `name`; `context`, a dictionary.
- `info`: count, first_step, last_step, first, last, min, max, without reading the points. NaN does not count for min and
  max, which are NaN where there is nothing else.
- `steps`, `values`, `epochs` (`missing` where there is none), `times` (seconds since 1970-01-01 UTC): columns in step
  order, not copied. [`Aim.columns`](@ref) has all four.
"""
struct MetricRow
    answer::Answer
    index::Int # from 0
end

Base.size(query::Query) = (query.length,)
Base.IndexStyle(::Type{<:Query}) = IndexLinear()

function Base.getindex(query::Query{Row}, i::Int) where {Row}
    @boundscheck checkbounds(query, i)
    return Row(query.answer, i - 1)
end

answer(row) = getfield(row, :answer)
index(row) = getfield(row, :index)

borrowed_text(call, row) = GC.@preserve row unsafe_string(call(answer(row), index(row)))

const ROW_PROPERTIES =
    (:hash, :name, :description, :experiment, :tags, :archived, :status, :created_at, :finalized_at,
     :exit_code, :signal, :run_id)

Base.propertynames(::RunRow) = ROW_PROPERTIES

function Base.getproperty(row::RunRow, name::Symbol)
    name === :hash && return borrowed_text(aim_query_run_hash, row)
    name in ROW_PROPERTIES || no_property(row, name)
    value = JSON.decode(receive_text((out, err) -> aim_query_run_properties(answer(row), index(row), out, err)))
    return name === :tags ? Vector{String}(value["tags"]) : value[String(name)]
end

param_json(row::RunRow, key) =
    receive_text((out, err) -> aim_query_run_param_json(answer(row), index(row), key, AIM_JSON_WORDS, out, err))

Base.getindex(row::RunRow, key::Key, path::PathPart...) = JSON.decode(param_json(row, param_key(key, path...)))
Base.get(row::RunRow, key::Key, default) = get_param(row, key, default)
Base.haskey(row::RunRow, key::Key) = get_param(row, key, row) !== row

Base.show(io::IO, row::RunRow) = print(io, "RunRow(", repr(row.hash), ")")

Base.propertynames(::MetricRow) = (:run, :name, :context, :info, :steps, :values, :epochs, :times)

function Base.getproperty(row::MetricRow, name::Symbol)
    name === :run && return RunRow(answer(row), index(row))
    name === :name && return borrowed_text(aim_query_metric_name, row)
    name === :context && return JSON.decode(context_text(row))
    name === :info && return info(row)
    name === :steps && return columns(row).step
    name === :values && return columns(row).value
    name === :epochs && return columns(row).epoch
    name === :times && return columns(row).time
    return no_property(row, name)
end

context_text(row) = borrowed_text(aim_query_metric_context, row)

function info(row)
    c = receive(aim_metric_info, aim_metric_info(0, 0, 0, 0, 0, 0, 0)) do out, err
        aim_query_metric_info(answer(row), index(row), out, err)
    end
    return (
        count=Int(c.count), first_step=c.first_step, last_step=c.last_step, first=c.first, last=c.last, min=c.min,
        max=c.max,
    )
end

"""
    Aim.columns(row)

The points of a [`Aim.MetricRow`](@ref), as they are at the first such call: a named tuple of the columns step, value,
epoch and time, which is a table. Nothing is copied.
"""
columns(row::MetricRow) =
    receive_columns((out, err) -> aim_query_values(answer(row), index(row), out, err), answer(row))

"Points of a sample, in the library's memory."
mutable struct Sample
    ptr::Ptr{aim_sample}
    Sample(ptr) = free_with(aim_sample_free, new(ptr))
end

Base.unsafe_convert(::Type{Ptr{aim_sample}}, sample::Sample) = sample.ptr

const SAMPLE_METHODS = (min_max=AIM_SAMPLE_MIN_MAX, stride=AIM_SAMPLE_STRIDE)

"""
    Aim.sample(row, points; method=:min_max)

At most `points` points of a [`Aim.MetricRow`](@ref), 4 at least, for plots; else as [`Aim.columns`](@ref). `:min_max`
keeps the extremes, so that a plot looks like one of all points; `:stride` takes every n-th. Memory grows with the
sample, not with the metric.
"""
function sample(row::MetricRow, points::Integer; method::Symbol=:min_max)
    haskey(SAMPLE_METHODS, method) ||
        throw(ArgumentError("method :$method: it is one of $(join(repr.(keys(SAMPLE_METHODS)), ", "))"))
    ptr = receive(Ptr{aim_sample}, Ptr{aim_sample}(C_NULL)) do out, err
        aim_query_sample(answer(row), index(row), points, SAMPLE_METHODS[method], out, err)
    end
    owner = Sample(ptr)
    return receive_columns((out, err) -> aim_sample_values(owner, out, err), owner)
end

Base.show(io::IO, row::MetricRow) =
    print(io, "MetricRow(", repr(row.name), ", ", context_text(row), ", run ", row.run.hash, ")")

# Tracking.

"""
    Metric(run, name; context...)

A metric of an open run, resolved once, to be tracked often: the keywords are its context. It keeps its run alive.
"""
mutable struct Metric
    ptr::Ptr{aim_metric}
    run::Run
    name::String
    context::String

    function Metric(run::Run, name::Key; context...)
        text, json = string(name), JSON.encode(values(context))
        ptr = receive((out, err) -> aim_run_metric(run, text, json, out, err), Ptr{aim_metric}, C_NULL)
        return free_with(aim_metric_free, new(ptr, run, text, json))
    end
end

Base.unsafe_convert(::Type{Ptr{aim_metric}}, metric::Metric) = metric.ptr

Base.show(io::IO, metric::Metric) = print(io, "Metric(", metric.run, ", ", repr(metric.name), ", ", metric.context, ")")

const Position = Union{Nothing,Integer}

@inline step_or_auto(step::Position) = step === nothing ? AIM_STEP_AUTO : Int64(step)
@inline epoch_or_none(epoch::Position) = epoch === nothing ? AIM_EPOCH_NONE : Int64(epoch)

"""
    track!(metric, value; step=nothing, epoch=nothing)
    track!(run, name, value; step=nothing, epoch=nothing, context...)

Tracks a value, converted to `Float64`. Without `step` it goes behind the last one; a step tracked again replaces its
point. NaN and infinities are values. When the call returns, the point survives the death of the process. By a `Metric`
this allocates nothing and takes tens of nanoseconds. Keywords other than `step` and `epoch` are the metric's context.
"""
@inline function track!(metric::Metric, value::Real; step::Position=nothing, epoch::Position=nothing)
    GC.safepoint() # a loop of nothing but this must not keep other threads' garbage collection waiting
    at, in = step_or_auto(step), epoch_or_none(epoch)
    status = aim_metric_track(metric, Float64(value), at, in)
    status == AIM_OK || track_again(metric, Float64(value), at, in)
    return nothing
end

"Tracks a value that was refused in the way that says why."
@noinline track_again(metric, value, step, epoch) =
    check(err -> aim_metric_track_many(metric, Ref(value), Ref(step), Ref(epoch), 1, err))

@inline function track!(
    run::Run, name::Key, value::Real; step::Position=nothing, epoch::Position=nothing, context...,
)
    track!(recognised(run, name, values(context)), value; step=step, epoch=epoch)
end

# A run keeps the metrics that were tracked by name and context last, so that neither becomes text again at each call.

"A metric that was tracked: `===` compares what names and plain contexts hold."
struct Known{N<:Key,C<:NamedTuple}
    name::N
    context::C
    metric::Metric
end

const PLACES = 1024
"Where a metric may be kept, from the place on that its name gives: contexts of one name share it."
const PROBES = 8

const Plain = Union{String,Symbol,Bool,Base.BitInteger,Base.IEEEFloat,Nothing,Missing}
@generated is_plain(::NamedTuple{names,types}) where {names,types} = all(type -> type <: Plain, fieldtypes(types))

place_of(name::Symbol) = objectid(name)
place_of(name::AbstractString) = hash(name)

@inline function recognised(run::Run, name::N, context::C) where {N<:Union{String,Symbol},C<:NamedTuple}
    is_plain(context) || return Metric(run, name; context...)
    known, from = getfield(run, :known), place_of(name)
    for i in 0:PROBES-1
        found = @inbounds known[(from+i)%PLACES+1]
        found isa Known{N,C} && found.name === name && found.context === context && return found.metric
    end
    return recognise(run, name, context, from)
end
recognised(run::Run, name, context) = Metric(run, name; context...)

@noinline function recognise(run, name, context, from)
    metric = Metric(run, name; context...)
    places = [(from + i) % PLACES + 1 for i in 0:PROBES-1]
    known = getfield(run, :known)
    free = findfirst(at -> known[at] === nothing, places)
    known[places[free === nothing ? rand(1:PROBES) : free]] = Known(name, context, metric)
    return metric
end

"""
    track!(metric, missing; …)
    track!(run, name, missing; …)

Tracks NaN, which plots leave out: the step counts.
"""
track!(metric::Metric, ::Missing; options...) = track!(metric, NaN; options...)
track!(run::Run, name::Key, ::Missing; options...) = track!(run, name, NaN; options...)

"""
    track!(run, name, values_by_name; …)

Tracks `name.key` for each of several values, given by a named tuple or a dictionary, which may hold further ones.
"""
function track!(run::Run, name::Key, values::Union{NamedTuple,AbstractDict}; options...)
    for (key, value) in pairs(values)
        track!(run, string(name, '.', key), value; options...)
    end
end

"""
    track!(metric, values; step=nothing, epoch=nothing)
    track!(run, name, values; step=nothing, epoch=nothing, context...)

Tracks a vector or tuple of values at once, stamped with the present time; `missing` is tracked as NaN. `step` is a
vector or range of as many; `epoch` too, or a number for all; epochs may be `missing`. On an error, the values before the failing one are tracked.
"""
function track!(metric::Metric, values::Union{AbstractVector,Tuple}; step=nothing, epoch=nothing)
    n = length(values)
    numbers, steps, epochs = all_numbers(values), all_steps(step, n), all_epochs(epoch, n)
    check(err -> aim_metric_track_many(metric, numbers, steps, epochs, n, err))
end

"""
    Aim.track_at!(metric, values, times; step=nothing, epoch=nothing)

Tracks values, each with its time in seconds since 1970-01-01 UTC; otherwise as `track!` of a vector. A time that is none
keeps the call from tracking anything.
"""
function track_at!(metric::Metric, values::Union{AbstractVector,Tuple}, times::AbstractVector; step=nothing, epoch=nothing)
    n = length(values)
    numbers, steps, epochs = all_numbers(values), all_steps(step, n), all_epochs(epoch, n)
    moments = convert(Vector{Float64}, as_many("times", times, n))
    check(err -> aim_metric_track_many_at(metric, numbers, steps, epochs, moments, n, err))
end

track!(run::Run, name::Key, values::Union{AbstractVector,Tuple}; step=nothing, epoch=nothing, context...) =
    track!(Metric(run, name; context...), values; step=step, epoch=epoch)

all_numbers(values::AbstractVector{<:Real}) = convert(Vector{Float64}, values)
all_numbers(values) = Float64[number(value) for value in values]

number(value::Real) = Float64(value)
number(::Missing) = NaN
number(value) = throw(ArgumentError("$(repr(value)) is no number: only real numbers and missing are tracked"))

all_steps(::Nothing, n) = C_NULL
all_steps(steps::AbstractVector, n) = convert(Vector{Int64}, as_many("step", steps, n))
all_steps(step, n) = throw(ArgumentError("step $step: a vector of values has a vector of steps, or none"))

all_epochs(::Nothing, n) = C_NULL
all_epochs(epoch::Integer, n) = fill(Int64(epoch), n)
all_epochs(epochs::AbstractVector, n) = Int64[coalesce(epoch, AIM_EPOCH_NONE) for epoch in as_many("epoch", epochs, n)]

function as_many(what, column, n)
    length(column) == n || throw(DimensionMismatch("$what has $(length(column)) elements for $n values"))
    return column
end

"""
    track!(run, values_by_name; step=nothing, epoch=nothing, context...)

Tracks a value of each of several metrics, given by a named tuple or a dictionary, which may hold further ones, as in
`track!(run, (loss=0.1, accuracy=0.9))`.
"""
function track!(run::Run, values::Union{NamedTuple,AbstractDict}; options...)
    for (name, value) in pairs(values)
        track!(run, name, value; options...)
    end
end

# Objects that a query found.

"""
A sequence of objects as a query found it: `run`, an [`Aim.RunRow`](@ref); `name`; `context`, a dictionary; `info`: count (of
points), first_step, last_step, longest (list that a point had). [`Aim.objects`](@ref) reads them.
"""
struct SequenceRow
    answer::Answer
    index::Int # from 0
end

"""
    Aim.query_objects(repo, Kind, expression=""; options...)

The sequences of objects that an AimQL expression selects, as [`Aim.SequenceRow`](@ref)s: `Kind` is `Aim.Image`, `Aim.Text`, ...,
and the expression calls them `images`, `texts`, `audios`, `distributions`, `figures`, `videos`, `tables`, `arrays`, as in
`"images.name == 'preview' and run.hparams.lr > 0.01"`. Else as [`query`](@ref).
"""
query_objects(repo::Repo, ::Type{Kind}, expression::AbstractString=""; options...) where {Kind<:Object} =
    ask(SequenceRow, kind(Kind), repo, expression; options...)

Base.propertynames(::SequenceRow) = (:run, :name, :context, :info)

function Base.getproperty(row::SequenceRow, name::Symbol)
    name === :run && return RunRow(answer(row), index(row))
    name === :name && return borrowed_text(aim_query_metric_name, row)
    name === :context && return JSON.decode(context_text(row))
    name === :info && return sequence_info(row)
    return no_property(row, name)
end

function sequence_info(row)
    info = Ref(aim_sequence_info())
    check(err -> aim_query_sequence_info(answer(row), index(row), info, err))
    return figures(info[])
end

Base.show(io::IO, row::SequenceRow) =
    print(io, "SequenceRow(", repr(row.name), ", ", context_text(row), ", run ", row.run.hash, ")")

"Objects in the library's memory."
mutable struct ObjectList
    ptr::Ptr{aim_objects}
    ObjectList(ptr) = free_with(aim_objects_free, new(ptr))
end

Base.unsafe_convert(::Type{Ptr{aim_objects}}, list::ObjectList) = list.ptr

"""
An object that a query found: `step`, `epoch` (`missing` where there is none), `time` (seconds since 1970-01-01 UTC), `index`
among the objects of its point, from 0, `width` and `height` of images whose format says it, else 0, `size` in bytes,
`format`, `caption`, `meta`, a dictionary, and `data`, the bytes, read and checked when they are asked for, not copied.
[`Aim.text`](@ref), [`Aim.array`](@ref) and [`Aim.distribution`](@ref) read what they stand for.
"""
struct Found
    list::ObjectList
    number::Int # from 0
end

"""
    Aim.objects(row; first_step, end_step, points, first_index, end_index, per_point)

The objects of an [`Aim.SequenceRow`](@ref), in the order of steps and indices, as a vector of [`Aim.Found`](@ref): of steps and
indices from the first up to, not including, the end, and of these so many points, and objects of each, at even distances; one
point alone is the last.
"""
function objects(
    row::SequenceRow; first_step=nothing, end_step=nothing, points=0, first_index=0, end_index=nothing, per_point=0,
)
    all = aim_range()
    range = Ref(aim_range(;
        first_step=something(first_step, all.first_step), end_step=something(end_step, all.end_step), points=points,
        first_index=first_index, end_index=something(end_index, all.end_index), objects=per_point,
    ))
    ptr = receive(Ptr{aim_objects}, Ptr{aim_objects}(C_NULL)) do out, err
        aim_query_objects(answer(row), index(row), range, out, err)
    end
    list = ObjectList(ptr)
    return [Found(list, k - 1) for k in 1:Int(aim_objects_len(list))]
end

const NUMBERS_OF_OBJECT = (:step, :time, :index, :width, :height, :size)

Base.propertynames(::Found) = (NUMBERS_OF_OBJECT..., :epoch, :format, :caption, :meta, :data)

function Base.getproperty(found::Found, name::Symbol)
    name === :data && return data(found)
    name in propertynames(found) || no_property(found, name)
    list = getfield(found, :list)
    GC.@preserve list begin
        info = Ref(aim_object_info())
        check(err -> aim_objects_info(list, getfield(found, :number), info, err))
        name === :epoch && return info[].epoch == AIM_EPOCH_NONE ? missing : info[].epoch
        name === :time && return info[].time
        name in NUMBERS_OF_OBJECT && return Int(getfield(info[], name))
        said = unsafe_string(getfield(info[], name))
        return name === :meta ? JSON.decode(said) : said
    end
end

function data(found)
    list, size = getfield(found, :list), Ref{Csize_t}(0)
    ptr = receive(Ptr{UInt8}, Ptr{UInt8}(C_NULL)) do out, err
        aim_objects_data(list, getfield(found, :number), out, size, err)
    end
    return Column{UInt8}(ptr, Int(size[]), list)
end

"""
    Aim.text(found)

The bytes of an object as a text.
"""
text(found::Found) = String(Vector(found.data))

"""
    Aim.distribution(found)

A distribution as a named tuple: `weights` of the bins and their `edges`, one more, both not copied; `nans`, `infinities`, and of
all finite values `count`, `sum`, `sum_squares`, `min`, `max`, NaN where bins were handed over.
"""
function distribution(found::Found)
    list, c = getfield(found, :list), Ref(aim_distribution())
    check(err -> aim_objects_distribution(list, getfield(found, :number), c, err))
    c, bins = c[], Int(c[].bins)
    return (
        weights=Column{Float64}(c.weights, bins, list), edges=Column{Float64}(c.edges, bins + 1, list),
        nans=Int(c.nans), infinities=Int(c.infinities), count=c.count, sum=c.sum, sum_squares=c.sum_squares, min=c.min,
        max=c.max,
    )
end

Base.show(io::IO, found::Found) =
    print(io, "Found(", found.format, " of ", found.size, " bytes at step ", found.step, ", ", found.index, ")")

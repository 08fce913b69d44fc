# Tracking objects.

"""
    Aim.Sequence(run, Kind, name; context...)

A sequence of objects of an open run, resolved once, to be tracked often: `Kind` is `Aim.Image`, `Aim.Text`, ...; the keywords
are its context. It keeps its run alive.
"""
mutable struct Sequence
    ptr::Ptr{aim_sequence}
    run::Run
    kind::Type{<:Object}
    name::String
    context::String

    function Sequence(run::Run, ::Type{Kind}, name::Key; context...) where {Kind<:Object}
        text, json = string(name), JSON.encode(values(context))
        ptr = receive(Ptr{aim_sequence}, C_NULL) do out, err
            aim_run_sequence(run, kind(Kind), text, json, out, err)
        end
        return free_with(aim_sequence_free, new(ptr, run, Kind, text, json))
    end
end

Base.unsafe_convert(::Type{Ptr{aim_sequence}}, sequence::Sequence) = sequence.ptr

Base.show(io::IO, s::Sequence) =
    print(io, "Sequence(", s.run, ", ", nameof(s.kind), ", ", repr(s.name), ", ", s.context, ")")

"""
    track!(sequence, object; step=nothing, epoch=nothing, time=0)
    track!(run, name, object; step=nothing, epoch=nothing, time=0, context...)

Tracks an [`Aim.Object`](@ref), or a vector of several of one kind, as a point; an empty one is a point too. When the call
returns, they survive the death of the process, unless [`Aim.lend`](@ref) lent them; the same bytes are stored once. `time` is in seconds since 1970-01-01 UTC, 0
for now.
"""
track!(sequence::Sequence, object::Object; options...) = track!(sequence, [object]; options...)

track!(sequence::Sequence, objects::AbstractVector{<:Object}; options...) =
    track_objects!(sequence, objects, nothing; options...)

"`lent` has what is called at the end of each loan; `nothing` where nothing is lent."
function track_objects!(
    sequence::Sequence, objects::AbstractVector{<:Object}, lent;
    step::Position=nothing, epoch::Position=nothing, time::Real=0,
)
    moment = (step_or_auto(step), epoch_or_none(epoch), Float64(time))
    wrong = findfirst(object -> !(object isa sequence.kind), objects)
    wrong === nothing ||
        throw(ArgumentError("the sequence holds $(nameof(sequence.kind))s, not $(nameof(typeof(objects[wrong])))s"))
    forms = [object.form for object in objects]
    alike = isempty(forms) ? Encoded : base_form(forms[1])
    all(form -> form isa alike, forms) ||
        throw(ArgumentError("the objects of a point are all encoded, or all raw: give lists of one of them"))
    with_loans(forms, lent) do loans
        hand_over(alike, sequence, objects, forms, loans, moment)
    end
    return nothing
end

track!(run::Run, name::Key, object::Object; options...) = track!(run, name, [object]; options...)

function track!(
    run::Run, name::Key, objects::AbstractVector{<:Object};
    step::Position=nothing, epoch::Position=nothing, time::Real=0, context...,
)
    isempty(objects) && throw(ArgumentError("an empty list does not tell its kind: use Aim.Sequence"))
    kind = base_kind(objects[1])
    track!(Sequence(run, kind, name; context...), objects; step=step, epoch=epoch, time=time)
end

"""
    Aim.keep!(sequence; last=0, every=0)

Says which points of a sequence stay, from now on and for this handle: the last ones, and those whose step is a multiple of
`every` (0: none). Each point that is added lets go of the others. Without either all stay.
"""
keep!(sequence::Sequence; last::Integer=0, every::Integer=0) =
    (check(err -> aim_sequence_keep(sequence, last, every, err)); sequence)

"The type of an object or a form without its parameters."
base_kind(object) = base_type(typeof(object))
base_form(form) = base_type(typeof(form))
base_type(type) = getfield(@__MODULE__, nameof(type))

"Calls `call(pointers)` with pointers to the objects' captions and metas."
function with_words(call, objects)
    words = [(object.caption, object.meta) for object in objects]
    return GC.@preserve words call([(said(caption), said(meta)) for (caption, meta) in words])
end

"A pointer to what is said of an object; NULL for nothing."
function said(text)
    isempty(text) && return Cstring(C_NULL)
    occursin('\0', text) && throw(ArgumentError("a caption must not contain a NUL: $(repr(text))"))
    return borrowed(text)
end

"The pointer to the first of an array's elements; the caller preserves it."
first_of(array) = Ptr{Cvoid}(pointer(array))

function hand_over(::Type{Encoded}, sequence, objects, forms, loans, moment)
    GC.@preserve forms with_words(objects) do words
        all = [
            aim_object(;
                data=first_of(form.data), size=length(form.data),
                format=form.format === nothing ? C_NULL : said(form.format), caption=caption, meta=meta,
                release=loan[1], release_userdata=loan[2],
            ) for (form, (caption, meta), loan) in zip(forms, words, loans)
        ]
        check(err -> aim_sequence_track(sequence, all, length(all), moment..., err))
    end
end

function hand_over(::Type{Pixels}, sequence, objects, forms, loans, moment)
    GC.@preserve forms with_words(objects) do words
        all = [
            aim_pixels(;
                data=first_of(form.data), channels=size(form.data, 1), width=size(form.data, 2),
                height=size(form.data, 3), dtype=element(eltype(form.data)), low=form.range[1], high=form.range[2],
                caption=caption, meta=meta, release=loan[1], release_userdata=loan[2],
            ) for (form, (caption, meta), loan) in zip(forms, words, loans)
        ]
        check(err -> aim_sequence_track_pixels(sequence, all, length(all), moment..., err))
    end
end

function hand_over(::Type{Samples}, sequence, objects, forms, loans, moment)
    GC.@preserve forms with_words(objects) do words
        all = [
            aim_samples(;
                data=first_of(form.data), frames=size(form.data, 2), channels=size(form.data, 1), rate=form.rate,
                dtype=element(eltype(form.data)), caption=caption, meta=meta, release=loan[1], release_userdata=loan[2],
            ) for (form, (caption, meta), loan) in zip(forms, words, loans)
        ]
        check(err -> aim_sequence_track_samples(sequence, all, length(all), moment..., err))
    end
end

"Of these a point has one."
function alone(forms)
    length(forms) == 1 || throw(ArgumentError("a point has one array, stream or distribution, not $(length(forms))"))
    return forms[1]
end

function hand_over(::Type{Strided}, sequence, objects, forms, loans, moment)
    data = alone(forms).data
    type = element(eltype(data))
    shape = UInt64[size(data)...]
    distances = Int64[(strides(data) .* sizeof(eltype(data)))...]
    GC.@preserve data shape distances with_words(objects) do words
        caption, meta = words[1]
        array = Ref(aim_array(;
            data=first_of(data), dtype=type, ndim=length(shape), shape=pointer(shape),
            strides=pointer(distances), caption=caption, meta=meta, release=loans[1][1], release_userdata=loans[1][2],
        ))
        check(err -> aim_sequence_track_array(sequence, array, moment..., err))
    end
end

function hand_over(::Type{Streamed}, sequence, objects, forms, _, moment)
    rows = alone(forms).rows
    GC.@preserve rows with_words(objects) do words
        caption, meta = words[1]
        check(err -> aim_sequence_track_table(sequence, rows, caption, meta, moment..., err))
    end
end

function hand_over(::Type{Uncounted}, sequence, _, forms, _, moment)
    form = alone(forms)
    data = form.data
    GC.@preserve data check() do err
        aim_sequence_track_values(
            sequence, first_of(data), length(data), element(eltype(data)), form.bins, form.range..., moment..., err,
        )
    end
end

function hand_over(::Type{Counted}, sequence, _, forms, _, moment)
    form = alone(forms)
    GC.@preserve form begin
        distribution = Ref(aim_distribution(;
            weights=pointer(form.weights), bins=length(form.weights), edges=pointer(form.edges),
        ))
        check(err -> aim_sequence_track_distribution(sequence, distribution, moment..., err))
    end
end

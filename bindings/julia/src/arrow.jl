"""
Arrow's C Stream Interface, with the layout that its specification gives: a consumer takes the address,
`pointer_from_objref(stream)`, while it keeps the stream alive, and may move it by copying the struct and setting
`release` to NULL. A stream that nobody released is released when it is dropped.
"""
mutable struct ArrowArrayStream
    get_schema::Ptr{Cvoid}
    get_next::Ptr{Cvoid}
    get_last_error::Ptr{Cvoid}
    release::Ptr{Cvoid}
    private_data::Ptr{Cvoid}

    ArrowArrayStream() =
        finalizer(stream -> EXITING[] || release!(stream), new(C_NULL, C_NULL, C_NULL, C_NULL, C_NULL))
end

Base.unsafe_convert(::Type{Ptr{ArrowArrayStream}}, stream::ArrowArrayStream) =
    Ptr{ArrowArrayStream}(pointer_from_objref(stream))

function release!(stream::ArrowArrayStream)
    release = stream.release
    release == C_NULL || ccall(release, Cvoid, (Ptr{ArrowArrayStream},), stream)
    return nothing
end

"""
    Aim.arrow(repo, expression=""; columns=nothing, options...)

The points of the metrics that an expression selects, as Arrow data: a row for each, with the columns run, name,
context (dictionary-encoded text), step, value, epoch (null for none) and time, or those of them that `columns` names.
Other options are those of [`query`](@ref); offset, limit and order are about metrics. Returns an
[`Aim.ArrowArrayStream`](@ref), for one thread at a time, which is read batch by batch and may be larger than memory.
"""
arrow(repo, expression::AbstractString=""; options...) =
    arrow_stream(repo, expression, AIM_QUERY_METRICS; options...)

"""
    Aim.arrow_runs(repo, expression=""; columns=nothing, options...)

The runs that an expression selects, as Arrow data: a row for each with its properties and a column `params/…` for
each param; else as [`Aim.arrow`](@ref).
"""
arrow_runs(repo, expression::AbstractString=""; options...) =
    arrow_stream(repo, expression, AIM_QUERY_RUNS; options...)

function arrow_stream(repo, expression, kind; progress=nothing, options...)
    stream = ArrowArrayStream()
    asking_with(Asking(progress, nothing); options...) do c_options
        check(err -> aim_repo_query_arrow_with(repo, expression, kind, c_options, stream, err))
    end
    return stream
end

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
    Aim.arrow(repo, expression="")

The points of the metrics that an expression selects, as Arrow data: a row for each, with the columns run, name,
context (dictionary-encoded text), step, value, epoch (null for none) and time. Returns an
[`Aim.ArrowArrayStream`](@ref), for one thread at a time. Nothing is copied.
"""
arrow(repo, expression::AbstractString="") = arrow_stream(repo, expression, AIM_QUERY_METRICS)

"""
    Aim.arrow_runs(repo, expression="")

The runs that an expression selects, as Arrow data: a row for each with its properties and a column `params/…` for
each param; else as [`Aim.arrow`](@ref).
"""
arrow_runs(repo, expression::AbstractString="") = arrow_stream(repo, expression, AIM_QUERY_RUNS)

function arrow_stream(repo, expression, kind)
    stream = ArrowArrayStream()
    check(err -> aim_repo_query_arrow(repo, expression, kind, stream, err))
    return stream
end

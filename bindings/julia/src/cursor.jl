# Answers in parts.

"""
The answer to [`Aim.stream`](@ref) or [`Aim.stream_runs`](@ref): an iterator over [`Aim.Query`](@ref)s.
"""
mutable struct Cursor{Row}
    ptr::Ptr{aim_cursor}
    asking::Asking # told by the parts
    Cursor{Row}(ptr, asking) where {Row} = free_with(aim_cursor_free, new{Row}(ptr, asking))
end

Base.unsafe_convert(::Type{Ptr{aim_cursor}}, cursor::Cursor) = cursor.ptr

"""
    Aim.stream(repo, expression=""; options...)

As [`query`](@ref), in parts of some thousands of rows, for answers that are larger than memory: each part is found when
it is asked for. Bounds hold for each.

    for part in Aim.stream(repo, "metric.name == 'loss'"), row in part
        ...
    end
"""
stream(repo::Repo, expression::AbstractString=""; options...) =
    cursor(MetricRow, AIM_QUERY_METRICS, repo, expression; options...)

"""
    Aim.stream_runs(repo, expression=""; options...)

As [`query_runs`](@ref), in parts; else as [`Aim.stream`](@ref).
"""
stream_runs(repo::Repo, expression::AbstractString=""; options...) =
    cursor(RunRow, AIM_QUERY_RUNS, repo, expression; options...)

function cursor(::Type{Row}, kind, repo, expression; progress=nothing, options...) where {Row}
    asking = Asking(progress, nothing)
    ptr = asking_with(asking; options...) do c_options
        receive(Ptr{aim_cursor}, Ptr{aim_cursor}(C_NULL)) do out, err
            aim_cursor_open(repo, expression, kind, c_options, out, err)
        end
    end
    return Cursor{Row}(ptr, asking)
end

Base.IteratorSize(::Type{<:Cursor}) = Base.SizeUnknown()
Base.eltype(::Type{Cursor{Row}}) where {Row} = Query{Row}

function Base.iterate(cursor::Cursor{Row}, _=nothing) where {Row}
    next() = receive((out, err) -> aim_cursor_next(cursor, out, err), Ptr{aim_query}, Ptr{aim_query}(C_NULL))
    ptr = settled(next, cursor.asking)
    return ptr == C_NULL ? nothing : (found_rows(Row, ptr), nothing)
end

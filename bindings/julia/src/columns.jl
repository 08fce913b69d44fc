# Columns in the library's memory.

"""
A column of numbers in the library's memory, not copied and not to be written. It keeps alive what it is a column of,
and may outlive query and repository. `Vector(column)` is a copy.
"""
struct Column{T} <: AbstractVector{T}
    ptr::Ptr{T}
    length::Int
    owner::Any
end

Base.size(column::Column) = (column.length,)
Base.IndexStyle(::Type{<:Column}) = IndexLinear()
Base.strides(::Column) = (1,)
Base.unsafe_convert(::Type{Ptr{T}}, column::Column{T}) where {T} = column.ptr

@inline function Base.getindex(column::Column, i::Int)
    @boundscheck checkbounds(column, i)
    return GC.@preserve column unsafe_load(column.ptr, i)
end

function Base.copyto!(to::Vector{T}, column::Column{T}) where {T}
    checkbounds(to, eachindex(column))
    GC.@preserve column unsafe_copyto!(pointer(to), column.ptr, length(column))
    return to
end

"A column of epochs: `missing` where there is none."
struct Epochs <: AbstractVector{Union{Missing,Int64}}
    numbers::Column{Int64}
end

Base.size(epochs::Epochs) = size(epochs.numbers)
Base.IndexStyle(::Type{Epochs}) = IndexLinear()

@inline function Base.getindex(epochs::Epochs, i::Int)
    @boundscheck checkbounds(epochs, i)
    epoch = @inbounds epochs.numbers[i]
    return epoch == AIM_EPOCH_NONE ? missing : epoch
end

"Points as a named tuple of columns: a table."
function point_columns(c::aim_values, owner)
    n = Int(c.len)
    return (
        step=Column(c.steps, n, owner), value=Column(c.values, n, owner), epoch=Epochs(Column(c.epochs, n, owner)),
        time=Column(c.times, n, owner),
    )
end

receive_columns(call, owner) =
    point_columns(receive(call, aim_values, aim_values(0, C_NULL, C_NULL, C_NULL, C_NULL)), owner)

"""
A JSON object: a dictionary that keeps its keys' order. It is a copy of what is stored and cannot be changed.
"""
struct Object <: AbstractDict{String,Any}
    order::Vector{String}
    values::Dict{String,Any}
end

Object() = Object(String[], Dict{String,Any}())

"Adds a pair while an object is being made; of a key given twice the last value counts."
function add!(object::Object, key::String, value)
    haskey(object.values, key) || push!(object.order, key)
    object.values[key] = value
    return object
end

Base.length(object::Object) = length(object.order)
Base.haskey(object::Object, key) = haskey(object.values, key)
Base.get(object::Object, key, default) = get(object.values, key, default)
Base.getindex(object::Object, key) = object.values[key]

function Base.iterate(object::Object, i=1)
    i > length(object.order) && return nothing
    key = object.order[i]
    return key => object.values[key], i + 1
end

Base.setindex!(::Object, _, key) =
    throw(ArgumentError("\"$key\": a copy of what is stored cannot be changed; run[\"param\", \"$key\"] = … can"))

# Arrays as NPY has them.

const NPY_TYPES = Dict(
    "b1" => Bool, "u1" => UInt8, "u2" => UInt16, "u4" => UInt32, "u8" => UInt64, "i1" => Int8, "i2" => Int16,
    "i4" => Int32, "i8" => Int64, "f2" => Float16, "f4" => Float32, "f8" => Float64,
)

const NPY_HEADER =
    r"^\{'descr': '[<|]([a-z]\d+)', 'fortran_order': (True|False), 'shape': \(([\d, ]*)\),? *\}\s*$"

"""
    Aim.array(found)

An array that was tracked as an [`Aim.Tensor`](@ref), or in another language, with its shape.
"""
function array(found::Found)
    data = Vector(found.data)
    unreadable(what) = throw(ArgumentError("the object cannot be read as an array: $what"))
    length(data) >= 10 && data[1:6] == b"\x93NUMPY" && data[7] == 1 || unreadable("it is no NPY of version 1")
    start = 10 + data[9] + 256 * Int(data[10])
    start <= length(data) || unreadable("its header is cut short")
    header = String(data[11:start])
    parts = match(NPY_HEADER, header)
    parts !== nothing && haskey(NPY_TYPES, parts[1]) || unreadable("its header is $(repr(header))")
    type = NPY_TYPES[parts[1]]
    shape = Tuple(parse(Int, side) for side in split(parts[3], r"[, ]+"; keepempty=false))
    sizeof(type) * prod(shape) == length(data) - start || unreadable("$(length(data)) bytes are too few or too many")
    elements = ltoh.(collect(reinterpret(type, data[start+1:end])))
    (parts[2] == "True" || length(shape) < 2) && return reshape(elements, shape)
    # The last index moves fastest there, the first one here.
    return permutedims(reshape(elements, reverse(shape)), length(shape):-1:1)
end

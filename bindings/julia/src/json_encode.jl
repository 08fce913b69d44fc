# Encoding.

"""
    JSON.encode(value)

The value as JSON, without blanks. What `JSON.decode` returns is written so that it reads back the same; `missing` is
null, symbols and characters are strings, tuples, ranges and sets are arrays, named tuples and dictionaries are
objects. Anything else is an `ArgumentError`, for it would be lost or changed.
"""
function encode(value)
    io = IOBuffer()
    write_value(io, value, 0)
    return String(take!(io))
end

write_value(io, ::Union{Nothing,Missing}, depth) = print(io, "null")
write_value(io, value::Bool, depth) = print(io, value)
write_value(io, value::Integer, depth) = print(io, value isa Base.BitInteger ? value : BigInt(value))
write_value(io, value::Union{AbstractString,Symbol,AbstractChar}, depth) = write_string(io, string(value))
write_value(io, value::Vector{UInt8}, depth) = print(io, "{\"__bytes__\":\"", base64encode(value), "\"}")
write_value(io, value::Union{AbstractVector,Tuple,AbstractSet}, depth) = write_array(io, value, deeper(depth))
write_value(io, value::Union{NamedTuple,AbstractDict}, depth) = write_object(io, value, deeper(depth))
write_value(_, value, depth) =
    throw(ArgumentError("a $(typeof(value)) cannot be stored: $(repr(value; context=:limit => true))"))

function write_value(io, value::AbstractFloat, depth)
    number = Float64(value)
    isequal(number, value) || throw(ArgumentError("$value cannot be stored: it is no Float64; convert it"))
    isfinite(number) && return print(io, number)
    print(io, isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity")
end

function deeper(depth)
    depth < MAX_DEPTH || throw(ArgumentError("the value is nested deeper than $MAX_DEPTH levels, or contains itself"))
    return depth + 1
end

function write_array(io, values, depth)
    separator = '['
    for value in values
        print(io, separator)
        write_value(io, value, depth)
        separator = ','
    end
    print(io, separator == '[' ? "[]" : "]")
end

function write_object(io, object, depth)
    separator = '{'
    seen = Set{String}()
    for (key, value) in pairs(object)
        name = key_text(key)
        name in seen && throw(ArgumentError("two keys are written as \"$name\""))
        push!(seen, name)
        print(io, separator)
        write_string(io, name)
        print(io, ':')
        write_value(io, value, depth)
        separator = ','
    end
    print(io, separator == '{' ? "{}" : "}")
end

key_text(key::Union{AbstractString,Symbol,AbstractChar,Integer}) = string(key)
key_text(key) = throw(ArgumentError("a $(typeof(key)) cannot be a key: $(repr(key))"))

const SHORT = Dict(zip(codeunits("\"\\\b\f\n\r\t"), "\"\\bfnrt"))

function write_string(io, text)
    print(io, '"')
    for unit in codeunits(text)
        if haskey(SHORT, unit)
            print(io, '\\', SHORT[unit])
        elseif unit < 0x20
            print(io, "\\u", string(unit; base=16, pad=4))
        else
            write(io, unit)
        end
    end
    print(io, '"')
end

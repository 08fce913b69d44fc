# Decoding.

const MAX_DEPTH = 1000

"""
    JSON.decode(text)

The value of a JSON text: `nothing`, a `Bool`, an `Int64`, a `BigInt` if that is too small, a `Float64`, a `String`,
bytes (`Vector{UInt8}`), a `Vector{Any}` or an `Object`.
"""
function decode(text::AbstractString)
    reader = Reader(String(text), 1)
    isvalid(reader.text) || throw(ArgumentError("JSON must be UTF-8: $(repr(reader.text))"))
    value = read_value(reader, 0)
    peek_token(reader) == 0x00 && reader.at > ncodeunits(reader.text) || fail(reader, "the end")
    return value
end

mutable struct Reader
    text::String
    at::Int # of the next byte
end

"The next byte; 0 at the end."
@inline byte(reader) = reader.at <= ncodeunits(reader.text) ? @inbounds(codeunit(reader.text, reader.at)) : 0x00

@inline function peek_token(reader)
    while byte(reader) in (UInt8(' '), UInt8('\n'), UInt8('\t'), UInt8('\r'))
        reader.at += 1
    end
    return byte(reader)
end

function fail(reader, expected)
    near = String(codeunits(reader.text)[reader.at:min(end, reader.at + 19)])
    found = isempty(near) ? "the end" : repr(near)
    throw(ArgumentError("JSON: expected $expected at byte $(reader.at), found $found"))
end

function skip(reader, literal)
    startswith(SubString(reader.text, reader.at), literal) || fail(reader, literal)
    reader.at += ncodeunits(literal)
end

function read_value(reader, depth)
    depth > MAX_DEPTH && throw(ArgumentError("JSON is nested deeper than $MAX_DEPTH levels"))
    token = peek_token(reader)
    token == UInt8('{') && return read_object(reader, depth)
    token == UInt8('[') && return read_array(reader, depth)
    token == UInt8('"') && return read_string(reader)
    for (literal, value) in (("null", nothing), ("true", true), ("false", false), ("NaN", NaN), ("Infinity", Inf))
        token == codeunit(literal, 1) && return (skip(reader, literal); value)
    end
    return read_number(reader)
end

function read_array(reader, depth)
    values = Any[]
    reader.at += 1
    peek_token(reader) == UInt8(']') && return (reader.at += 1; values)
    while true
        push!(values, read_value(reader, depth + 1))
        read_separator(reader, ']') || return values
    end
end

function read_object(reader, depth)
    object = Object()
    reader.at += 1
    peek_token(reader) == UInt8('}') && return (reader.at += 1; object)
    while true
        peek_token(reader) == UInt8('"') || fail(reader, "a key in quotation marks")
        key = read_string(reader)
        peek_token(reader)
        skip(reader, ":")
        add!(object, key, read_value(reader, depth + 1))
        read_separator(reader, '}') || return bytes_or(object)
    end
end

"Whether another element follows."
function read_separator(reader, closing)
    token = peek_token(reader)
    token == UInt8(',') || token == UInt8(closing) || fail(reader, "',' or '$closing'")
    reader.at += 1
    return token == UInt8(',')
end

function bytes_or(object)
    length(object) == 1 && haskey(object, "__bytes__") || return object
    encoded = object["__bytes__"]
    return encoded isa String ? base64decode(encoded) : object
end

function read_string(reader)
    reader.at += 1
    first = reader.at
    while !(byte(reader) in (UInt8('"'), UInt8('\\')))
        byte(reader) < 0x20 && fail(reader, "the rest of a string")
        reader.at += 1
    end
    text = reader.text[first:prevind(reader.text, reader.at)]
    return byte(reader) == UInt8('"') ? (reader.at += 1; text) : read_escaped(reader, text)
end

const ESCAPES = Dict(zip(codeunits("\"\\/bfnrt"), codeunits("\"\\/\b\f\n\r\t")))

"The rest of a string, from its first backslash on."
function read_escaped(reader, text)
    result = IOBuffer()
    print(result, text)
    while true
        next = byte(reader)
        next < 0x20 && fail(reader, "the rest of a string")
        reader.at += 1
        if next == UInt8('"')
            return String(take!(result))
        elseif next != UInt8('\\')
            write(result, next)
        elseif byte(reader) == UInt8('u')
            print(result, read_character(reader))
        else
            haskey(ESCAPES, byte(reader)) || fail(reader, "one of \"\\/bfnrtu")
            write(result, ESCAPES[byte(reader)])
            reader.at += 1
        end
    end
end

"A character that is written as `uXXXX`, or as two of them, a surrogate pair, with a backslash between."
function read_character(reader)
    code = read_code(reader)
    if 0xd800 <= code <= 0xdbff
        skip(reader, "\\")
        low = read_code(reader)
        0xdc00 <= low <= 0xdfff || fail(reader, "the second half of a surrogate pair before this")
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    end
    0xdc00 <= code <= 0xdfff && fail(reader, "a surrogate pair before this")
    return Char(code)
end

function read_code(reader)
    digits = match(r"\Gu([0-9a-fA-F]{4})", reader.text, reader.at)
    digits === nothing && fail(reader, "u and four hexadecimal digits")
    reader.at += 5
    return parse(UInt32, digits[1]; base=16)
end

function read_number(reader)
    first = reader.at
    if byte(reader) == UInt8('-')
        reader.at += 1
        byte(reader) == UInt8('I') && return (skip(reader, "Infinity"); -Inf)
    end
    byte(reader) == UInt8('0') ? (reader.at += 1) : skip_digits(reader)
    float = false
    if byte(reader) == UInt8('.')
        float = true
        reader.at += 1
        skip_digits(reader)
    end
    if byte(reader) in (UInt8('e'), UInt8('E'))
        float = true
        reader.at += 1
        byte(reader) in (UInt8('+'), UInt8('-')) && (reader.at += 1)
        skip_digits(reader)
    end
    number = SubString(reader.text, first, reader.at - 1)
    float && return parse(Float64, number)
    small = tryparse(Int64, number)
    return small === nothing ? parse(BigInt, number) : small
end

function skip_digits(reader)
    UInt8('0') <= byte(reader) <= UInt8('9') || fail(reader, "a value or a digit of one")
    while UInt8('0') <= byte(reader) <= UInt8('9')
        reader.at += 1
    end
end

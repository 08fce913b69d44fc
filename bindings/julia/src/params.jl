# Params of an open run.

const Key = Union{AbstractString,Symbol}
const PathPart = Union{AbstractString,Symbol,Integer}

"""
The C API's key for a path. One part is a top-level key, or, with a leading '/', a JSON Pointer, whose indices begin
at 0; several parts lead into the tree, and their indices are Julia's.
"""
param_key(key::Key) = string(key)
param_key(key::Key, path::PathPart...) = join(["/" * pointer_part(part) for part in (key, path...)])

pointer_part(part) = replace(replace(string(part), '~' => "~0"), '/' => "~1")
pointer_part(i::Integer) = i >= 1 ? string(i - 1) : throw(ArgumentError("index $i of an array: they begin at 1"))

"""
    run[key, path...] = value

Sets a param with all below it. A value is `nothing`, `missing`, a `Bool`, an integer of any size, a floating-point
number, text, bytes (`Vector{UInt8}`), or vectors, tuples, sets, named tuples and dictionaries of them; anything else
is an `ArgumentError`.
"""
function Base.setindex!(run::Run, value, key::Key, path::PathPart...)
    set_param(run, param_key(key, path...), value)
    return run
end

set_param(run, key, ::Union{Nothing,Missing}) = check(err -> aim_run_set_param_null(run, key, err))
set_param(run, key, value::Bool) = check(err -> aim_run_set_param_bool(run, key, value, err))
set_param(run, key, value::Union{Float16,Float32,Float64}) =
    check(err -> aim_run_set_param_double(run, key, value, err))
set_param(run, key, value::Vector{UInt8}) =
    check(err -> aim_run_set_param_bytes(run, key, value, length(value), err))
set_param(run, key, value::Base.BitSigned64) = check(err -> aim_run_set_param_int64(run, key, value, err))

function set_param(run, key, value::AbstractString)
    '\0' in value && return set_json(run, key, value)
    return check(err -> aim_run_set_param_string(run, key, value, err))
end

set_param(run, key, value) = set_json(run, key, value)

set_json(run, key, value) = (json = JSON.encode(value); check(err -> aim_run_set_param(run, key, json, err)))

"""
    run[key, path...]

A param, as it was set: arrays are `Vector{Any}`, objects are dictionaries with text as keys, in their order. One that
is missing is an `AimError`. Flushes first.
"""
Base.getindex(run::Run, key::Key, path::PathPart...) = JSON.decode(param_json(run, param_key(key, path...)))

param_json(run, key) = receive_text((out, err) -> aim_run_get_param_json(run, key, AIM_JSON_WORDS, out, err))

"""
    Aim.params(run)

All params, as one dictionary. `run` is open or out of a query.
"""
params(run) = JSON.decode(param_json(run, C_NULL))

"""
    Aim.param_bytes(run, key, path...)

A param that is bytes, without the detour that `run[key]` takes for any value; one that is something else is an
`AimError`.
"""
function param_bytes(run::Run, key::Key, path::PathPart...)
    size = Ref{Csize_t}(0)
    name = param_key(key, path...)
    data = receive((out, err) -> aim_run_get_param_bytes(run, name, out, size, err), Ptr{UInt8}, C_NULL)
    bytes = copy(unsafe_wrap(Array, data, size[]))
    aim_bytes_free(data, size[])
    return bytes
end

"""
    get(run, key, default)

The param, or `default` if there is none. `run` is open or out of a query.
"""
Base.get(run::Run, key::Key, default) = get_param(run, key, default)

function get_param(run, key, default)
    try
        return run[key]
    catch failure
        failure isa AimError && failure.code == AIM_ERR_NOT_FOUND || rethrow()
        return default
    end
end

Base.haskey(run::Run, key::Key) = get_param(run, key, run) !== run

"""
    delete!(run, key, path...)

Deletes a param with all below it; one that is missing is an `AimError`.
"""
function Base.delete!(run::Run, key::Key, path::PathPart...)
    name = param_key(key, path...)
    check(err -> aim_run_delete_param(run, name, err))
    return run
end

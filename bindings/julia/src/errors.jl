# Calls of the C API that can fail: their errors become exceptions.

"""
    AimError

An error of the library: `code`, one of the constants `Aim.AIM_ERR_…`, and `message`, which says what was wrong with
which value and gives the rule.
"""
struct AimError <: Exception
    code::Int32
    message::String
end

const ERROR_NAMES = Dict(
    getfield(@__MODULE__, name) => String(name) for
    name in names(@__MODULE__; all=true) if startswith(String(name), "AIM_ERR_")
)

function Base.showerror(io::IO, error::AimError)
    print(io, "AimError: ", error.message, " (", get(ERROR_NAMES, error.code, error.code), ")")
end

"Calls `call(err)`, where `err` is the C API's place for an error, and throws if it fails."
@inline function check(call)
    err = Ref{Ptr{aim_error}}(C_NULL)
    status = call(err)
    status == AIM_OK || throw(take_error(err[]))
    return nothing
end

function take_error(error)
    copy = AimError(aim_error_code(error), unsafe_string(aim_error_message(error)))
    aim_error_free(error)
    return copy
end

"Calls `call(out, err)`, where `out` receives a value of type `T`, and returns the value."
function receive(call, ::Type{T}, initial=zero(T)) where {T}
    out = Ref{T}(initial)
    check(err -> call(out, err))
    return out[]
end

"Calls `call(out, err)`, where `out` receives a string to be freed, and returns the string."
receive_text(call) = take_text(receive(call, Cstring, Cstring(C_NULL)))

function take_text(text::Cstring)
    copy = unsafe_string(text)
    aim_string_free(text)
    return copy
end

# Set at exit: finalizers then leave everything to the end of the process, for other threads, or finalizers that run
# later, may still use it. The library itself closes the runs that are open.
const EXITING = Ref(false)

"Lets the garbage collector free the handle that `object` holds."
free_with(free, object) = finalizer(object -> EXITING[] || free(getfield(object, :ptr)), object)

# The library's own messages. They come from threads of the library, on which no Julia code may run: the callback,
# which touches nothing of Julia's runtime, sends each message through a pipe to a task.

import Logging

const Listener = NamedTuple{(:task, :pipe),Tuple{Task,Cint}} # the pipe's writing end
const LISTENER = Ref{Union{Nothing,Listener}}(nothing)
const RECEIVER = Ref{Any}() # what the user wants to be called; unset: Julia's logging
const LISTENER_LOCK = ReentrantLock()

"The callback: copies the message behind its own address and level, and writes the address into the pipe `userdata`."
function enqueue(level::Int32, message::Ptr{UInt8}, userdata::Ptr{Cvoid})
    size = ccall(:strlen, Csize_t, (Ptr{UInt8},), message) + 1
    record = ccall(:malloc, Ptr{UInt8}, (Csize_t,), 16 + size)
    record == C_NULL && return nothing
    unsafe_store!(Ptr{Ptr{UInt8}}(record), record)
    unsafe_store!(Ptr{Int32}(record + 8), level)
    ccall(:memcpy, Ptr{Cvoid}, (Ptr{UInt8}, Ptr{UInt8}, Csize_t), record + 16, message, size)
    written = ccall(:write, Cssize_t, (Cint, Ptr{UInt8}, Csize_t), (userdata - C_NULL) % Cint, record, 8)
    written == 8 || ccall(:free, Cvoid, (Ptr{UInt8},), record)
    return nothing
end

"""
    Aim.set_log_callback(callback, level=Aim.AIM_LOG_WARNING)

Sends the library's messages of `level` and above to `callback(level, message)`, which runs in a task of its own, one
message after the other; `nothing` silences the library. Without this call, warnings and errors go to Julia's global
logger. The levels are `Aim.AIM_LOG_DEBUG`, `…_INFO`, `…_WARNING` and `…_ERROR`.
"""
function set_log_callback(callback, level::Integer=AIM_LOG_WARNING)
    lock(LISTENER_LOCK) do
        RECEIVER[] = callback
        callback === nothing ? aim_set_log_callback(AIM_LOG_ERROR, C_NULL, C_NULL) : listen(Int32(level))
    end
    return nothing
end

"Begins to listen, before the first run or repository is opened."
function start_listening()
    LISTENER[] === nothing || return
    lock(() -> isassigned(RECEIVER) || LISTENER[] !== nothing || listen(AIM_LOG_WARNING), LISTENER_LOCK)
end

function listen(level::Int32)
    enqueue_pointer = @cfunction(enqueue, Cvoid, (Int32, Ptr{UInt8}, Ptr{Cvoid}))
    if LISTENER[] === nothing
        ends = Ref{NTuple{2,Cint}}()
        # A pipe that is full loses messages rather than letting the library wait.
        systemerror("pipe2", ccall(:pipe2, Cint, (Ptr{Cvoid}, Cint), ends, O_NONBLOCK | O_CLOEXEC) != 0)
        # All of it is compiled and linked here, by a first call that comes to nothing, not on a thread of the library.
        ccall(enqueue_pointer, Cvoid, (Int32, Cstring, Ptr{Cvoid}), 0, "", Ptr{Cvoid}(-1))
        LISTENER[] = (task=@async(deliver(open(RawFD(ends[][1])))), pipe=ends[][2])
    end
    aim_set_log_callback(level, enqueue_pointer, Ptr{Cvoid}(Int(LISTENER[].pipe)))
end

const O_NONBLOCK, O_CLOEXEC = 0o4000, 0o2000000

"The task: takes messages until it finds a NULL."
function deliver(pipe)
    # Not the logger of the task that happened to begin this, which may be an AimLogger.
    Logging.with_logger(Logging.global_logger()) do
        while (record = read(pipe, UInt); record != 0)
            level, text = unsafe_load(Ptr{Int32}(record + 8)), unsafe_string(Ptr{UInt8}(record + 16))
            ccall(:free, Cvoid, (Ptr{Cvoid},), Ptr{Cvoid}(record))
            try
                isassigned(RECEIVER) ? hand_over(RECEIVER[], level, text) : hand_to_logging(level, text)
            catch failure
                @error "the callback for messages of libaim failed" exception = (failure, catch_backtrace())
            end
        end
    end
end

hand_over(callback, level, text) = callback(level, text)
hand_over(::Nothing, level, text) = nothing

# A run's levels have 20 for Info and steps of 10, Julia's have 0 for Info and steps of 1000.
to_julia_level(level) = Logging.LogLevel((level - AIM_LOG_INFO) * 100)
from_julia_level(level) = clamp(AIM_LOG_INFO + fld(convert(Logging.LogLevel, level).level, 100), 1, 100)

function hand_to_logging(level, text)
    Logging.with_logger(Logging.global_logger()) do
        Logging.@logmsg to_julia_level(level) text _module = Aim _group = :libaim
    end
end

const PATIENCE = 5 # seconds that the end of the process waits for a callback

"At exit: delivers what has come in. The library must not call Julia's code once Julia is gone."
function stop_listening()
    LISTENER[] === nothing && return
    aim_set_log_callback(AIM_LOG_ERROR, C_NULL, C_NULL)
    ccall(:write, Cssize_t, (Cint, Ptr{UInt}, Csize_t), LISTENER[].pipe, Ref(UInt(0)), sizeof(UInt))
    timedwait(() -> istaskdone(LISTENER[].task), Float64(PATIENCE))
end

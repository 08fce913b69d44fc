# Objects that are lent: what a thread of the library encodes behind the call. No Julia code may run on that thread: the callback,
# which touches nothing of Julia's runtime, marks the loan as over and wakes a task by a pipe.

"""
    Aim.lend(object, released=nothing)

The object, lent: [`track!`](@ref) checks and queues it and returns, and a thread of the library encodes and stores it, while
processors are free. Until then the array that it was made from must not change, and a death of the process loses the point;
`flush`, `close` and queries wait for it. `released()`, if it is given, is called in a task of its own when the library does not
need the memory any more; not where tracking fails. Of a point all objects are lent, or none. A distribution, which is counted by
the call, and a table of a stream, which is read by it, cannot be.
"""
lend(object::O, released=nothing) where {O<:Object} = Lent{O}(object, released)
lend(::Distribution, released=nothing) =
    throw(ArgumentError("a distribution cannot be lent: it is counted by the call"))
lend(::Table{<:Streamed}, released=nothing) =
    throw(ArgumentError("a table of a stream cannot be lent: it is read by the call"))

"An [`Aim.Object`](@ref) that is lent, as [`Aim.lend`](@ref) makes it."
struct Lent{O<:Object}
    object::O
    released::Any
end

"What the library knows of a loan: the pipe's writing end, and whether it is over. In C's memory."
struct Mark
    pipe::Cint
    over::Cint
end

# Loans that are not over, with what they keep from being collected.
const LOANS = Dict{Ptr{Mark},Any}()
const LOANS_LOCK = ReentrantLock()
const LOANS_TASK = Ref{Union{Nothing,Listener}}(nothing)

"The callback: the mark is not touched any more once it says that the loan is over."
function mark_over(mark::Ptr{Mark})
    pipe = unsafe_load(Ptr{Cint}(mark))
    unsafe_store!(Ptr{Cint}(mark) + 4, Cint(1))
    # A pipe that is full wakes the task anyway, which looks at all marks.
    ccall(:write, Cssize_t, (Cint, Ptr{Cvoid}, Csize_t), pipe, pointer_from_objref(WAKE), 1)
    return nothing
end

mutable struct Byte
    value::UInt8
end
const WAKE = Byte(1)

"Begins to look after loans; what is compiled is compiled here, not on a thread of the library."
function look_after_loans()
    over = @cfunction(mark_over, Cvoid, (Ptr{Mark},))
    LOANS_TASK[] === nothing || return over
    lock(LOANS_LOCK) do
        LOANS_TASK[] === nothing || return
        ends = Ref{NTuple{2,Cint}}()
        systemerror("pipe2", ccall(:pipe2, Cint, (Ptr{Cvoid}, Cint), ends, O_NONBLOCK | O_CLOEXEC) != 0)
        mark = Ref(Mark(-1, 0))
        ccall(over, Cvoid, (Ptr{Mark},), mark)
        LOANS_TASK[] = (task=@async(end_loans(open(RawFD(ends[][1])))), pipe=ends[][2])
    end
    return over
end

"The task: each time it wakes it ends the loans that are over."
function end_loans(pipe)
    while true
        read(pipe, UInt8)
        for released in take_over()
            try
                released()
            catch failure
                @error "a callback for lent objects failed" exception = (failure, catch_backtrace())
            end
        end
    end
end

"Takes what is over out of the loans; who wants to hear of it."
take_over() = lock(LOANS_LOCK) do
    over = [mark for mark in keys(LOANS) if unsafe_load(Ptr{Cint}(mark) + 4) != 0]
    callbacks = Any[]
    for mark in over
        loan = pop!(LOANS, mark)
        loan.released === nothing || push!(callbacks, loan.released)
        ccall(:free, Cvoid, (Ptr{Cvoid},), mark)
    end
    return callbacks
end

"Begins a loan that keeps `kept`."
function begin_loan(kept, released)
    mark = Ptr{Mark}(ccall(:malloc, Ptr{Cvoid}, (Csize_t,), sizeof(Mark)))
    mark == C_NULL && throw(OutOfMemoryError())
    unsafe_store!(mark, Mark(LOANS_TASK[].pipe, 0))
    lock(() -> LOANS[mark] = (kept=kept, released=released), LOANS_LOCK)
    return mark
end

"Nothing was lent."
cancel(mark) = lock(LOANS_LOCK) do
    delete!(LOANS, mark)
    ccall(:free, Cvoid, (Ptr{Cvoid},), mark)
end

"Calls `call(loans)` with the callback and a mark for each object, or with NULLs where nothing is lent."
function with_loans(call, forms, lent)
    lent === nothing && return call(fill((Ptr{Cvoid}(C_NULL), Ptr{Cvoid}(C_NULL)), length(forms)))
    over = look_after_loans()
    marks = [begin_loan(form, released) for (form, released) in zip(forms, lent)]
    try
        return call([(over, Ptr{Cvoid}(mark)) for mark in marks])
    catch
        foreach(cancel, marks)
        rethrow()
    end
end

track!(sequence::Sequence, lent::Lent; options...) = track!(sequence, [lent]; options...)
track!(sequence::Sequence, lent::AbstractVector{<:Lent}; options...) =
    track_objects!(sequence, [one.object for one in lent], [one.released for one in lent]; options...)
track!(run::Run, name::Key, lent::Lent; options...) = track!(run, name, [lent]; options...)
function track!(
    run::Run, name::Key, lent::AbstractVector{<:Lent};
    step::Position=nothing, epoch::Position=nothing, time::Real=0, context...,
)
    isempty(lent) && throw(ArgumentError("an empty list does not tell its kind: use Aim.Sequence"))
    sequence = Sequence(run, base_kind(lent[1].object), name; context...)
    track!(sequence, lent; step=step, epoch=epoch, time=time)
end

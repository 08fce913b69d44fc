# What Julia prints, for runs that record the terminal: Julia prints to copies of descriptors 1 and 2 that it made at
# its start, so that replacing the descriptors, as the library does, is not enough.

struct Printing
    before::NTuple{2,IO}
    now::NTuple{2,IO}
end

const Redirectable = Union{IOStream,Base.LibuvStream}

"Lets `stdout` and `stderr` go where descriptors 1 and 2 lead now; not those of notebooks, which are something else."
function follow_descriptors()
    before = (stdout, stderr)
    before isa NTuple{2,Redirectable} || return nothing
    now = map(descriptor -> open(RawFD(ccall(:dup, Cint, (Cint,), descriptor))), (1, 2))
    redirect_stdout(now[1])
    redirect_stderr(now[2])
    return Printing(before, now)
end

"Gives `stdout` and `stderr` back, unless somebody else has taken them since."
function restore(printing::Printing)
    flush(stdout)
    flush(stderr)
    stdout === printing.now[1] && redirect_stdout(printing.before[1])
    stderr === printing.now[2] && redirect_stderr(printing.before[2])
end

restore(::Nothing) = nothing

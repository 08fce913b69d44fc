# julia endings.jl REPO WAY - opens a run, prints its hash, tracks, and ends in the given way.
using Aim

function opened(repo; options...)
    run = Run(; repo=repo, options...)
    println(run.hash)
    flush(stdout)
    track!(run, :loss, 0.5)
    return run
end

function scope(repo, leave)
    Run(; repo=repo) do run
        println(run.hash)
        flush(stdout)
        track!(run, :loss, 0.5)
        leave()
    end
end

function let_go(repo)
    opened(repo)
    return nothing
end

function main(repo, way)
    if way == "error out of scope"
        try scope(repo, () -> error("an error")) catch end
        return
    elseif way == "interrupt out of scope"
        try scope(repo, () -> throw(InterruptException())) catch end
        return
    elseif way == "exit out of scope"
        return scope(repo, () -> exit(3))
    elseif way == "let go"
        let_go(repo)
        return GC.gc()
    end
    global run = opened(repo)
    # Julia goes on after a signal of this number that no instruction gave it.
    way == "signal 11" && unsafe_store!(Ptr{Cint}(8), 1)
    startswith(way, "signal ") && (ccall(:kill, Cint, (Cint, Cint), getpid(), parse(Int, way[8:end])); sleep(10))
    way in ("close", "close twice", "exit 3 after close", "error after close") && close(run)
    way == "close twice" && close(run)
    way == "close as failed" && Aim.close_as(run, :failed; exit_code=7)
    way == "close as interrupted" && Aim.close_as(run, :interrupted)
    way in ("exit 3", "exit 3 after close") && exit(3)
    way == "exit 0" && exit(0)
    way == "exit 130" && exit(130)
    way == "_exit 0" && ccall(:_exit, Cvoid, (Cint,), 0)
    way == "abort" && ccall(:abort, Cvoid, ())
    way == "exec" && ccall(:execv, Cint, (Cstring, Ptr{Cstring}), "/bin/true", [Base.unsafe_convert(Cstring, "true"), Cstring(C_NULL)])
    way in ("error", "error after close") && error("an error")
    return
end

main(ARGS...)

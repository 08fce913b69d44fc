# What several test files use.

const PACKAGE = normpath(joinpath(@__DIR__, ".."))
const ROOT = normpath(joinpath(PACKAGE, "..", ".."))

"The error that a call throws; an error if it throws none."
function thrown(call)
    try
        call()
    catch failure
        return failure
    end
    error("nothing was thrown")
end

"Whether a call throws an `AimError` of this code whose message has all of these parts."
function fails(call, code, parts...)
    failure = thrown(call)
    failure isa AimError || rethrow(failure)
    return failure.code == code && all(part -> occursin(part, failure.message), parts)
end

"Whether a call throws an `ArgumentError` whose message has all of these parts."
function refuses(call, parts...)
    failure = thrown(call)
    failure isa ArgumentError || rethrow(failure)
    return all(part -> occursin(part, failure.msg), parts)
end

"A repository with a run that `write(run)` wrote; the run's hash and the directory."
function written(write; options...)
    path = mktempdir()
    run = Run(; repo=path, options...)
    write(run)
    close(run)
    return run.hash, path
end

"The only metric that an expression finds."
only_metric(path, expression) = (rows = query(Repo(path), expression); @assert length(rows) == 1; rows[1])

"""
A program in a Julia process of its own, which finds `path` under this name: its exit status, signal, output and errors. With
`heard` its input ends once that is among its errors.
"""
function julia(code, path=""; environment=Pair{String,String}[], heard=nothing)
    input, out, err = Pipe(), IOBuffer(), IOBuffer()
    program = "using Aim; const path = ARGS[1]; " * code
    command = `$(Base.julia_cmd()) --startup-file=no --project=$PACKAGE -e $program $path`
    command = ignorestatus(setenv(command, merge(ENV, Dict(environment))))
    process = run(pipeline(command; stdin=(heard === nothing ? devnull : input), stdout=out, stderr=err); wait=false)
    if heard !== nothing
        timedwait(() -> occursin(heard, String(take!(copy(err)))) || process_exited(process), 60.0)
        close(input)
    end
    wait(process)
    return (status=process.exitcode, signal=process.termsignal, out=String(take!(out)), err=String(take!(err)))
end

"The output of a program that succeeds and prints no error."
function clean(code, path=""; options...)
    result = julia(code, path; options...)
    (result.status, result.signal, result.err) == (0, 0, "") || error("the program failed: $result")
    return result.out
end

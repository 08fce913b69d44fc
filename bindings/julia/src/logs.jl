# Logs of runs.

"""
    Aim.log!(run, message; level=Logging.Info, file=nothing, line=0, func=nothing)

Logs a message, stamped with the present time; an [`AimLogger`](@ref) does so for `@info` and its kin. `level` is one
of `Logging` or a number of the C API, 1 to 100. `file`, `line` and `func` say where in the source.
"""
function log!(run::Run, message::AbstractString; level=Logging.Info, file=nothing, line=0, func=nothing)
    number = level isa Integer ? level : from_julia_level(level)
    place = something(text_or_nothing(file), C_NULL)
    name = something(text_or_nothing(func), C_NULL)
    check(err -> aim_run_log(run, number, message, place, line, name, err))
end

const STREAMS = (records=AIM_LOGS_RECORDS, terminal=AIM_LOGS_TERMINAL)

stream_number(stream::Symbol) = get(STREAMS, stream) do
    throw(ArgumentError("stream :$stream: it is one of $(join(repr.(keys(STREAMS)), ", "))"))
end

"""
    Aim.logs(run; stream=:records, first=0, count=typemax(Int))
    Aim.logs(repo, run_hash; …)

A part of a run's log, as a vector of named tuples: up to `count` records from number `first` on, numbered from 0.
Records have `number`, `time` (seconds since 1970-01-01 UTC), `level`, `text` and, `nothing` if unknown, `file`,
`line` and `func`; lines of the stream `:terminal` have `number`, `time`, `descriptor` (1 or 2) and `text`. Numbers
that are kept no more are passed over. Flushes first.
"""
function logs(run::Run; stream::Symbol=:records, first::Integer=0, count::Integer=typemax(Int))
    number = stream_number(stream)
    return records(stream, receive_text((out, err) -> aim_run_read_logs(run, number, first, count, out, err)))
end

function logs(repo::Repo, run_hash; stream::Symbol=:records, first::Integer=0, count::Integer=typemax(Int))
    number = stream_number(stream)
    return records(
        stream, receive_text((out, err) -> aim_repo_read_logs(repo, run_hash, number, first, count, out, err)),
    )
end

records(stream, json) = map(stream === :records ? record : line_of_terminal, JSON.decode(json))

record(r) = (
    number=r["number"], time=r["time"], level=r["level"], text=r["text"],
    file=known(r, "file"), line=known(r, "line"), func=known(r, "function"),
)

known(r, key) = (value = get(r, key, nothing); value in ("", 0) ? nothing : value)

line_of_terminal(r) = (number=r["number"], time=r["time"], descriptor=r["descriptor"], text=r["text"])

"""
    Aim.log_numbers(repo, run_hash; stream=:records)

The numbers of the records that are kept, as a range.
"""
function log_numbers(repo::Repo, run_hash; stream::Symbol=:records)
    number, past = stream_number(stream), Ref{UInt64}(0)
    first = receive((out, err) -> aim_repo_count_logs(repo, run_hash, number, out, past, err), UInt64)
    return Int(first):Int(past[])-1
end

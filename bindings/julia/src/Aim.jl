"""
Tracks machine-learning experiments: runs with params and metrics in a repository, and queries that find them again.

    Run(repo="runs", experiment="digits") do run
        run["hparams"] = (lr=1e-4, batch_size=32)
        for step in 1:100
            track!(run, :loss, 1 / step; step=step, subset="train")
        end
    end

    for metric in query(Repo("runs"), "metric.name == 'loss' and run.hparams.lr > 1e-5")
        println(metric.run.hash, " ", metric.context, " ", last(metric.values))
    end

Every object may be used from several threads and tasks at once, and nothing has to be freed. Errors of the library are
[`AimError`](@ref)s.
"""
module Aim

export AimError, AimLogger, Metric, Repo, Run, query, query_runs, track!

include("library.jl")
include("arrow.jl")
include("capi.jl")
include("errors.jl")
include("json.jl")
include("messages.jl")
include("options.jl")
include("terminal.jl")
include("run.jl")
include("params.jl")
include("track.jl")
include("object.jl")
include("sequence.jl")
include("lend.jl")
include("repo.jl")
include("edit.jl")
include("logs.jl")
include("logger.jl")
include("columns.jl")
include("query.jl")
include("rows.jl")
include("cursor.jl")
include("tables.jl")
include("objects.jl")
include("npy.jl")
include("artifacts.jl")

function __init__()
    load_library()
    atexit() do
        EXITING[] = true
        stop_listening()
    end
end

end

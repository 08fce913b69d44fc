# Threads and tasks.

using Base.Threads

@testset "there are several threads" begin
    @test nthreads() == min(4, Sys.CPU_THREADS) # Julia starts no more than the machine has
end

@testset "one run, many threads" begin
    _, path = written() do run
        shared = Metric(run, :shared)
        @threads for thread in 1:4
            own = Metric(run, :own; thread=thread)
            for i in 1:5000
                track!(own, i; step=i)
                track!(shared, i)
                i % 100 == 0 && track!(run, :named, i; step=i, thread=thread)
            end
            run["threads", "t$thread"] = thread
            Aim.add_tag!(run, "t$thread")
        end
    end
    @test only_metric(path, "metric.name == 'shared'").info.count == 20_000
    for name in ("own", "named")
        rows = query(Repo(path), "metric.name == '$name'")
        @test [m.context["thread"] for m in rows] == 1:4
        @test all(m.values == m.steps && m.info.count == (name == "own" ? 5000 : 50) for m in rows)
    end
    run = query_runs(Repo(path))[1]
    @test sort(run.tags) == ["t$i" for i in 1:4] && run["threads"] == Dict("t$i" => i for i in 1:4)
end

@testset "threads that read while others write, collect garbage and close" begin
    path = mktempdir()
    run = Run(repo=path)
    track!(run, :loss, 0.0)
    counts = zeros(Int, 4)
    @threads for thread in 1:4
        repo = Repo(path)
        for i in 1:30
            track!(Metric(run, :loss), i)
            rows = query(repo, "metric.name == 'loss'")
            counts[thread] = max(counts[thread], length(rows[1].values))
            close(Run(repo=path))
            Run(repo=path) # dropped
            i % 10 == 0 && GC.gc()
        end
    end
    close(run)
    @test all(>(1), counts) && only_metric(path, "metric.name == 'loss'").info.count == 121
    @test length(query_runs(Repo(path))) == 241
end

@testset "a run that is closed while others track" begin
    path = mktempdir()
    run = Run(repo=path)
    loss = Metric(run, :loss)
    accepted = zeros(Int, nthreads())
    @threads for thread in 1:nthreads()
        try
            while true
                thread == nthreads() && accepted[thread] == 100_000 && close(run)
                track!(loss, 1.0)
                accepted[thread] += 1
            end
        catch failure
            failure isa AimError && failure.code == Aim.AIM_ERR_CLOSED || rethrow()
        end
    end
    @test only_metric(path, "").info.count == sum(accepted) > 0
end

@testset "tasks" begin
    _, path = written() do run
        @sync for task in 1:50
            @async begin
                for i in 1:20
                    track!(run, :loss, i; step=i, task=task)
                    yield()
                end
            end
            Threads.@spawn track!(run, :spawned, 1; task=task)
        end
    end
    @test length(query(Repo(path), "metric.name == 'loss'")) == length(query(Repo(path), "metric.name == 'spawned'")) == 50
end

# Processes: their end, their death, and what they leave behind.

statuses(path) = [run.status for run in query_runs(Repo(path))]

@testset "runs left open are closed at exit" begin
    path = mktempdir()
    clean("""
        const kept = [Run(repo=path) for _ in 1:3]
        loss = Metric(kept[1], :loss)
        for i in 1:1000
            track!(loss, i)
        end
        const rows = query(Repo(path)); const columns = Aim.columns(rows[1]); const stream = Aim.arrow(Repo(path))
        const sampled = Aim.sample(rows[1], 10)
        Run(repo=path) # garbage
        mutable struct Late; columns; end
        # A finalizer that uses what may be finalized already.
        const late = finalizer(late -> sum(late.columns.value) >= 0 || exit(7), Late(Aim.columns(query(Repo(path))[1])))
    """, path)
    @test statuses(path) == fill("finished", 4) && only_metric(path, "").values == 1:1000
end

@testset "exit with a status, with an exception" begin
    path = mktempdir()
    @test julia("run = Run(repo=path); track!(run, :loss, 1); exit(3)", path).status == 3
    result = julia("run = Run(repo=path); track!(run, :loss, 1); error(\"mine\")", path)
    @test result.status == 1 && occursin("mine", result.err)
    @test statuses(path) == ["failed", "failed"] && length(query(Repo(path))) == 2
end

@testset "a process that is killed loses nothing that was tracked" begin
    path = mktempdir()
    result = julia("""
        run = Run(repo=path)
        run["lr"] = 0.1
        loss = Metric(run, :loss)
        foreach(i -> track!(loss, i), 1:1000)
        ccall(:kill, Cint, (Cint, Cint), getpid(), 9)
    """, path)
    @test result.signal == 9
    run = query_runs(Repo(path))[1]
    @test run.status == "crashed" && run["lr"] == 0.1 && only_metric(path, "").values == 1:1000
    Run(run -> track!(run, :loss, 1001); repo=path, run_hash=run.hash)
    @test statuses(path) == ["finished"] && only_metric(path, "").values == 1:1001
end

@testset "threads that track until the end" begin
    path = mktempdir()
    clean("""
        const run = Run(repo=path)
        for thread in 1:3
            Threads.@spawn begin
                loss = Metric(run, :loss; thread=thread)
                while true
                    track!(loss, 1.0); yield()
                end
            end
        end
        sleep(0.3)
    """, path)
    @test statuses(path) == ["finished"] && length(query(Repo(path))) >= 1
end

@testset "a dropped run is closed in the background" begin
    path = mktempdir()
    (() -> for _ in 1:20
        track!(Metric(Run(repo=path), :loss), 1.0)
    end)()
    GC.gc()
    GC.gc()
    deadline = time() + 30
    while count(==("finished"), statuses(path)) < 18 && time() < deadline # a few may still be on the stack
        sleep(0.05)
    end
    @test count(==("finished"), statuses(path)) >= 18
    @test length(query(Repo(path))) == 20
end

descriptors() = length(readdir("/proc/self/fd"))
resident() = parse(Int, split(read("/proc/self/statm", String))[2]) * 4096

@testset "nothing leaks" begin
    hash, path = written() do run
        run["blob"] = "x"^100_000
        track!(run, :loss, 1:20_000)
    end
    function use()
        Run(repo=path, run_hash=hash) do run
            track!(run, :other, 1.0; a=[1, (b="c",)])
            run["lr"] = (a=1,)
            run["bytes"] = zeros(UInt8, 100_000)
            length(Aim.param_bytes(run, "bytes")) + length(run["blob"]) + length(run.name) + length(run.tags)
            fails(() -> run["nope"], Aim.AIM_ERR_NOT_FOUND)
            Aim.log!(run, "a")
            Aim.logs(run; count=1)
        end
        repo = Repo(path)
        for metric in query(repo)
            sum(metric.values) + length(Aim.sample(metric, 100).step) + length(metric.run["lr"])
        end
        Aim.table(query_runs(repo)), Aim.failures(query_runs(repo, "run.hash + 1")), Aim.stats(repo), Aim.explain(repo, "")
        Aim.arrow(repo)
        fails(() -> query(repo, "(("), Aim.AIM_ERR_SYNTAX)
    end
    # The collector does not see the library's memory, and would let a lot of it wait.
    rounds(n) = foreach(i -> (use(); i % 10 == 0 && GC.gc()), 1:n)
    rounds(50)
    before, open = resident(), descriptors()
    rounds(200)
    @test descriptors() <= open
    @test resident() - before < 16 << 20 # a column alone has 160 kB: leaking one a round would take 32 MB
end

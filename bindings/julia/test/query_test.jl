# Queries.

"A repository with three runs of two metrics each; the directory and the hashes, newest first."
function three_runs()
    path = mktempdir()
    hashes = map(1:3) do i
        run = Run(repo=path, experiment="e$i")
        run["hparams"] = (lr=10.0^-i, i=i)
        i == 2 && (run["only"] = "second")
        track!(run, :loss, i ./ (1:100); step=1:100, epoch=[j % 2 == 0 ? missing : j for j in 1:100], subset="train")
        track!(run, :acc, NaN)
        close(run)
        run.hash
    end
    return path, reverse(hashes)
end

const PATH, HASHES = three_runs()

@testset "metrics" begin
    repo = Repo(PATH)
    found = query(repo, "metric.name == 'loss' and run.hparams.lr < 0.05")
    @test length(found) == 2 && [metric.run.hash for metric in found] == HASHES[1:2]
    metric = found[end]
    @test (metric.name, metric.context, metric.run["hparams", "i"]) == ("loss", Dict("subset" => "train"), 2)
    @test metric.info == (count=100, first_step=1, last_step=100, first=2.0, last=0.02, min=0.02, max=2.0)
    @test metric.steps == 1:100 && metric.values == 2 ./ (1:100) && length(metric.times) == 100
    @test isequal(metric.epochs, [j % 2 == 0 ? missing : j for j in 1:100]) && sum(skipmissing(metric.epochs)) == 2500
    @test isnan(query(repo, "metric.name == 'acc'")[1].info.max)
    @test [m.name for m in query(repo)] == repeat(["acc", "loss"], 3)
    @test isempty(query(repo, "False")) && eltype(found) == Aim.MetricRow
    @test thrown(() -> found[3]) isa BoundsError && thrown(() -> found[0]) isa BoundsError
    @test occursin("loss", sprint(show, found)) && refuses(() -> metric.nope, "nope", "values")
    @test :values in propertynames(metric)
end

@testset "any order" begin
    repo = Repo(PATH)
    runs(; options...) = [run.hash for run in query_runs(repo; options...)]
    @test runs(order_by="run.hparams.i") == reverse(HASHES) && runs(order_by="run.hparams.i", rev=true) == HASHES
    @test runs(order_by="run.only") == [HASHES[2], HASHES[1], HASHES[3]] && runs(order_by="run.hparams.i", limit=1) == HASHES[3:3]
    @test [m.name for m in query(repo, order_by="metric.last")] == ["loss", "loss", "loss", "acc", "acc", "acc"]
    @test fails(() -> query(repo, order_by="run."), Aim.AIM_ERR_SYNTAX)
end

@testset "in parts" begin
    repo = Repo(PATH)
    told = 0
    found = [(m.run.hash, length(m.values)) for part in Aim.stream(repo, "metric.name == 'loss'"; progress=(_, _) -> (told += 1; false)) for m in part]
    @test found == [(hash, 100) for hash in HASHES] && told > 0
    @test [run.hash for part in Aim.stream_runs(repo; order_by="run.hparams.i") for run in part] == reverse(HASHES)
    @test fails(() -> collect(Aim.stream_runs(repo, "run.")), Aim.AIM_ERR_SYNTAX)
    @test thrown(() -> collect(Aim.stream(repo; progress=(_, _) -> error("enough")))) isa ErrorException
    @test eltype(Aim.stream(repo)) == Aim.Query{Aim.MetricRow}
end

@testset "runs" begin
    repo = Repo(PATH)
    @test [run.hash for run in query_runs(repo)] == HASHES
    run = query_runs(repo, "run.experiment == 'e2'")[1]
    @test (run.experiment, run.status, run.archived, run.tags, run["only"]) == ("e2", "finished", false, String[], "second")
    @test Aim.params(run) == Dict("hparams" => Dict("lr" => 0.01, "i" => 2), "only" => "second")
    @test occursin(run.hash, sprint(show, run))
    Run(repo=PATH, run_hash=HASHES[1]) do run
        run.archived = true
        @test [run.hash for run in query_runs(repo)] == HASHES[2:3]
        @test [run.hash for run in query_runs(repo, "run.archived")] == HASHES[1:1]
        run.archived = false
    end
end

@testset "an answer is a snapshot and outlives its repository" begin
    hash, path = written(run -> track!(run, :loss, 1:10))
    rows = query(Repo(path))
    values = rows[1].values
    Run(run -> track!(run, :loss, 11); repo=path, run_hash=hash)
    GC.gc()
    @test rows[1].info.count == 10 && values == 1:10 && query(Repo(path))[1].info.count == 11
end

@testset "columns are not copied, cannot be written, and keep the answer alive" begin
    metric = query(Repo(PATH), "metric.name == 'loss'")[1]
    steps, values = metric.steps, metric.values
    @test steps isa Aim.Column{Int64} && values isa Aim.Column{Float64} && values.ptr == metric.values.ptr
    @test thrown(() -> values[1] = 0.0) isa Exception && values[1] == 3.0
    @test thrown(() -> values[101]) isa BoundsError && thrown(() -> metric.epochs[0]) isa BoundsError
    copied = Vector(values)
    @test copied isa Vector{Float64} && collect(values) == copied && values .+ 1 == copied .+ 1
    @test findmax(values) == (3.0, 1) && values[end-1:end] == copied[99:100] && sum(view(values, 1:2)) == 4.5
    only = [Aim.columns(metric).value for metric in query(Repo(PATH), "metric.name == 'loss'")]
    for _ in 1:5
        GC.gc()
        query(Repo(PATH))[2].values
    end
    @test map(sum, only) ≈ [i * sum(1 ./ (1:100)) for i in 3:-1:1]
    total(column) = (s = 0.0; for x in column; s += x; end; s)
    total(values)
    @test @allocated(total(values)) <= 16 # the result
end

@testset "parts of an answer" begin
    repo = Repo(PATH)
    @test [run.hash for run in query_runs(repo; offset=1, limit=1)] == HASHES[2:2]
    @test [run.hash for run in query_runs(repo; offset=2)] == HASHES[3:3]
    @test length(query(repo, "run.hparams.i > 1"; use_index=false)) == length(query(repo, "run.hparams.i > 1")) == 4
    @test refuses(() -> query(repo; limit=0), "limit 0") && thrown(() -> query(repo; offset=-1)) isa InexactError
end

@testset "samples" begin
    _, path = written(run -> track!(run, :loss, [i == 500 ? 1e6 : sin(i / 100) for i in 1:1000]))
    metric = only_metric(path, "")
    @test maximum(Aim.sample(metric, 50).value) == 1e6 && 4 <= length(Aim.sample(metric, 50).step) <= 50
    strided = Aim.sample(metric, 10; method=:stride)
    @test strided.step[1] == 0 && strided.step[end] == 999 && length(strided.time) <= 10
    whole = Aim.sample(metric, 5000)
    GC.gc()
    @test whole.value == metric.values && all(ismissing, whole.epoch)
    @test refuses(() -> Aim.sample(metric, 10; method=:nope), ":nope", ":stride")
    @test fails(() -> Aim.sample(metric, 3), Aim.AIM_ERR_INVALID_ARGUMENT, "3")
end

@testset "tables" begin
    points = Aim.table(query(Repo(PATH), "metric.name == 'loss'"))
    @test keys(points) == (:run, :name, :context, :step, :value, :epoch, :time)
    @test points.run == repeat(HASHES; inner=100) && points.step == repeat(1:100, 3) && points.value[101] == 2.0
    @test unique(points.name) == ["loss"] && unique(points.context) == ["{\"subset\":\"train\"}"]
    @test points.epoch isa Vector{Union{Missing,Int64}} && count(ismissing, points.epoch) == 150
    @test all(column -> column isa Vector && length(column) == 300, values(points))
    runs = Aim.table(query_runs(Repo(PATH)))
    @test runs.hash == HASHES && runs.experiment == ["e3", "e2", "e1"] && runs.status == fill("finished", 3)
    @test runs[Symbol("params/hparams/lr")] == [0.001, 0.01, 0.1] && runs[Symbol("params/hparams/i")] isa Vector{Int64}
    @test isequal(runs[Symbol("params/only")], [missing, "second", missing])
    @test [m.name for m in runs.metrics[1]] == ["loss", "acc"] || [m.name for m in runs.metrics[1]] == ["acc", "loss"]
    loss = only(filter(m -> m.name == "loss", runs.metrics[1]))
    @test (loss.last, loss.last_step, loss.min, loss.max, loss.count) == (0.03, 100, 0.03, 3.0, 100)
    @test loss.context == Dict("subset" => "train")
    infos = [metric.info for metric in query(Repo(PATH))]
    @test infos isa Vector{<:NamedTuple} && [row.count for row in infos] == repeat([1, 100], 3)
    @test all(isempty, Aim.table(query(Repo(PATH), "False"))) && isempty(Aim.table(query_runs(Repo(PATH), "False")).hash)
end

@testset "errors, failures, explanations" begin
    repo = Repo(PATH)
    @test fails(() -> query(repo, "run.hparams.lr >"), Aim.AIM_ERR_SYNTAX, "line 1", "run.hparams.lr >")
    @test fails(() -> query_runs(repo, "metric.name == "), Aim.AIM_ERR_SYNTAX) && refuses(() -> query(repo, "a\0"), "NUL")
    failed = query_runs(repo, "run.only + 1 or True")
    @test Aim.failures(failed).count >= 1 && occursin("TypeError", Aim.failures(failed).reason)
    @test Aim.failures(query_runs(repo)) == (count=0, reason=nothing)
    @test Aim.warning(failed) === nothing && Aim.stats(repo).set_aside == 0
    @test occursin("run.hparams.lr", Aim.explain(repo, "run.hparams.lr > 1"))
    @test fails(() -> Aim.explain(repo, "(("), Aim.AIM_ERR_SYNTAX)
end

# Enough runs that the library tells how far it is, and time to tell it.
const MANY = mktempdir()
const SLOW = "sum([i * i for i in range(3000)]) >= 0 and run.i >= 0"
for i in 1:400
    Run(run -> run["i"] = i; repo=MANY)
end

@testset "progress" begin
    told = Tuple{Int,Int}[]
    rows = query_runs(Repo(MANY), SLOW; use_index=false, progress=(done, total) -> (push!(told, (done, total)); nothing))
    @test length(rows) == 400 && !isempty(told) && issorted(told) && all(p -> p[1] <= p[2] == 400, told)
end

@testset "a query is cancelled by true or an exception" begin
    repo = Repo(MANY)
    @test fails(() -> query_runs(repo, SLOW; use_index=false, progress=(_, _) -> true), Aim.AIM_ERR_CANCELLED)
    @test thrown(() -> query_runs(repo, SLOW; use_index=false, progress=(_, _) -> error("mine"))) == ErrorException("mine")
    @test length(query_runs(repo, "run.i > 390")) == 10
end

@testset "while a query is answered, garbage is collected and tasks run" begin
    path, calls, switched = mktempdir(), 0, Ref(0)
    function progress(done, total)
        calls += 1
        calls > 20 && return nothing
        Run(repo=path) # dropped, as is the rest
        track!(Metric(Run(repo=path), :loss), 1.0)
        query_runs(Repo(MANY), "run.i == 1")[1].hash
        @async switched[] += 1
        GC.gc()
        yield()
    end
    @test length(query_runs(Repo(MANY), SLOW; use_index=false, progress=progress)) == 400
    @test calls > 0 && switched[] > 0
end

@testset "an interrupt ends a query" begin
    out = clean("""
        Base.exit_on_sigint(false)
        answer = try
            interrupt(_, _) = (ccall(:kill, Cint, (Cint, Cint), getpid(), 2); sleep(0.2))
            query_runs(Repo(path), "$SLOW"; use_index=false, progress=interrupt)
            "answered"
        catch failure
            typeof(failure)
        end
        print(answer, " ", length(query_runs(Repo(path))))
    """, MANY)
    @test out == "InterruptException 400"
end

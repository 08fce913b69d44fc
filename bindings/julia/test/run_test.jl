# Runs: opening, properties, closing.

@testset "a run from start to end" begin
    path = mktempdir()
    run = Run(repo=path, experiment="digits")
    @test occursin(r"^[0-9a-f]{24}$", run.hash) && isopen(run)
    @test query_runs(Repo(path))[1].status == "running"
    close(run)
    @test !isopen(run)
    found = query_runs(Repo(path))[1]
    @test (found.hash, found.status, found.experiment) == (run.hash, "finished", "digits")
    @test 0 <= found.finalized_at - found.created_at < 60 && abs(found.created_at - time()) < 60
end

@testset "properties" begin
    path = mktempdir()
    run = Run(repo=path)
    @test (run.name, run.description, run.experiment) == ("Run: $(run.hash)", "", "default")
    @test (run.tags, run.archived) == (String[], false)
    run.name, run.description, run.experiment = "Szenario ✓", "text", "other"
    run.archived = true
    Aim.add_tag!(Aim.add_tag!(Aim.add_tag!(run, "a"), "b"), "a")
    Aim.remove_tag!(run, "nope")
    @test (run.name, run.description, run.experiment) == ("Szenario ✓", "text", "other")
    @test run.tags == ["a", "b"] && run.archived
    Aim.remove_tag!(run, "a")
    run.archived = false
    @test run.tags == ["b"] && !run.archived
    found = query_runs(Repo(path))[1]
    @test all(getproperty(found, name) == getproperty(run, name) for name in propertynames(run))
    @test found.status == "running" && found.finalized_at === nothing
    @test refuses(() -> run.nope, "nope", "experiment") && refuses(() -> run.nope = 1, "nope")
    @test refuses(() -> run.hash = "a", "hash") && refuses(() -> found.nope, "nope", "status")
    @test refuses(() -> run.name = "a\0b", "NUL") && fails(() -> run.name = "a"^5000, Aim.AIM_ERR_LIMIT, "4096")
    @test run.name == "Szenario ✓"
    close(run)
end

@testset "the form with a function" begin
    path = mktempdir()
    @test Run(run -> (track!(run, :loss, 1); 42); repo=path) == 42
    @test thrown(() -> Run(run -> error("mine"); repo=path)) == ErrorException("mine")
    @test Run(run -> (close(run); 7); repo=path) == 7
    @test thrown(() -> Run(run -> (close(run); error("mine")); repo=path)) == ErrorException("mine")
    @test [run.status for run in query_runs(Repo(path))] == ["finished", "finished", "failed", "finished"]
end

@testset "continuing a run" begin
    hash, path = written(run -> track!(run, :loss, [1, 2]); experiment="first")
    Run(repo=path, run_hash=hash) do run
        @test run.hash == hash && run.experiment == "first"
        track!(run, :loss, 3)
    end
    @test only_metric(path, "").steps == 0:2 && length(query_runs(Repo(path))) == 1
    @test fails(() -> Run(repo=path, run_hash="0"^24), Aim.AIM_ERR_NOT_FOUND, "0"^24)
    @test fails(() -> Run(repo=path, run_hash="xyz"), Aim.AIM_ERR_INVALID_ARGUMENT, "xyz")
end

@testset "a closed run" begin
    path = mktempdir()
    run = Run(repo=path)
    loss = Metric(run, :loss)
    @test track!(loss, 1.0) === nothing
    close(run)
    @test close(run) === nothing
    for use in (
        () -> track!(loss, 1.0), () -> track!(loss, [1.0]), () -> track!(run, :loss, 1.0), () -> Metric(run, :other),
        () -> run["lr"] = 1, () -> run["lr"], () -> Aim.params(run), () -> delete!(run, "lr"),
        () -> run.name, () -> run.name = "a",
        () -> run.tags, () -> Aim.add_tag!(run, "a"), () -> flush(run), () -> Aim.log!(run, "a"), () -> Aim.logs(run),
    )
        @test fails(use, Aim.AIM_ERR_CLOSED, "closed")
    end
    @test run.hash == query_runs(Repo(path))[1].hash
    @test occursin("closed", sprint(show, run))
end

@testset "options reach the library" begin
    path = mktempdir()
    options = Aim.RepoOptions(journal_size=1 << 20, flush_interval=0.5, map_size=1 << 30)
    Run(repo=path, repo_options=options, log_system_params=true, mask_names=["*_LICENCE", "SITE_*"],
        system_tracking_interval=0.1, system_tracking_group="job") do run
        @test Aim.stats(Repo(path)).journal_slots <= (1 << 20) ÷ 48
        @test haskey(run, "__system_params")
        track!(run, :loss, 1)
        sleep(0.3)
    end
    @test length(query(Repo(path), "metric.name.startswith('__system__')")) > 0
    @test fails(() -> Run(repo=path, system_tracking_interval=0.01), Aim.AIM_ERR_INVALID_ARGUMENT, "0.01")
    impossible = Aim.RepoOptions(flush_interval=-1)
    @test fails(() -> Run(repo=mktempdir(), repo_options=impossible), Aim.AIM_ERR_INVALID_ARGUMENT, "-1")
    @test thrown(() -> Aim.RepoOptions(nope=1)) isa MethodError && thrown(() -> Run(nope=1)) isa MethodError
end

@testset "masked names" begin
    path = mktempdir()
    withenv("A_LICENCE" => "secret1", "SITE_KEYRING" => "secret2", "HARMLESS_NAME" => "visible") do
        Run(repo=path, log_system_params=true, mask_names="*_LICENCE,SITE_*") do run
            text = Aim.param_json(run, "__system_params")
            @test !occursin("secret1", text) && !occursin("secret2", text) && occursin("visible", text)
        end
        for (names, recorded) in [(["HARM*", "PATH"], ["HARMLESS_NAME", "PATH"]), ("HARM*", ["HARMLESS_NAME"])]
            Run(repo=path, log_system_params=true, env_names=names) do run
                @test sort!(collect(keys(run["/__system_params/env_variables"]))) == recorded
            end
        end
        Run(repo=path, log_system_params=true, env_names="") do run
            @test !haskey(run["__system_params"], "env_variables")
        end
    end
end

@testset "the working directory is where runs go by default" begin
    path = mktempdir()
    cd(path) do
        Run(run -> track!(run, :loss, 1))
        @test isdir(".aim") && length(query_runs(Repo())) == 1
        mkdir("below")
        cd(() -> Run(run -> nothing), "below")
        @test length(query_runs(Repo())) == 2
    end
end

@testset "repositories" begin
    hash, path = written(run -> track!(run, :loss, 1))
    repo = Repo(path)
    @test Aim.stats(repo).runs == 1 && Aim.stats(repo).file_bytes > 0 && occursin(path, sprint(show, repo))
    run = Run(repo=path, run_hash=hash)
    @test fails(() -> delete!(repo, hash), Aim.AIM_ERR_BUSY, hash)
    close(run)
    @test delete!(repo, hash) === repo && isempty(query_runs(repo))
    @test fails(() -> delete!(repo, hash), Aim.AIM_ERR_NOT_FOUND, hash)
    @test fails(() -> Repo("/nowhere/at/all"), Aim.AIM_ERR_NOT_FOUND, "/nowhere/at/all")
    @test occursin("AIM_ERR_NOT_FOUND", sprint(showerror, thrown(() -> Repo("/nowhere"))))
end

@testset "compact" begin
    hash, path = written(run -> (track!(run, :loss, rand(1000)); run["lr"] = 0.1))
    report = Aim.compact(path)
    @test 0 < report.bytes_after <= report.bytes_before && report.forgotten == 0
    @test length(only_metric(path, "run.lr == 0.1").values) == 1000
    repo = Repo(path)
    @test fails(() -> Aim.compact(path), Aim.AIM_ERR_BUSY, path)
    @test repo isa Repo # and so lives till here
    @test fails(() -> Aim.compact("/nowhere"), Aim.AIM_ERR_NOT_FOUND, "/nowhere")
end

@testset "salvage" begin
    hash, path = written(run -> (track!(run, :loss, rand(1000)); run["lr"] = 0.1))
    into = joinpath(mktempdir(), "salvaged")
    report = Aim.salvage(path, into; repo_options=Aim.RepoOptions(map_size=1 << 30))
    @test report == (runs=1, metrics=1, points=1000, lost_pages=0, lost_rows=0, uncounted=0)
    @test only_metric(into, "run.lr == 0.1").values == only_metric(path, "").values
    @test fails(() -> Aim.salvage(path, into), Aim.AIM_ERR_INVALID_ARGUMENT, into)
    @test fails(() -> Aim.salvage("/nowhere", joinpath(into, "other")), Aim.AIM_ERR_NOT_FOUND, "/nowhere")
end

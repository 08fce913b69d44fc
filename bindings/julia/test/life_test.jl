# A run's whole life: ids, backfill, outcomes, rewinding, editing what is stored.

@testset "runs are found by an id and rewound" begin
    path = mktempdir()
    run = Run(repo=path, run_id="job 1", run_id_mode=:create)
    @test_throws AimError Run(repo=path, run_id="job 1", run_id_mode=:create)
    @test_throws ArgumentError Run(repo=path, run_id="job 1", run_id_mode=:perhaps)
    track!(Metric(run, :loss), collect(1.0:150.0); step=0:149)
    @test Aim.rewind!(run, 140, :acc) == 0
    @test Aim.rewind!(run, 140) == 10
    Aim.close_as(run, :interrupted; signal=2)
    @test query_runs(Repo(path))[1].status == "interrupted"
    again = Run(repo=path, run_id="job 1", resume_step=100)
    @test again.hash == run.hash
    @test query(Repo(path), "metric.name == 'loss'")[1].info.count == 100
    Aim.start_closing(again)
    Aim.wait_for(again, 60)
    @test Aim.open_run(Repo(path), run.hash).run_id == "job 1"
    @test Aim.open_metrics(Repo(path), run.hash)[1].info.last_step == 99
end

@testset "tracking is switched off and on" begin
    path = joinpath(mktempdir(), "off")
    run = Run(repo=path, mode=:disabled)
    track!(run, :loss, 1.0)
    close(run)
    @test !ispath(path)
    run = withenv(() -> Run(repo=path, mode=:enabled, system_tracking_interval=0.1, system_tracking_children=true),
                  "AIM_MODE" => "disabled")
    # The first reading comes when it is made.
    @test timedwait(() -> length(query(Repo(path), "metric.name == '__system__children_count'")) == 1, 60) === :ok
    close(run)
    @test_throws ArgumentError Run(repo=path, mode=:offline)
end

@testset "what is past keeps its times" begin
    path, hash = mktempdir(), "0123456789abcdef01234567"
    run = Run(repo=path, new_hash=hash, created_at=1.5e9, no_lease=true)
    Aim.track_at!(Metric(run, :loss), [1.0, 2.0], [1.5e9, 1.5e9 + 0.5]; step=[0, 10])
    @test_throws AimError Aim.track_at!(Metric(run, :loss), [1.0], [NaN])
    Aim.log_at(run, 1.5e9, Aim.AIM_LOG_INFO, "then")
    Aim.add_terminal_line_at(run, 1.5e9, 1, "line")
    Aim.close_as(run, :failed; exit_code=3, finalized_at=1.5e9 + 1)
    found = query_runs(Repo(path))[1]
    @test (found.hash, found.created_at, found.finalized_at) == (hash, 1.5e9, 1.5e9 + 1)
    @test (found.status, found.exit_code) == ("failed", 3)
    @test query(Repo(path))[1].times == [1.5e9, 1.5e9 + 0.5]
end

@testset "stored runs are edited" begin
    path = mktempdir()
    hash = Run(repo=path, experiment="old") do run
        track!(run, (loss=1, junk=1))
        run.hash
    end
    repo = Repo(path)
    Aim.edit!(
        repo, hash; name="renamed", experiment="new", add_tags=["t"], params=["/net/depth" => 3], drop_metrics=["junk"],
        add_notes=["a note"],
    )
    found = query_runs(repo)[1]
    @test (found.name, found.experiment, found.status) == ("renamed", "new", "finished")
    @test Aim.edit_runs!(repo, "run.experiment == 'new'"; notes=[1 => "better"]) == 1
    note = Aim.notes(repo, hash)[1]
    @test (note["text"], note["history"][1]["text"]) == ("better", "a note")
    @test_throws ArgumentError Aim.edit!(repo, hash; nmae="x")
    Aim.describe!(repo, :tag, "t", "what it means"; colour="#00ff00")
    @test Aim.list(repo, :metric_names) == ["loss" => 1]
    @test Aim.list(repo, :param_keys, "run.net.depth == 3") == ["/net/depth" => 1]
    @test Aim.rename!(repo, :experiment, "new", "newer") == 1
    @test Aim.delete_tag!(repo, "t") == 1
    @test Aim.delete_runs!(repo, "run.experiment == 'newer'") == (deleted=1, busy=0)
end

# Artifacts: files that a run logs, found, checked and fetched again.

@testset "files are logged and found again" begin
    repo, out = mktempdir(), mktempdir()
    file = joinpath(mktempdir(), "model.bin")
    run = Run(repo=repo)
    write(file, "first")
    Aim.log_artifact(
        run, file; name="model", type="checkpoint", metadata=(loss=0.5,), aliases=["best", "first"], step=7, mode=:link,
    )
    rm(file)
    write(file, "second")
    Aim.log_artifact(run, file; name="model", aliases="best", mode=:copy, wait=true)
    Aim.log_artifact(run, file; checksum=false)
    @test fails(() -> Aim.log_artifact(run, "/nowhere"), Aim.AIM_ERR_NOT_FOUND, "/nowhere")
    @test fails(() -> Aim.log_artifact(run, file; name="../x"), Aim.AIM_ERR_INVALID_ARGUMENT)
    @test refuses(() -> Aim.log_artifact(run, file; mode=:move), "move", "link")
    @test refuses(() -> Aim.log_artifact(run, "a\0b"), "NUL")
    Aim.set_artifacts_uri!(run, "s3://bucket/path")
    best = run.hash * "/model:best"
    user, opened = Run(repo=repo), Repo(repo)
    Aim.use_artifact(user, best)
    @test fails(() -> Aim.use_artifact(user, run.hash * "/nothing"), Aim.AIM_ERR_NOT_FOUND, "nothing")
    users = Aim.artifact_users(opened, best)
    @test length(users) == 1 && (users[1].run, users[1].version) == (user.hash, 1) && users[1].time > 1.6e9
    close(user)
    close(run)

    first, second, plain = Aim.artifacts(opened, run.hash)
    @test (first.name, first.version, first.type, first.size, first.step) == ("model", 0, "checkpoint", 5, 7)
    @test (first.mode, first.state, first.path, first.aliases) == ("link", "stored", file, ["first"])
    @test first.metadata == Dict("loss" => 0.5) && first.time > 1.6e9 && first.files === first.uri === nothing
    @test read(first.content, String) == "first" && first.mtime > 1_600_000_000_000_000_000
    @test second.version == 1 && sort(second.aliases) == ["best", "latest"]
    # sha256sum of "second"
    @test second.checksum == "16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4"
    @test (plain.name, plain.type, plain.checksum, plain.step) == ("model.bin", "file", nothing, nothing)
    @test sprint(show, second) == "Artifact(\"model\", v1, stored)"
    found = Aim.verify_artifacts(opened, run.hash)
    @test [(one.name, one.version, one.found) for one in found[1:2]] == [("model", 0, "intact"), ("model", 1, "intact")]
    path = Aim.fetch_artifact(opened, run.hash * "/model:first", out)
    @test path == joinpath(out, "model.bin") && read(path, String) == "first"
    Aim.alias_artifact!(opened, run.hash * "/model:v0", "good")
    Aim.delete_artifact!(opened, run.hash * "/model:good")
    @test fails(() -> Aim.fetch_artifact(opened, run.hash * "/model:v0", out), Aim.AIM_ERR_NOT_FOUND)
    @test fails(() -> Aim.artifacts(opened, "0"^24), Aim.AIM_ERR_NOT_FOUND)
end

@testset "directories and changed files" begin
    repo, directory = mktempdir(), joinpath(mktempdir(), "data")
    mkpath(joinpath(directory, "part"))
    write(joinpath(directory, "part", "a"), "a")
    write(joinpath(directory, "b"), "bb")
    run = Run(repo=repo)
    Aim.log_artifact(run, directory; type="dataset", wait=true)
    close(run)
    logged = only(Aim.artifacts(Repo(repo), run.hash))
    @test (logged.name, logged.files, logged.size) == ("data", 2, 3)
    write(joinpath(directory, "b"), "cc")
    changed = only(Aim.verify_artifacts(Repo(repo), run.hash))
    @test changed.found == "changed" && occursin("b", changed.detail)
end

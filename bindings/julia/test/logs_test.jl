# Logs of runs, and Julia's logging.

using Dates
using Logging

@testset "records" begin
    hash, path = written() do run
        Aim.log!(run, "plain")
        Aim.log!(run, "with a place ✓"; level=Logging.Warn, file="train.jl", line=7, func="step")
        Aim.log!(run, "number"; level=50)
        found = Aim.logs(run)
        @test [r.text for r in found] == ["plain", "with a place ✓", "number"] && [r.level for r in found] == [20, 30, 50]
        @test (found[1].file, found[1].line, found[1].func) == (nothing, nothing, nothing)
        @test (found[2].file, found[2].line, found[2].func) == ("train.jl", 7, "step") && abs(found[2].time - time()) < 60
        @test fails(() -> Aim.log!(run, "a"; level=1000), Aim.AIM_ERR_INVALID_ARGUMENT, "1000")
        @test refuses(() -> Aim.log!(run, "a\0"), "NUL")
        @test refuses(() -> Aim.logs(run; stream=:nope), ":nope", ":terminal")
    end
    repo = Repo(path)
    @test [r.number for r in Aim.logs(repo, hash)] == [0, 1, 2] && Aim.log_numbers(repo, hash) == 0:2
    @test [r.text for r in Aim.logs(repo, hash; first=1, count=1)] == ["with a place ✓"]
    @test isempty(Aim.logs(repo, hash; stream=:terminal)) && isempty(Aim.log_numbers(repo, hash; stream=:terminal))
    @test fails(() -> Aim.logs(repo, "0"^24), Aim.AIM_ERR_NOT_FOUND, "0"^24)
    @test fails(() -> Aim.log_numbers(repo, "0"^24), Aim.AIM_ERR_NOT_FOUND)
end

@testset "what is written to the terminal" begin
    path = mktempdir()
    result = julia("""
        before = stdout
        Run(repo=path, capture_terminal_logs=true) do run
            println("from Julia")
            ccall(:puts, Cint, (Cstring,), "from C"); ccall(:fflush, Cint, (Ptr{Cvoid},), C_NULL)
            Base.run(`echo from a child`)
            println(stderr, "an error")
        end
        @assert stdout === before
        println("later")
        Run(repo=path, capture_terminal_logs=true)
        println("left open")
    """, path)
    @test (result.status, result.err) == (0, "an error\n")
    @test result.out == "from Julia\nfrom C\nfrom a child\nlater\nleft open\n"
    runs = query_runs(Repo(path))
    lines = Aim.logs(Repo(path), runs[2].hash; stream=:terminal)
    texts(descriptor) = [line.text for line in lines if line.descriptor == descriptor]
    @test texts(1) == ["from Julia", "from C", "from a child"] && texts(2) == ["an error"]
    @test [line.text for line in Aim.logs(Repo(path), runs[1].hash; stream=:terminal)] == ["left open"]
end

"The metrics of a repository: name and context to steps, values and epochs."
tracked(path) = Dict(
    (m.name, get(m.context, "subset", "")) => (collect(m.steps), collect(m.values), collect(m.epochs)) for
    m in query(Repo(path))
)

@testset "a logger tracks the numbers that are attached" begin
    _, path = written() do run
        with_logger(AimLogger(run)) do
            for step in 1:3
                @info "train" loss = 1 / step accuracy = 0.5f0 step = step epoch = 1
            end
            @info "train" loss = 7
            @info "" lr = 0.1
            @warn "val" loss = 2
            @debug "train" loss = 99
        end
        @test isempty(Aim.logs(run))
    end
    found = tracked(path)
    @test isequal(found["loss", "train"], ([1, 2, 3, 4], [1.0, 0.5, 1 / 3, 7.0], [1, 1, 1, missing]))
    @test found["accuracy", "train"][2] == [0.5, 0.5, 0.5] && found["lr", ""][2] == [0.1] && found["loss", "val"][2] == [2.0]
    @test length(found) == 4
end

struct Scores
    f1::Float64
    label::String
end

@testset "a logger tracks numbers in what is attached, and passes every record on" begin
    seen = Test.TestLogger(min_level=Logging.Info)
    _, path = written() do run
        with_logger(AimLogger(run; level=Logging.Debug, next=seen)) do
            @info "" val = (loss=0.5, deep=Dict("x" => 1)) scores = Scores(0.8, "b") step = 3
            @debug "" low = 1
            @info "told" when = Dates.Date(2026, 1, 2) text = (a="b",)
        end
        @test [r.text for r in Aim.logs(run)] == ["\nscores.label = \"b\"", "told\nwhen = Date(\"2026-01-02\")\ntext = (a = \"b\",)"]
    end
    found = tracked(path)
    @test Set(keys(found)) == Set([("val.loss", ""), ("val.deep.x", ""), ("scores.f1", ""), ("low", "")])
    @test found["val.deep.x", ""][1:2] == ([3], [1.0]) && found["scores.f1", ""][2] == [0.8]
    @test [r.message for r in seen.logs] == ["", "told"] && seen.logs[1].kwargs[:step] == 3
    # Unless told otherwise the records go where they went before.
    out = julia("""
        using Logging
        Run(run -> with_logger(() -> (@info "both ways" loss=1; @debug "no"), AimLogger(run)), repo=path)
        Run(run -> with_logger(() -> @info("here only", loss=1), AimLogger(run; next=nothing)), repo=path)
    """, path)
    @test out.status == 0 && occursin("both ways", out.err) && !occursin("only", out.err) && !occursin("no", out.err)
end

struct Colour
    r::Float64
    g::Float64
    b::Float64
end

@testset "a logger tracks pictures and distributions" begin
    _, path = written() do run
        with_logger(AimLogger(run)) do
            colours = [Colour(1, 0, 0.5) for _ in 1:4, _ in 1:6]
            @info "val" picture = colours weights = randn(3, 4, 5) bits = [true, false] step = 2
            @info "" deep = (grad=Float32[1, 2, 3], text=Aim.Text("note")) list = [Aim.Text("a"), Aim.Text("b")]
        end
        @test [r.text for r in Aim.logs(run)] == ["val\nbits = Bool[1, 0]"]
    end
    repo = Repo(path)
    of(kind, name) = Aim.objects(only(Aim.query_objects(repo, kind, "$(lowercase(string(nameof(kind))))s.name == '$name'")))
    image = only(of(Aim.Image, "picture"))
    @test (image.step, image.width, image.height) == (2, 6, 4)
    @test length(of(Aim.Distribution, "weights")) == 1 && length(of(Aim.Distribution, "deep.grad")) == 1
    @test length(of(Aim.Text, "deep.text")) == 1 && length(of(Aim.Text, "list")) == 2
end

@testset "a logger reads what tells of progress" begin
    _, path = written() do run
        with_logger(AimLogger(run; next=nothing)) do
            for done in (NaN, nothing, 0.25, 0.5, "done")
                @logmsg LogLevel(-1) "epochs" progress = done _id = :mine
            end
            @logmsg LogLevel(-1) "quiet"
        end
        with_logger(() -> @logmsg(LogLevel(-1), "no", progress = 0.5), AimLogger(run; level=Logging.Warn, next=nothing))
        @test isempty(Aim.logs(run))
    end
    @test isequal(tracked(path), Dict(("progress", "epochs") => ([0, 1, 2], [0.25, 0.5, 1.0], [missing, missing, missing])))
end

@testset "a logger records what is not a number" begin
    _, path = written() do run
        with_logger(AimLogger(run; level=Logging.Debug)) do
            @debug "found it"
            @info "loaded" file = "a.csv" rows = 10 ok = true
            try
                error("mine")
            catch failure
                @error "went wrong" exception = (failure, catch_backtrace())
                @warn "again" exception = failure
            end
        end
        found = Aim.logs(run)
        @test [r.level for r in found] == [10, 20, 40, 30]
        @test all(endswith(r.file, "logs_test.jl") && r.line > 1 for r in found)
        @test found[1].text == "found it" && found[2].text == "loaded\nfile = \"a.csv\"\nok = true"
        @test startswith(found[3].text, "went wrong\nexception = mine\nStacktrace:")
        @test found[4].text == "again\nexception = mine"
    end
    @test isequal(tracked(path), Dict(("rows", "loaded") => ([0], [10.0], [missing])))
end

@testset "levels of a logger" begin
    _, path = written() do run
        with_logger(AimLogger(run; level=Logging.Warn)) do
            @info "no"
            @warn "yes"
            @logmsg LogLevel(-10^6) "no"
            @logmsg LogLevel(10^6) "high"
        end
        @test [(r.text, r.level) for r in Aim.logs(run)] == [("yes", 30), ("high", 100)]
    end
end

@testset "a logger of a closed run does not stop the program" begin
    out = julia("""
        using Logging
        run = Run(repo=path); close(run)
        with_logger(() -> (@info "train" loss=1; print("went on")), AimLogger(run))
    """, mktempdir())
    @test out.status == 0 && out.out == "went on" && occursin("closed", out.err)
end

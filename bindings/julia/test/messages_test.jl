# The library's own messages. Each test is a process of its own.

# A journal whose header makes no sense is set aside by whoever opens the repository next, with an error message.
damage(path, number) =
    write(joinpath(path, ".aim", "journal", string(number; base=16, pad=32)), "no journal"^1000)

function damaged(numbers)
    _, path = written(run -> nothing)
    foreach(number -> damage(path, number), numbers)
    return path
end

@testset "by default errors go to Julia's logging" begin
    result = julia("Repo(path); read(stdin)", damaged(7); heard="Error: journal")
    @test (result.status, result.out) == (0, "")
    @test occursin("Error: journal 00000000000000000000000000000007", result.err)
end

@testset "not to the logger of the task that opened the repository" begin
    result = julia("""
        using Logging
        own = IOBuffer()
        with_logger(() -> (Repo(path); read(stdin)), SimpleLogger(own))
        print(position(own))
    """, damaged(7); heard="Error: journal")
    @test result.out == "0" && occursin("Error: journal", result.err)
end

@testset "a callback" begin
    out = clean("Aim.set_log_callback((level, text) -> println(level, \" \", text)); Repo(path)", damaged(7))
    @test startswith(out, "40 journal 00000000000000000000000000000007 ") && count(==('\n'), out) == 1
end

@testset "levels" begin
    # What a dead writer left is brought in by whoever opens the repository next, who says so at level INFO.
    for (level, heard) in (("INFO", 1), ("WARNING", 0))
        path = mktempdir()
        dead = julia("run = Run(repo=path); track!(run, :loss, 1); ccall(:kill, Cint, (Cint, Cint), getpid(), 9)", path)
        @test dead.signal == 9
        out = clean("Aim.set_log_callback((l, t) -> println(l, \" \", t), Aim.AIM_LOG_$level); Repo(path)", path)
        @test count(==('\n'), out) == heard && (heard == 0 || startswith(out, "20 recovered"))
    end
end

@testset "silence" begin
    @test clean("Aim.set_log_callback(nothing); Repo(path); sleep(0.2)", damaged(7)) == ""
    heard_before = "Aim.set_log_callback((l, t) -> nothing); Aim.set_log_callback(nothing);"
    @test clean(heard_before * "Repo(path); sleep(0.2)", damaged(7)) == ""
end

@testset "a callback that fails or calls the library" begin
    result = julia("""
        calls = 0
        function receive(level, text)
            global calls += 1
            calls == 1 && error("mine")
            print(length(query_runs(Repo(path))))
            global answered = true
        end
        answered = false
        Aim.set_log_callback(receive)
        Repo(path)
        timedwait(() -> answered, 60.0)
    """, damaged(1:2))
    @test (result.status, result.out) == (0, "1") && occursin("mine", result.err)
end

@testset "messages from the library's own thread, while Julia's are busy" begin
    out = clean("""
        heard = String[]
        Aim.set_log_callback((level, text) -> push!(heard, text))
        ccall(:signal, Ptr{Cvoid}, (Cint, Ptr{Cvoid}), 25, Ptr{Cvoid}(1)) # SIGXFSZ is ignored
        limit(soft) = ccall(:setrlimit, Cint, (Cint, Ptr{UInt64}), 1, UInt64[soft, typemax(UInt64)])
        run = Run(repo=path)
        loss = Metric(run, :loss)
        flush(run)
        for round in 1:20
            limit(8192)
            code = try
                track!(loss, rand(30_000)); flush(run); 0
            catch failure
                failure.code
            end
            garbage = [rand(100) for _ in 1:10_000]
            GC.gc()
            limit(typemax(UInt64))
            code == 0 || sum(sum, garbage) > 0 && flush(run)
        end
        close(run)
        timedwait(() -> !isempty(heard), 60.0)
        println(length(heard) > 0, " ", all(text -> startswith(text, "a commit failed"), heard), " ",
            query(Repo(path))[1].info.count)
    """, mktempdir())
    @test out == "true true 600000\n"
end

@testset "messages of many threads at the end of the process" begin
    out = clean("""
        Aim.set_log_callback((level, text) -> println(split(text)[2]))
        Threads.@threads for _ in 1:4
            Repo(path)
        end
    """, damaged(1:100))
    @test sort(unique(split(out))) == [string(number; base=16, pad=32) for number in 1:100]
end

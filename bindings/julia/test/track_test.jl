# Tracking.

"The points of the only metric that an expression finds."
points(path, expression="") = Aim.columns(only_metric(path, expression))

@testset "by name" begin
    _, path = written() do run
        track!(run, :loss, 1.0)
        track!(run, "loss", 2)
        track!(run, :loss, 0.5f0; step=10, epoch=3)
        track!(run, :loss, 7; epoch=4)
        track!(run, :loss, big"2.5"; step=0x01)
    end
    found = points(path)
    @test found.step == [0, 1, 10, 11] && found.value == [1.0, 2.5, 0.5, 7.0]
    @test isequal(found.epoch, [missing, missing, 3, 4]) && all(abs.(found.time .- time()) .< 60)
end

@testset "keywords are the context" begin
    _, path = written() do run
        track!(run, :loss, 1; subset="train", fold=2)
        track!(run, :loss, 2; fold=2, subset=:train)
        track!(run, :loss, 3; subset="val")
        track!(run, :loss, 4; Dict(Symbol("a b") => [1, nothing])...)
        track!(run, :loss, 5)
        track!(Metric(run, :loss; step="a", epoch=1), 6)
    end
    found = Dict(metric.context => collect(metric.values) for metric in query(Repo(path)))
    @test found == Dict(
        Dict("subset" => "train", "fold" => 2) => [1, 2], Dict("subset" => "val") => [3],
        Dict("a b" => [1, nothing]) => [4], Dict() => [5], Dict("step" => "a", "epoch" => 1) => [6],
    )
end

@testset "a name and a context that come again" begin
    _, path = written() do run
        for i in 1:2000, name in (:loss, "loss") # more than a run recognises at once
            track!(run, name, i; i=i)
        end
        list = [1]
        for context in ((a=1,), (a=1.0,), (a="1",), (a=true,), (a=missing,), (a=list,), (a=1, b=2), (b=2, a=1))
            foreach(_ -> track!(run, :acc, 1; context...), 1:3)
        end
        push!(list, 2)
        track!(run, :acc, 1; a=list)
    end
    @test length(query(Repo(path), "metric.name == 'loss' and metric.last == metric.context.i")) == 2000
    counts = [(Aim.context_text(metric), metric.info.count) for metric in query(Repo(path), "metric.name == 'acc'")]
    @test sort(last.(counts)) == [1, 3, 3, 3, 3, 3, 3, 6] && ("{\"a\":[1,2]}", 1) in counts
end

@testset "what holds values" begin
    _, path = written() do run
        track!(run, :m, missing)
        track!(run, :m, Any[1, 2.5, missing])
        track!(run, :m, (3, 4))
        track!(Metric(run, :m), missing; step=10)
        track!(run, (val=(loss=0.5, top=Dict(1 => 0.25)), lr=missing); step=7)
        track!(run, :test, Dict("loss" => 1))
        @test refuses(() -> track!(run, :m, Any[1, "2"]), "\"2\"", "number")
    end
    found = points(path, "metric.name == 'm'")
    @test found.step == [0:5; 10] && isequal(found.value, [NaN, 1, 2.5, NaN, 3, 4, NaN])
    names = Set(metric.name for metric in query(Repo(path), "metric.name != 'm'"))
    @test names == Set(["val.loss", "val.top.1", "lr", "test.loss"])
end

@testset "by a metric" begin
    _, path = written() do run
        loss = Metric(run, :loss; subset="train")
        @test occursin("loss", sprint(show, loss)) && occursin("train", sprint(show, loss))
        for i in 1:1000
            track!(loss, 1 / i; step=i, epoch=i ÷ 100)
        end
        track!(loss, NaN)
        track!(loss, -Inf; step=-4)
        track!(loss, 42; step=3)
        track!(loss, 1; step=typemax(Int64) - 1)
    end
    found = points(path, "metric.context.subset == 'train'")
    @test found.step == [-4; 1:1001; typemax(Int64) - 1] && found.value[1] == -Inf && isnan(found.value[1002])
    @test found.value[4] == 42 && found.value[3] == 0.5 && found.epoch[1001] == 10 && ismissing(found.epoch[1])
end

@testset "vectors" begin
    _, path = written() do run
        track!(run, :loss, 1:3; subset="train")
        track!(run, :loss, Float32[4, 5]; step=[10, 20], epoch=[1, missing], subset="train")
        loss = Metric(run, :loss; subset="train")
        track!(loss, view([0.0, 6.0, 7.0], 2:3); step=30:40:70, epoch=2)
        track!(loss, Float64[])
        track!(loss, [8]; epoch=[missing])
    end
    found = points(path)
    @test found.step == [0, 1, 2, 10, 20, 30, 70, 71] && found.value == 1:8
    @test isequal(found.epoch, [missing, missing, missing, 1, missing, 2, 2, missing])
end

@testset "several metrics at once" begin
    _, path = written() do run
        track!(run, (loss=0.5, accuracy=0.9); step=7, epoch=1, subset="val")
        track!(run, Dict("f1" => 0.8))
    end
    @test [(m.name, m.steps[1], m.values[1], m.epochs[1]) for m in query(Repo(path), "metric.context.subset == 'val'")] ==
          [("accuracy", 7, 0.9, 1), ("loss", 7, 0.5, 1)]
    @test points(path, "metric.name == 'f1'").value == [0.8]
end

@testset "columns of one run go into another" begin
    _, first = written(run -> track!(run, :loss, rand(100); step=0:7:693, epoch=[i % 2 == 0 ? missing : i for i in 1:100]))
    columns = points(first)
    _, second = written(run -> track!(run, :loss, columns.value; step=columns.step, epoch=columns.epoch))
    again = points(second)
    @test again.value == columns.value && again.step == columns.step && isequal(again.epoch, columns.epoch)
end

@testset "what cannot be tracked" begin
    hash, path = written() do run
        loss = Metric(run, :loss)
        @test thrown(() -> track!(loss, "1")) isa MethodError && thrown(() -> track!(loss, nothing)) isa MethodError
        @test thrown(() -> track!(loss, 1im)) isa MethodError && thrown(() -> track!(loss, 1; step=1.5)) isa TypeError
        @test thrown(() -> track!(loss, 1; step=big(2)^70)) isa InexactError
        @test thrown(() -> track!(loss, 1:3; step=1:2)) == DimensionMismatch("step has 2 elements for 3 values")
        @test thrown(() -> track!(loss, 1:3; epoch=[1])) isa DimensionMismatch
        @test refuses(() -> track!(loss, 1:3; step=5), "step 5")
        @test refuses(() -> track!(run, "a\0", 1), "NUL") && refuses(() -> track!(run, :a, 1; subset=sin), "sin")
        @test fails(() -> track!(run, "", 1), Aim.AIM_ERR_INVALID_ARGUMENT, "name")
        @test fails(() -> track!(run, "n"^5000, 1), Aim.AIM_ERR_LIMIT, "4096")
        @test fails(() -> Metric(run, :loss; big="x"^70_000), Aim.AIM_ERR_LIMIT)
        track!(loss, 1)
    end
    @test points(path).value == [1]
end

function thousand(metric)
    for i in 1:1000
        track!(metric, 0.5 * i; step=i, epoch=3)
    end
end

function thousand_automatic(metric)
    for i in 1:1000
        track!(metric, i)
    end
end

@testset "tracking by a metric allocates nothing" begin
    written() do run
        loss = Metric(run, :loss)
        thousand(loss), thousand_automatic(loss)
        @test @allocated(thousand(loss)) == 0
        @test @allocated(thousand_automatic(loss)) == 0
    end
end

@testset "a metric keeps its run" begin
    path = mktempdir()
    loss = (() -> Metric(Run(repo=path), :loss))()
    for i in 1:100
        GC.gc()
        track!(loss, i)
    end
    flush(loss.run)
    @test points(path).value == 1:100
    close(loss.run)
end

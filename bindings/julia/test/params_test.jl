# Params.

@testset "values of every type" begin
    written() do run
        for value in (
            nothing, true, false, 0, typemax(Int64), typemin(Int64), big(2)^100, -big(2)^100, 1.5, NaN, -Inf,
            "ünï✓", "a\0b", "",
            UInt8[1, 0, 255], UInt8[], Any[], Any[1, "a", nothing], Dict{String,Any}(), Dict("a" => Dict("b" => [1.5])),
        )
            run["p"] = value
            @test isequal(run["p"], value) && (value isa AbstractDict || typeof(run["p"]) == typeof(value))
        end
        for (value, stored) in (missing => nothing, :adam => "adam", Int8(3) => 3, 0.5f0 => 0.5, (1, 2) => [1, 2],
            typemax(UInt64) => big(typemax(UInt64)), (lr=1,) => Dict("lr" => 1))
            run["p"] = value
            @test run["p"] == stored
        end
        @test refuses(() -> run["p"] = 1 // 3, "1//3") && refuses(() -> run["p"] = sin, "sin")
        @test run["p"] == Dict("lr" => 1)
    end
end

@testset "paths into the tree" begin
    hash, path = written() do run
        run["hparams"] = (lr=1e-4, layers=[64, 10], optimizer=Dict("name" => "adam"))
        run["hparams", "lr"] = 3e-4
        run["hparams", :layers, 2] = 20
        run["/hparams/layers/-"] = 5
        run["hparams", "new", "deep"] = true
        @test run["hparams"] == Dict("lr" => 3e-4, "layers" => [64, 20, 5], "optimizer" => Dict("name" => "adam"),
            "new" => Dict("deep" => true))
        @test run["hparams"]["optimizer"]["name"] == run["hparams", "optimizer", "name"] == run["/hparams/optimizer/name"]
        @test run["hparams", "layers", 1] == run["/hparams/layers/0"] == run[:hparams, "layers"][1] == 64
        run["a/b~c.d"] = 1
        run["tree", "x/y~z"] = 2
        @test run["a/b~c.d"] == 1 && run["tree"] == Dict("x/y~z" => 2) && run["tree", "x/y~z"] == 2
        @test refuses(() -> run["hparams", "layers", 0], "index 0")
        @test fails(() -> run["hparams", "layers", 9], Aim.AIM_ERR_NOT_FOUND)
        delete!(run, "hparams", "layers", 1)
        @test run["hparams", "layers"] == [20, 5]
        delete!(run, "tree")
        @test !haskey(run, "tree") && haskey(run, "/hparams/new/deep")
        @test fails(() -> delete!(run, "tree"), Aim.AIM_ERR_NOT_FOUND, "tree")
    end
    row = query_runs(Repo(path), "run.hparams.lr > 1e-4")[1]
    @test row["hparams", "layers", 2] == 5 && row["/hparams/new/deep"] && haskey(row, "a/b~c.d") && !haskey(row, "tree")
    @test row.hash == hash && get(row, "nope", 7) == 7 && get(row, "a/b~c.d", 7) == 1
    @test fails(() -> row["nope"], Aim.AIM_ERR_NOT_FOUND, "nope")
    @test collect(keys(Aim.params(row))) == ["hparams", "a/b~c.d"]
end

@testset "all params, defaults, missing ones" begin
    written() do run
        @test isempty(Aim.params(run))
        run["b"], run["a"] = 1, nothing
        @test Aim.params(run) == Dict("b" => 1, "a" => nothing) && collect(keys(Aim.params(run))) == ["b", "a"]
        @test get(run, "a", 7) === nothing && get(run, :nope, 7) == 7 && haskey(run, "a") && !haskey(run, "nope")
        @test fails(() -> run["nope"], Aim.AIM_ERR_NOT_FOUND, "nope")
        @test refuses(() -> run["a\0b"] = 1, "NUL") && refuses(() -> run["a\0b"], "NUL")
        deep = foldl((inner, _) -> [inner], 1:200; init=1)
        @test fails(() -> run["deep"] = deep, Aim.AIM_ERR_LIMIT, "128")
        @test fails(() -> run["k"^5000] = 1, Aim.AIM_ERR_LIMIT, "4096")
        @test fails(() -> run["text"] = "\xff", Aim.AIM_ERR_INVALID_ARGUMENT, "UTF-8")
    end
end

@testset "bytes" begin
    written() do run
        blob = rand(UInt8, 1_000_000)
        run["blob"] = blob
        run["tree"] = (inside=UInt8[1, 2],)
        @test Aim.param_bytes(run, "blob") == blob == run["blob"]
        @test Aim.param_bytes(run, "tree", "inside") == [1, 2]
        run["none"] = UInt8[]
        @test Aim.param_bytes(run, "none") == UInt8[]
        run["text"] = "a"
        @test fails(() -> Aim.param_bytes(run, "text"), Aim.AIM_ERR_TYPE, "text")
        @test fails(() -> Aim.param_bytes(run, "nope"), Aim.AIM_ERR_NOT_FOUND, "nope")
    end
end

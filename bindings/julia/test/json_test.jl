# JSON, as the C API writes it.

using Random

decode, encode = Aim.JSON.decode, Aim.JSON.encode

@testset "numbers" begin
    for (text, value) in (
        "0" => 0, "-0" => 0, "7" => 7, "-3" => -3, "9007199254740993" => 9007199254740993,
        "9223372036854775807" => typemax(Int64), "-9223372036854775808" => typemin(Int64),
        "9223372036854775808" => big(typemax(Int64)) + 1, "-9223372036854775809" => big(typemin(Int64)) - 1,
        "1" * "0"^200 => big(10)^200,
        "1.0" => 1.0, "-0.0" => -0.0, "1e3" => 1000.0, "1E-3" => 0.001, "2.5e+10" => 2.5e10, "1e-300" => 1e-300,
        "5e-324" => 5e-324, "NaN" => NaN, "Infinity" => Inf, "-Infinity" => -Inf,
    )
        @test isequal(decode(text), value) && typeof(decode(text)) == typeof(value)
        @test isequal(decode(" [$text] "), [value])
    end
end

@testset "text" begin
    for (text, value) in (
        "\"\"" => "", "\"ünï✓😀\"" => "ünï✓😀", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"" => "\"\\/\b\f\n\r\t",
        "\"a\\u00e9\\u2713\\ud83d\\ude00z\"" => "aé✓😀z", "\"\\u0000\"" => "\0", "\"é\\n✓\"" => "é\n✓",
    )
        @test decode(text) == value
        @test decode(encode(value)) == value
    end
    @test encode("a\"b\\c\n\t\x01é/") == "\"a\\\"b\\\\c\\n\\t\\u0001é/\""
end

@testset "objects keep their order, arrays nest, blanks are allowed" begin
    object = decode(" { \"b\" : [ 1 , [ ] , { } ] ,\n\t\"a\":null,\"c\":{\"d\":true,\"e\":false} } ")
    @test collect(keys(object)) == ["b", "a", "c"]
    @test object == Dict("a" => nothing, "b" => [1, [], Dict()], "c" => Dict("d" => true, "e" => false))
    @test object["c"]["d"] && get(object, "x", 7) == 7 && !haskey(object, "x") && length(object) == 3
    @test encode(object) == "{\"b\":[1,[],{}],\"a\":null,\"c\":{\"d\":true,\"e\":false}}"
    @test decode("{\"a\":1,\"b\":2,\"a\":3}") == Dict("a" => 3, "b" => 2)
    @test refuses(() -> object["a"] = 1, "\"a\"", "run[")
end

@testset "bytes" begin
    @test decode("{\"__bytes__\":\"AQL/\"}") == UInt8[1, 2, 255]
    @test encode(UInt8[1, 2, 255]) == "{\"__bytes__\":\"AQL/\"}"
    @test decode("{\"__bytes__\":1}") == Dict("__bytes__" => 1)
    @test decode("{\"__bytes__\":\"AQL/\",\"a\":1}") == Dict("__bytes__" => "AQL/", "a" => 1)
    @test decode(encode(UInt8[])) == UInt8[]
end

@testset "what is no JSON is refused, with the place" begin
    for text in (
        "", " ", "nul", "tru", "Nan", "+1", "01", "1.", ".5", "1e", "1e+", "-", "--1", "0x1", "1 2", "[", "[1", "[1,", "[1,]",
        "[,1]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{1:1}", "\"", "\"a", "\"\\",
        "\"\\x\"", "\"\\u12\"",
        "\"\\ud83d\"", "\"\\ud83d\\u0041\"", "\"\\ude00\"", "\"\n\"", "]", "}", "'a'", "Inf", "-Inf", "[1}", "{\"a\":1]",
    )
        @test refuses(() -> decode(text), "JSON", "byte", "expected")
    end
    @test refuses(() -> decode("\"\xff\""), "UTF-8")
    @test refuses(() -> decode("["^2000 * "]"^2000), "1000")
    @test occursin("byte 4, found \"x]\"", thrown(() -> decode("[1,x]")).msg)
end

@testset "what Julia has is stored as what comes closest" begin
    for (value, text) in (
        nothing => "null", missing => "null", true => "true", 0x05 => "5", Int8(-3) => "-3",
        typemax(UInt64) => "18446744073709551615",
        typemin(Int128) => string(typemin(Int128)), big(2)^70 => string(big(2)^70),
        0.5f0 => "0.5", Float16(0.25) => "0.25", 1e-5 => "1.0e-5", NaN32 => "NaN", -Inf => "-Infinity",
        big"0.5" => "0.5",
        :adam => "\"adam\"", 'x' => "\"x\"", SubString("abc", 2) => "\"bc\"",
        (1, "a") => "[1,\"a\"]", 1:3 => "[1,2,3]", [0x01, 2] => "[1,2]", UInt16[1, 2] => "[1,2]",
        [1 missing][1, :] => "[1,null]",
        (lr=1e-4, layers=[64, 10]) => "{\"lr\":0.0001,\"layers\":[64,10]}", Dict(1 => :a) => "{\"1\":\"a\"}",
        Set([1]) => "[1]", NamedTuple() => "{}", () => "[]",
    )
        @test encode(value) == text
    end
    @test decode(encode(0.1f0)) === Float64(0.1f0)
end

@testset "what would be lost or changed is refused" begin
    for (value, parts) in (
        1 // 3 => ("Rational", "1//3"), π => ("π",), 1im => ("Complex",), [1 2; 3 4] => ("Array{Int64,2}",),
        sin => ("sin",),
        big"0.1" => ("Float64",), Dict(1.5 => 1) => ("Float64", "key"), Dict(1 => 1, "1" => 2) => ("\"1\"",),
        (:a => 1) => ("Pair",), r"a" => ("Regex",),
    )
        @test refuses(() -> encode(value), parts...)
        @test refuses(() -> encode([value]), parts...)
    end
    endless = Any[]
    push!(endless, endless)
    @test refuses(() -> encode(endless), "contains itself")
end

# Values of which each comes back as it was.
function random_value(random, depth)
    kind = rand(random, depth > 4 ? (1:8) : (1:10))
    kind == 1 && return nothing
    kind == 2 && return rand(random, Bool)
    kind == 3 && return rand(random, Int64) >> rand(random, 0:63)
    kind == 4 && return rand(random, (-1, 1)) * (big(typemax(Int64)) + rand(random, 1:10^6)) * big(10)^rand(random, 0:30)
    kind == 5 && return reinterpret(Float64, rand(random, UInt64))
    kind == 6 && return rand(random, (NaN, Inf, -Inf, 0.0, -0.0, 1.0, 1e22, 0.1))
    kind == 7 && return random_text(random)
    kind == 8 && return rand(random, UInt8, rand(random, 0:20))
    kind == 9 && return Any[random_value(random, depth + 1) for _ in 1:rand(random, 0:4)]
    return Dict{String,Any}("k" * random_text(random) => random_value(random, depth + 1) for _ in 1:rand(random, 0:4))
end

const CHARACTERS = [collect("abc\"\\/ \t\n\r\b\f\x01\x7fäß✓😀"); '\u2028'; '\U10ffff']

random_text(random) = String(rand(random, CHARACTERS, rand(random, 0:12)))

same(a, b) = isequal(a, b) && same_type(a, b)
same_type(a, b) = typeof(a) == typeof(b)
same_type(a::AbstractDict, b::AbstractDict) = keys(a) == keys(b) && all(same(a[key], b[key]) for key in keys(a))
same_type(a::Vector{Any}, b::Vector{Any}) = all(same(x, y) for (x, y) in zip(a, b))

const SEED = parse(Int, get(ENV, "AIM_TEST_SEED", string(rand(UInt32))))
println("# AIM_TEST_SEED=$SEED")

@testset "values come back as they were" begin
    random = MersenneTwister(SEED)
    @test all(1:2000) do _
        value = random_value(random, 0)
        same(decode(encode(value)), value) || error("not the same: $(repr(value))")
    end
end

@testset "values come back from the library as they were" begin
    random = MersenneTwister(SEED)
    values = [random_value(random, 0) for _ in 1:300]
    hash, path = written() do run
        for (i, value) in enumerate(values)
            run["p$i"] = value
        end
        @test all(same(run["p$i"], value) for (i, value) in enumerate(values))
    end
    stored = Aim.params(query_runs(Repo(path))[1])
    @test all(same(stored["p$i"], value) || error("not the same: $(repr(value))") for (i, value) in enumerate(values))
end

@testset "damaged texts are refused, never worse" begin
    random = MersenneTwister(SEED)
    @test all(1:2000) do _
        units = Vector{UInt8}(encode(random_value(random, 0)))
        for _ in 1:rand(random, 1:3)
            isempty(units) || (units[rand(random, 1:end)] = rand(random, UInt8))
        end
        resize!(units, rand(random, 0:length(units)))
        try
            decode(String(units))
            true
        catch failure
            failure isa ArgumentError || rethrow()
        end
    end
end

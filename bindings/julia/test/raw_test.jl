# The raw layer is what include/aim.h says.

module Generator
include(joinpath(@__DIR__, "..", "raw", "generate.jl"))
end

const HEADER = read(joinpath(ROOT, "include", "aim.h"), String)

@testset "src/capi.jl is up to date" begin
    @test Generator.generate(HEADER) == read(joinpath(PACKAGE, "src", "capi.jl"), String)
    changed = replace(HEADER, "#define AIM_ERR_BUSY 11" => "#define AIM_ERR_BUSY 12")
    @test Generator.generate(changed) != Generator.generate(HEADER)
end

@testset "every function of the header is in the raw layer" begin
    declared = Set(m[1] for m in eachmatch(r"^[a-z][\w ]*[ *](aim_\w+)\("m, HEADER))
    @test length(declared) > 60
    @test declared == Set(m[1] for m in eachmatch(r"ccall\(\(:(\w+)", read(joinpath(PACKAGE, "src", "capi.jl"), String)))
end

@testset "every function of the header is used by the layer above" begin
    files = filter(!=("capi.jl"), readdir(joinpath(PACKAGE, "src")))
    source = join(read(joinpath(PACKAGE, "src", file), String) for file in files)
    unused = [m[1] for m in eachmatch(r"ccall\(\(:(\w+)", read(joinpath(PACKAGE, "src", "capi.jl"), String)) if
        !occursin(Regex("\\b$(m[1])\\b"), source)]
    # These are for languages that read no JSON, and an error's text has its message.
    filter!(name -> !occursin(r"_(param|property)_(double|int64|bool|string)$|^aim_status_text$", name), unused)
    # Others do the same, with options, or by the metric.
    @test sort(unused) == ["aim_query_run_param", "aim_repo_query", "aim_repo_query_arrow", "aim_run_get_param", "aim_run_track",
                           "aim_sequence_track_texts"]
end

@testset "structs have the layout that a C compiler gives them" begin
    structs = [getfield(Aim, Symbol(m[1])) for m in eachmatch(r"^} (aim_\w+);"m, HEADER)]
    @test length(structs) == 18
    numbers = join("sizeof($T), " * join("offsetof($T, $name), " for name in fieldnames(T)) for T in structs)
    numbers = replace(numbers, "Aim." => "")
    program = """
    #include <aim.h>
    #include <stdio.h>
    int main(void)
    {
        size_t numbers[] = { $numbers };
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) printf("%zu\\n", numbers[i]);
    }
    """
    mktempdir() do directory
        source, compiled = joinpath(directory, "layout.c"), joinpath(directory, "layout")
        write(source, program)
        Base.run(`gcc -I$ROOT/include $source -o $compiled`)
        expected = parse.(Int, split(read(`$compiled`, String)))
        @test expected == [n for T in structs for n in [sizeof(T); fieldoffset.(T, 1:fieldcount(T))]]
    end
end

@testset "constants have the header's values" begin
    @test (Aim.AIM_ERR_READ_ONLY, Aim.AIM_EPOCH_NONE, Aim.AIM_LOG_CRITICAL) == (16, typemin(Int64), 50)
    @test Aim.AIM_VERSION == string(Aim.version())
    @test Aim.has("gpu") && !Aim.has("gp")
end

# How the library is found. Each case is a process of its own.

const LIBRARY = realpath(joinpath(ROOT, "build", "lib", "libaim.so"))

loaded = "println(join(unique(split(line)[end] for line in eachline(\"/proc/self/maps\") if occursin(\"libaim\", line)), ','))"

"A directory with a copy of the library and, elsewhere, an installed package beside it."
function installation()
    prefix = mktempdir()
    Base.run(`$PACKAGE/install $prefix`)
    mkpath(joinpath(prefix, "lib"))
    cp(LIBRARY, joinpath(prefix, "lib", "libaim.so.0"))
    return prefix
end

"What a program prints that uses the installed package."
function with_installed(prefix, code; environment...)
    program = "using Aim; " * code
    settings = Dict("JULIA_LOAD_PATH" => joinpath(prefix, "share", "aim", "julia") * ":@stdlib",
        "JULIA_DEPOT_PATH" => joinpath(prefix, "depot"), "PATH" => ENV["PATH"], (string(k) => v for (k, v) in environment)...)
    return strip(read(setenv(`$(Base.julia_cmd()) --startup-file=no -e $program`, settings), String))
end

@testset "LIBAIM names the library" begin
    @test strip(clean(loaded; environment=["LIBAIM" => LIBRARY])) == LIBRARY
    @test strip(clean(loaded; environment=["LIBAIM" => LIBRARY, "LD_LIBRARY_PATH" => "/nowhere"])) == LIBRARY
end

@testset "else it is the one that was installed with the package" begin
    prefix = installation()
    @test with_installed(prefix, loaded) == realpath(joinpath(prefix, "lib", "libaim.so.0"))
    @test with_installed(prefix, loaded; LIBAIM=LIBRARY) == LIBRARY
    program = "Run(repo=mktempdir()) do run; track!(run, :loss, 1); print(run.hash); end"
    @test occursin(r"^[0-9a-f]{24}$", with_installed(prefix, program))
end

@testset "else it is the one that the system's loader finds" begin
    place = mktempdir()
    cp(LIBRARY, joinpath(place, "libaim.so.0"))
    @test strip(clean(loaded; environment=["LIBAIM" => "", "LD_LIBRARY_PATH" => place])) == joinpath(place, "libaim.so.0")
end

@testset "no library, or a wrong one" begin
    result = julia(loaded; environment=["LIBAIM" => "/nowhere/libaim.so"])
    @test result.status == 1 && occursin("set LIBAIM", result.err) && occursin("/nowhere/libaim.so", result.err)
    result = julia(loaded; environment=["LIBAIM" => ""])
    @test result.status == 1 && occursin("set LIBAIM", result.err)
    libc = julia(loaded; environment=["LIBAIM" => "libm.so.6", "LD_LIBRARY_PATH" => dirname(LIBRARY)])
    @test libc.status == 1 && occursin("\"libm.so.6\" is not", libc.err)
end

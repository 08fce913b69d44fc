# How the library is found. Each case is a process of its own.

const LIBRARY = realpath(joinpath(ROOT, "build", "lib", "libaim.so"))

const LOADED = """
    lines = filter(line -> occursin("libaim", line), readlines("/proc/self/maps"))
    println(join(unique(last.(split.(lines))), ','))
"""

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
        "JULIA_DEPOT_PATH" => joinpath(prefix, "depot"), "PATH" => ENV["PATH"],
        (string(name) => value for (name, value) in environment)...)
    return strip(read(setenv(`$(Base.julia_cmd()) --startup-file=no -e $program`, settings), String))
end

@testset "LIBAIM names the library" begin
    @test strip(clean(LOADED; environment=["LIBAIM" => LIBRARY])) == LIBRARY
    @test strip(clean(LOADED; environment=["LIBAIM" => LIBRARY, "LD_LIBRARY_PATH" => "/nowhere"])) == LIBRARY
end

@testset "else it is the one that was installed with the package" begin
    prefix = installation()
    @test with_installed(prefix, LOADED) == realpath(joinpath(prefix, "lib", "libaim.so.0"))
    @test with_installed(prefix, LOADED; LIBAIM=LIBRARY) == LIBRARY
    program = "Run(repo=mktempdir()) do run; track!(run, :loss, 1); print(run.hash); end"
    @test occursin(r"^[0-9a-f]{24}$", with_installed(prefix, program))
end

@testset "else it is the one that the system's loader finds" begin
    place = mktempdir()
    cp(LIBRARY, joinpath(place, "libaim.so.0"))
    @test strip(clean(LOADED; environment=["LIBAIM" => "", "LD_LIBRARY_PATH" => place])) == joinpath(place, "libaim.so.0")
end

@testset "no library, or a wrong one" begin
    result = julia(LOADED; environment=["LIBAIM" => "/nowhere/libaim.so"])
    @test result.status == 1 && occursin("set LIBAIM", result.err) && occursin("/nowhere/libaim.so", result.err)
    result = julia(LOADED; environment=["LIBAIM" => ""])
    @test result.status == 1 && occursin("set LIBAIM", result.err)
    libc = julia(LOADED; environment=["LIBAIM" => "libm.so.6", "LD_LIBRARY_PATH" => dirname(LIBRARY)])
    @test libc.status == 1 && occursin("\"libm.so.6\" is not", libc.err)
end

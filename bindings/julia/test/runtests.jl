using Aim
using Test

include("tap.jl")
include("support.jl")

# One file alone: runtests.jl NAME…, as in `runtests.jl json query`.
const FILES = split("raw library json run params track objects artifacts query arrow logs messages threads process life readme")

@testset TapSet "Aim" begin
    for name in (isempty(ARGS) ? FILES : ARGS)
        include("$(name)_test.jl")
    end
end

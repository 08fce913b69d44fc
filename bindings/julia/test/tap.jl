# Test sets that speak TAP: each innermost one is a test, and one without any check fails.

using Test: Test, AbstractTestSet, Error, Fail, Pass, Result

mutable struct TapSet <: AbstractTestSet
    description::String
    checks::Int
    problems::Vector{Result}
    tests::Vector{Bool} # of the sets inside
    TapSet(description) = new(description, 0, Result[], Bool[])
end

Test.record(set::TapSet, ::Pass) = set.checks += 1
Test.record(set::TapSet, result::Result) = push!(set.problems, result)

function Test.record(set::TapSet, inner::TapSet)
    push!(set.tests, isempty(inner.problems) && inner.checks > 0)
    println(last(set.tests) ? "ok " : "not ok ", length(set.tests), " - ", inner.description)
    inner.checks == 0 && isempty(inner.problems) && println("#   no check was made")
    diagnose(inner)
end

"Prints what went wrong."
function diagnose(set)
    for problem in set.problems
        foreach(line -> println("#   ", line), split(sprint(show, problem), '\n'))
    end
    flush(stdout)
end

function Test.finish(set::TapSet)
    if Test.get_testset_depth() > 0
        Test.record(Test.get_testset(), set)
        return set
    end
    diagnose(set)
    println("1..", length(set.tests))
    isempty(set.problems) && all(set.tests) && !isempty(set.tests) || exit(1)
    return set
end

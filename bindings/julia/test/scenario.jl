# The scenario that all bindings share (tests/scenario): `write REPO FILE` and `read REPO FILE HASH`.

using Aim

const JSON = Aim.JSON

"The lines of a scenario: kind and fields of each."
steps(file) = [(line[1], line[2:end]) for line in split.(eachline(file), '\t') if !startswith(line[1], '#')]

number_unless(word, text) = text == word ? nothing : parse(Int64, text)

"JSON as a context's keywords."
keywords(json) = (Symbol(key) => value for (key, value) in JSON.decode(json))

function write_run(repo, file)
    run = nothing
    for (kind, fields) in steps(file)
        if kind == "experiment"
            run = Run(repo=repo, experiment=fields[1])
        elseif kind == "name"
            run.name = fields[1]
        elseif kind == "description"
            run.description = fields[1]
        elseif kind == "tag"
            Aim.add_tag!(run, fields[1])
        elseif kind == "param"
            run[fields[1]] = JSON.decode(fields[2])
        elseif kind == "delete"
            delete!(run, fields[1])
        elseif kind == "track"
            name, context, step, value, epoch = fields
            track!(run, name, parse(Float64, value); step=number_unless("auto", step),
                epoch=number_unless("none", epoch), keywords(context)...)
        elseif kind == "close"
            close(run)
        elseif kind == "continue"
            run = Run(repo=repo, run_hash=run.hash)
        elseif !startswith(kind, "expect-")
            error("line of unknown kind \"$kind\"")
        end
    end
    println(run.hash)
end

function differences(repo_path, file, run_hash)
    repo = Repo(repo_path)
    run = only(query_runs(repo, "run.hash == '$run_hash'"))
    metrics = collect(query(repo, "run.hash == '$run_hash'"))
    found = String[]
    expect(what, value, expected) = isequal(value, expected) || push!(found, "$what is $value, not $expected")
    for (kind, fields) in steps(file)
        if kind == "expect-property"
            expect(fields[1], JSON.encode(getproperty(run, Symbol(fields[1]))), fields[2])
        elseif kind == "expect-param"
            expect("param " * fields[1], haskey(run, fields[1]) ? JSON.encode(run[fields[1]]) : nothing, fields[2])
        elseif kind == "expect-no-param"
            expect("whether there is param " * fields[1], haskey(run, fields[1]), false)
        elseif kind == "expect-metric"
            if isempty(metrics)
                push!(found, "metric $(fields[1]) is missing")
            else
                expect_metric(expect, popfirst!(metrics), fields...)
            end
        elseif startswith(kind, "expect-")
            push!(found, "line of unknown kind \"$kind\"")
        end
    end
    return append!(found, ["$metric is there" for metric in metrics])
end

function expect_metric(expect, metric, name, context, steps, values, epochs)
    expect("name", metric.name, name)
    expect("context of $name", metric.context, JSON.decode(context))
    expect("steps of $name", metric.steps, parse.(Int64, split(steps, ',')))
    expect("values of $name", metric.values, parse.(Float64, split(values, ',')))
    wanted = [something(number_unless("none", epoch), missing) for epoch in split(epochs, ',')]
    expect("epochs of $name", metric.epochs, wanted)
end

if ARGS[1] == "write"
    write_run(ARGS[2:3]...)
else
    found = differences(ARGS[2:4]...)
    foreach(difference -> println(stderr, difference), found)
    exit(isempty(found) ? 0 : 1)
end

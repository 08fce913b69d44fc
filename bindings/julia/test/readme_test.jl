# The README's snippets: those in Julia, in order, as one program; the one for the shell, as it stands. Those in Julia on pages
# of docs.

snippets(language, page="bindings/julia/README.md") =
    [m[1] for m in eachmatch(Regex("^```$language\\n(.*?)^```", "ms"), read(joinpath(ROOT, page), String))]

@testset "snippets in Julia" begin
    found = snippets("julia")
    @test length(found) >= 9
    program = Module(:ReadMe)
    cd(mktempdir()) do
        for (number, snippet) in enumerate(found)
            silent = replace(snippet, "println(error.message)" => "error.message")
            include_string(program, silent, "README.md, snippet $number")
        end
        metric = query(Repo("runs"), "metric.name == 'loss' and metric.context.subset == 'train'")[1]
        @test metric.steps == 0:109
    end
end

"Runs the snippet of a page in an empty directory where there is a checkpoint: its value, and what it printed."
function run_page(page)
    snippet, = snippets("julia", page)
    names, printed = Module(:Page), String[]
    cd(mktempdir()) do
        write("step-1000.pt", "weights")
        run = Run(repo="r")
        for (name, value) in pairs((; run, repo=Repo("r"), run.hash, pixels=zeros(UInt8, 4, 6), weights=ones(5), printed))
            Core.eval(names, :($name = $value))
        end
        Core.eval(names, :(using Aim; println(text) = push!(printed, text)))
        return include_string(names, snippet, page), printed
    end
end

@testset "the snippet about objects" begin
    data, _ = run_page("docs/objects.md")
    @test data[1:8] == b"\x89PNG\r\n\x1a\n"
end

@testset "the snippet about artifacts" begin
    _, printed = run_page("docs/artifacts.md")
    @test printed == ["step-1000.pt"]
end

@testset "installing" begin
    commands, = snippets("sh")
    home = mktempdir()
    script = replace(commands, r"^make "m => "make -s -C $ROOT ") * """
        cd \$HOME && julia --startup-file=no -e '
            using Aim; Run(repo="r") do run; track!(run, :loss, 1); print(run.hash); end'
    """
    environment = Dict("HOME" => home, "PATH" => dirname(Base.julia_cmd()[1]) * ":" * ENV["PATH"], "LIBAIM" => "")
    for (name, directory) in ("RUSTUP_HOME" => ".rustup", "CARGO_HOME" => ".cargo") # they lie in the home directory, too
        environment[name] = get(ENV, name, joinpath(homedir(), directory))
    end
    out = read(pipeline(setenv(`bash -ec $script`, environment); stderr=joinpath(home, "errors")), String)
    @test occursin(r"[0-9a-f]{24}$", out)
    @test length(query_runs(Repo(joinpath(home, "r")))) == 1
end

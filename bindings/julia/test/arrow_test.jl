# Arrow streams, read as the C Data Interface says, without copying.

mutable struct ArrowSchema
    format::Cstring
    name::Cstring
    metadata::Ptr{UInt8}
    flags::Int64
    n_children::Int64
    children::Ptr{Ptr{ArrowSchema}}
    dictionary::Ptr{ArrowSchema}
    release::Ptr{Cvoid}
    private_data::Ptr{Cvoid}
    ArrowSchema() = new()
end

mutable struct ArrowArray
    length::Int64
    null_count::Int64
    offset::Int64
    n_buffers::Int64
    n_children::Int64
    buffers::Ptr{Ptr{Cvoid}}
    children::Ptr{Ptr{ArrowArray}}
    dictionary::Ptr{ArrowArray}
    release::Ptr{Cvoid}
    private_data::Ptr{Cvoid}
    ArrowArray() = new()
end

release(thing) = ccall(thing.release, Cvoid, (Ptr{Cvoid},), pointer_from_objref(thing))

function receive(get, stream, ::Type{T}) where {T}
    result = T()
    status = ccall(get, Cint, (Ptr{Aim.ArrowArrayStream}, Ptr{Cvoid}), stream, pointer_from_objref(result))
    status == 0 || error(unsafe_string(ccall(stream.get_last_error, Cstring, (Ptr{Aim.ArrowArrayStream},), stream)))
    return result
end

child(thing, i) = unsafe_load(unsafe_load(thing.children, i))
buffer(array, i, T) = Ptr{T}(unsafe_load(array.buffers, i))

"Names and formats of the columns."
function columns(schema)
    children = [child(schema, i) for i in 1:schema.n_children]
    return [unsafe_string(c.name) for c in children], [unsafe_string(c.format) for c in children]
end

"The numbers of a column where the library has them; valid until the batch is released."
numbers(array, T) = unsafe_wrap(Array, buffer(array, 2, T) + array.offset * sizeof(T), array.length)

function valid(array, i)
    bits = buffer(array, 1, UInt8)
    at = array.offset + i - 1
    return bits == C_NULL || unsafe_load(bits, at ÷ 8 + 1) >> (at % 8) & 1 == 1
end

function strings(array)
    offsets, data = buffer(array, 2, Int32), buffer(array, 3, UInt8)
    return map(array.offset .+ (1:array.length)) do i
        unsafe_string(data + unsafe_load(offsets, i), unsafe_load(offsets, i + 1) - unsafe_load(offsets, i))
    end
end

"Text that is dictionary-encoded with 32-bit indices."
decoded(array) = strings(unsafe_load(array.dictionary))[numbers(array, Int32).+1]

"All batches of a stream; each is released after `read(batch)`."
function batches(read, stream)
    results = []
    while (batch = receive(stream.get_next, stream, ArrowArray)).release != C_NULL
        push!(results, read(batch))
        release(batch)
    end
    return results
end

function two_runs()
    path = mktempdir()
    for i in 1:2
        Run(repo=path) do run
            run["lr"] = 0.5 * i
            track!(run, :loss, i .* (1:1000); epoch=[j % 3 == 0 ? missing : j for j in 1:1000], subset="train")
        end
    end
    return path
end

const ARROW = two_runs()

@testset "points" begin
    stream = Aim.arrow(Repo(ARROW), "metric.name == 'loss'")
    schema = receive(stream.get_schema, stream, ArrowSchema)
    names, formats = columns(schema)
    @test names == ["run", "name", "context", "step", "value", "epoch", "time"]
    @test formats == ["i", "i", "i", "l", "g", "l", "tsu:UTC"]
    release(schema)
    read = batches(stream) do batch
        @test batch.n_children == 7
        steps, epochs = child(batch, 4), child(batch, 6)
        (
            run=decoded(child(batch, 1)), name=decoded(child(batch, 2)), context=decoded(child(batch, 3)),
            step=copy(numbers(steps, Int64)), value=copy(numbers(child(batch, 5), Float64)),
            epoch=[valid(epochs, i) ? numbers(epochs, Int64)[i] : missing for i in 1:epochs.length],
            time=numbers(child(batch, 7), Int64) .* 1e-6, # microseconds
        )
    end
    table = Aim.table(query(Repo(ARROW), "metric.name == 'loss'"))
    all_of(name) = reduce(vcat, [batch[name] for batch in read])
    for name in (:run, :name, :context, :step, :value, :epoch)
        @test isequal(all_of(name), table[name])
    end
    @test maximum(abs, all_of(:time) .- table.time) < 1e-5
end

@testset "runs" begin
    stream = Aim.arrow_runs(Repo(ARROW))
    names, formats = columns(receive(stream.get_schema, stream, ArrowSchema))
    at = findfirst(==("params/lr"), names)
    @test formats[at] == "g" && "hash" in names
    @test reduce(vcat, batches(batch -> copy(numbers(child(batch, at), Float64)), stream)) == [1.0, 0.5]
end

@testset "a consumer may take the stream over" begin
    stream = Aim.arrow(Repo(ARROW))
    taken = Aim.ArrowArrayStream()
    for field in fieldnames(Aim.ArrowArrayStream)
        setfield!(taken, field, getfield(stream, field))
    end
    stream.release = C_NULL
    finalize(stream)
    GC.gc()
    @test sum(batches(batch -> batch.length, taken)) == 2000
    finalize(taken)
    @test taken.release == C_NULL
end

@testset "streams that nobody reads, errors" begin
    repo = Repo(ARROW)
    for _ in 1:100
        Aim.arrow(repo)
    end
    GC.gc()
    @test fails(() -> Aim.arrow(repo, "(("), Aim.AIM_ERR_SYNTAX)
    @test isempty(batches(batch -> batch.length, Aim.arrow(repo, "False"))) ||
          sum(batches(batch -> batch.length, Aim.arrow(repo, "False"))) == 0
end

@testset "tables" begin
    path = mktempdir()
    stream, other = Aim.arrow(Repo(ARROW)), Aim.arrow_runs(Repo(ARROW))
    Run(repo=path) do run
        track!(run, :points, Aim.Table(stream; caption="all of them"))
        @test stream.release == C_NULL
        GC.@preserve other track!(run, :runs, Aim.Table(Ptr{Cvoid}(pointer_from_objref(other))))
        @test other.release == C_NULL
        @test_throws AimError track!(run, :points, Aim.Table(stream))
        @test_throws ArgumentError Aim.lend(Aim.Table(stream))
    end
    for (name, caption) in (("points", "all of them"), ("runs", ""))
        found = Aim.objects(Aim.query_objects(Repo(path), Aim.Table, "tables.name == '$name'")[1])
        @test length(found) == 1 && found[1].caption == caption && found[1].format == "arrow"
        @test String(copy(found[1].data[1:6])) == String(copy(found[1].data[end-5:end])) == "ARROW1"
    end
end

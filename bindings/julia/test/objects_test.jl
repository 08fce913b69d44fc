# Images, texts and other objects.

"The objects of the one sequence of a kind in a repository."
function tracked(Kind, object; options...)
    _, path = written(run -> track!(run, :one, object; options...))
    rows = Aim.query_objects(Repo(path), Kind)
    @assert length(rows) == 1
    return Aim.objects(rows[1])
end

"An image as netpbm decodes it: width, height, channels, and the pixels in their order."
function decoded(found)
    png = Vector(found.data)
    channels = Dict(0 => 1, 4 => 2, 2 => 3, 6 => 4)[png[26]]
    pam = IOBuffer(read(pipeline(IOBuffer(png), `pngtopam -alphapam`))) # with alpha in any case
    @assert readline(pam) == "P7"
    head = Dict(Pair(split(line, ' ')...) for line in split(readuntil(pam, "\nENDHDR\n"), '\n'))
    width, height, depth = parse.(Int, (head["WIDTH"], head["HEIGHT"], head["DEPTH"]))
    pixels = reshape(read(pam), depth, :)
    channels == depth || @assert all(pixels[depth, :] .== 255)
    return width, height, channels, vec(pixels[1:channels, :])
end

"Pixels in the order in which a file has them."
in_file(pixels) = vec(permutedims(pixels, (3, 2, 1)))

@testset "images of numbers" begin
    for channels in 1:4
        pixels = rand(UInt8, 5, 7, channels)
        found = tracked(Aim.Image, Aim.Image(pixels; caption="noise", meta=(boxes=[1, 2],)))[1]
        @test (found.format, found.width, found.height, found.caption) == ("png", 7, 5, "noise")
        @test found.meta == Dict("boxes" => [1, 2])
        @test decoded(found) == (7, 5, channels, in_file(pixels))
    end
    grey = UInt8[1 2 3; 4 5 6]
    @test decoded(tracked(Aim.Image, Aim.Image(grey))[1]) == (3, 2, 1, 1:6)
    @test decoded(tracked(Aim.Image, Aim.Image(view(grey, 2:-1:1, 1:2)))[1]) == (2, 2, 1, [4, 5, 1, 2])
    floats = Float32[-1 0 1 NaN]
    @test decoded(tracked(Aim.Image, Aim.Image(floats; low=-1, high=1))[1])[4] == [0, 128, 255, 0]
    @test decoded(tracked(Aim.Image, Aim.Image(Float16[0 0.5 1]))[1])[4] == [0, 128, 255]
end

# As ColorTypes and FixedPointNumbers lay them out, whose registry is not everywhere.
struct Fixed
    i::UInt8
end
struct BGR
    b::Fixed
    g::Fixed
    r::Fixed
end
struct GrayA
    val::Float64
    alpha::Float64
end
struct HSV
    h::Float64
    s::Float64
    v::Float64
end

@testset "images of colours" begin
    colours = [BGR(Fixed(3), Fixed(2), Fixed(1)) BGR(Fixed(6), Fixed(5), Fixed(4))]
    @test decoded(tracked(Aim.Image, Aim.Image(colours))[1]) == (2, 1, 3, 1:6)
    @test decoded(tracked(Aim.Image, Aim.Image(reshape([GrayA(0, 1), GrayA(1, 0)], 2, 1)))[1]) ==
          (1, 2, 2, [0, 255, 255, 0])
    @test refuses(() -> Aim.Image([HSV(0, 0, 0) HSV(0, 0, 0)]), "HSV")
end

@testset "texts, lists and ranges" begin
    long = "ä"^100_000 # lies in a pack
    hash, path = written() do run
        notes = Aim.Sequence(run, Aim.Text, :notes; subset="val")
        @test occursin("notes", sprint(show, notes))
        track!(notes, [Aim.Text("one"), Aim.Text("")]; step=5, epoch=1)
        track!(notes, Aim.Text("# two"; format="markdown"))
        track!(notes, Aim.Text(long; caption="long"); step=2, time=1.7e9)
        track!(notes, Aim.Text[]; step=9)
        track!(run, :other, Aim.Text("other"); step=1)
    end
    rows = Aim.query_objects(Repo(path), Aim.Text, "texts.name == 'notes' and texts.context.subset == 'val'")
    row = rows[1]
    @test length(rows) == 1 && eltype(rows) == Aim.SequenceRow
    @test (row.run.hash, row.name, row.context) == (hash, "notes", Dict("subset" => "val"))
    @test row.info == (count=4, first_step=2, last_step=9, longest=2)
    texts(; range...) = Aim.text.(Aim.objects(row; range...))
    @test texts() == [long, "one", "", "# two"]
    @test texts(first_step=3, end_step=6) == ["one", ""] && texts(first_index=1) == [""]
    @test texts(end_index=1, points=2, end_step=9) == [long, "# two"] && texts(per_point=1, end_step=6) == [long, ""]
    found = Aim.objects(row)
    @test (found[1].time, found[1].size, found[1].caption) == (1.7e9, 200_000, "long") && found[1].epoch === missing
    @test (found[3].step, found[3].epoch, found[3].index, found[3].format) == (5, 1, 1, "text")
    @test found[4].format == "markdown" && found[4].meta == Dict() && found[4].step == 6
    @test occursin("text of 3 bytes at step 5", sprint(show, found[2])) && occursin("notes", sprint(show, row))
    @test length(Aim.query_objects(Repo(path), Aim.Text)) == 2 && isempty(Aim.query_objects(Repo(path), Aim.Image))
    data = found[1].data
    rows = row = found = nothing
    GC.gc()
    @test String(Vector(data)) == long
end

@testset "some points stay" begin
    _, path = written() do run
        notes = Aim.keep!(Aim.Sequence(run, Aim.Text, :notes); last=2, every=10)
        for step in 0:24
            track!(notes, Aim.Text("text"); step=step)
        end
        @test fails(() -> Aim.keep!(notes; every=3), Aim.AIM_ERR_INVALID_ARGUMENT, "last")
    end
    @test [found.step for found in Aim.objects(Aim.query_objects(Repo(path), Aim.Text)[1])] == [0, 10, 20, 23, 24]
end

@testset "distributions" begin
    counted = Aim.distribution(tracked(Aim.Distribution, Aim.Distribution([0, 1, 1, 2, NaN, Inf]; bins=2))[1])
    @test counted.weights == [1, 3] && counted.edges == [0, 1, 2]
    @test (counted.nans, counted.infinities, counted.count, counted.min, counted.max) == (1, 1, 4, 0, 2)
    @test (counted.sum, counted.sum_squares) == (4, 6)
    within = Aim.distribution(tracked(Aim.Distribution, Aim.Distribution(Int16[0 1; 2 3]; bins=1, low=1, high=2))[1])
    @test within.weights == [2] && within.count == 4
    uneven = Aim.distribution(tracked(Aim.Distribution, Aim.Distribution([3, 1], [0, 1, 10]))[1])
    @test uneven.weights == [3, 1] && uneven.edges == [0, 1, 10] && isnan(uneven.sum)
    @test thrown(() -> Aim.Distribution([1], [1])) isa DimensionMismatch
end

@testset "arrays" begin
    for type in keys(Aim.ELEMENTS)
        array = rand(type, 2, 3, 4)
        found = tracked(Aim.Tensor, Aim.Tensor(array; meta=(role="points",)))[1]
        again = Aim.array(found)
        @test again == array && eltype(again) == type && found.meta == Dict("role" => "points")
    end
    whole = reshape(1:24, 2, 3, 4) |> collect
    for array in (view(whole, 2, :, 1:2:4), view(whole, 2:-1:1, :, :), permutedims(whole, (3, 1, 2)), whole[:, :, 1]', 1:3, trues(3), fill(1.5),
                  zeros(3, 0), transpose(view(whole, :, :, 1)))
        @test Aim.array(tracked(Aim.Tensor, Aim.Tensor(array))[1]) == array
    end
    @test refuses(() -> Aim.array(tracked(Aim.Text, Aim.Text("text"))[1]), "NPY")
end

@testset "what is encoded already" begin
    for object in (Aim.Image(Vector{UInt8}("GIF89a......")), Aim.Video(Vector{UInt8}("GIF89a......")))
        @test tracked(Aim.base_kind(object), object)[1].format == "gif"
    end
    @test Aim.text(tracked(Aim.Figure, Aim.Figure("{\"data\":[]}", "plotly"))[1]) == "{\"data\":[]}"
    @test tracked(Aim.Table, Aim.Table(IOBuffer("a,b\n1,2\n"), "csv"))[1].data == b"a,b\n1,2\n"
    clip = tracked(Aim.Audio, Aim.Audio(Int16[1 2; 3 4]; rate=8000))[1]
    @test clip.format == "wav" && clip.data[end-7:end] == UInt8[1, 0, 2, 0, 3, 0, 4, 0]
    @test tracked(Aim.Audio, Aim.Audio(Vector(clip.data)))[1].data == clip.data
    @test tracked(Aim.Audio, Aim.Audio([0.5, -0.5]; rate=8000))[1].data[end-7:end] == reinterpret(UInt8, Float32[0.5, -0.5])
end

@testset "lent objects" begin
    picture(n) = UInt8[(row * n + column) % 256 for row in 1:40, column in 1:50]
    released = Threads.Atomic{Int}(0)
    ended() = Threads.atomic_add!(released, 1)
    points = 100 # more than may wait
    _, path = written() do run
        images = Aim.Sequence(run, Aim.Image, :lent)
        for n in 1:points
            lent = [Aim.lend(Aim.Image(picture(n); caption="lent"), ended), Aim.lend(Aim.Image(picture(n + 1)))]
            track!(images, lent; step=n)
            n % 10 == 0 && GC.gc()
        end
        track!(run, :clip, Aim.lend(Aim.Audio(Int16[1, 2]; rate=8000), ended))
        track!(run, :tensor, Aim.lend(Aim.Tensor([1.5 2.5; 3.5 4.5]), ended))
        track!(run, :text, Aim.lend(Aim.Text("lent"), ended); subset="val")
        never() = error("nothing was lent")
        @test refuses(() -> Aim.lend(Aim.Distribution([1.0])), "counted")
        @test refuses(() -> track!(images, Aim.lend(Aim.Text("text"), never)), "Images", "Text")
        wrong = Aim.lend(Aim.Image(rand(UInt8, 2, 2, 5)), never)
        @test fails(() -> track!(images, wrong), Aim.AIM_ERR_INVALID_ARGUMENT, "5 channels")
    end
    found = Aim.objects(Aim.query_objects(Repo(path), Aim.Image)[1])
    @test length(found) == 2points
    @test all(decoded(found[k])[4] == vec(permutedims(picture((k + 1) ÷ 2 + (k + 1) % 2))) for k in (1, 2, 99, 2points))
    @test Aim.array(Aim.objects(Aim.query_objects(Repo(path), Aim.Tensor)[1])[1]) == [1.5 2.5; 3.5 4.5]
    @test timedwait(() -> released[] == points + 3 && isempty(Aim.LOANS), 60.0) === :ok
end

@testset "what cannot be tracked" begin
    written() do run
        images = Aim.Sequence(run, Aim.Image, :i)
        @test refuses(() -> track!(images, Aim.Text("text")), "Images", "Text")
        @test refuses(() -> track!(run, :i, Aim.Text[]), "Sequence")
        mixed = [Aim.Image(UInt8[1 2]), Aim.Image(Vector{UInt8}("GIF89a"))]
        @test refuses(() -> track!(images, mixed), "encoded")
        @test refuses(() -> track!(images, Aim.Image(UInt8[1 2]; caption="a\0")), "NUL")
        @test refuses(() -> track!(run, :t, [Aim.Tensor([1]), Aim.Tensor([2])]), "not 2")
        @test refuses(() -> Aim.Image(rand(2, 2, 2, 2)), "4") && refuses(() -> track!(run, :t, Aim.Tensor(["a"])), "String")
        @test fails(() -> track!(images, Aim.Image(rand(UInt8, 2, 2, 5))), Aim.AIM_ERR_INVALID_ARGUMENT, "5 channels")
        @test fails(() -> track!(images, Aim.Image(Int8[1 2])), Aim.AIM_ERR_INVALID_ARGUMENT, "I8")
        @test fails(() -> track!(images, Aim.Image(Vector{UInt8}("text"), "tiff")), Aim.AIM_ERR_INVALID_ARGUMENT, "tiff")
        @test fails(() -> track!(run, :d, Aim.Distribution([1.0]; bins=5000)), Aim.AIM_ERR_LIMIT, "4096")
    end
end

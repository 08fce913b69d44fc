"""Images, texts, audio, distributions, figures and more: tracked with Aim's constructors, read back by others' programs."""

import io
import json
import math
import pickle
import subprocess
import sys
import threading
import wave

import numpy
import PIL.Image
import pyarrow
import pytest

import libaim
from libaim import Array, Audio, Distribution, Figure, Image, Repo, Table, Text, Video

RANDOM = numpy.random.default_rng(5)


def found(run, kind, name, context=None):
    return run.get_objects(kind, name, context).objects()


def png(pixels):
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "png")
    return buffer.getvalue()


def test_images_of_arrays_are_exact(run):
    pixels = RANDOM.integers(0, 256, (7, 9, 3), numpy.uint8)
    grey = RANDOM.integers(0, 256, (5, 6), numpy.uint8)
    deep = RANDOM.integers(0, 65536, (5, 6), numpy.uint16)
    cases = [
        (pixels, pixels),
        (pixels[::-1, ::2], pixels[::-1, ::2]),
        (numpy.ascontiguousarray(pixels.transpose(2, 0, 1)), pixels),
        (grey, grey),
        (grey > 100, (grey > 100) * numpy.uint8(255)),
        (deep, deep),
        (numpy.float32([[0, 0.5, 1, math.nan, 2]]), numpy.uint8([[0, 128, 255, 0, 255]])),
    ]
    for step, (given, _) in enumerate(cases):
        run.track(Image(given, caption=f"größe {step}", meta={"n": step}), name="i", step=step, context={"a": 1})
    images = found(run, "images", "i", {"a": 1})
    assert [image.step for image in images] == list(range(len(cases)))
    for step, (image, (_, wanted)) in enumerate(zip(images, cases)):
        assert (image.format, image.caption, image.meta) == ("png", f"größe {step}", {"n": step})
        assert (image.height, image.width) == wanted.shape[:2]
        assert numpy.array_equal(image.to_numpy(), wanted), step


def test_images_of_files_and_of_pil_keep_their_format(run, tmp_path):
    pixels = RANDOM.integers(0, 256, (8, 8, 3), numpy.uint8)
    frames = [PIL.Image.fromarray(RANDOM.integers(0, 256, (4, 4), numpy.uint8)) for _ in range(3)]
    file = tmp_path / "a.gif"
    frames[0].save(file, save_all=True, append_images=frames[1:])
    listed = [Image(str(file)), Image(PIL.Image.open(file)), Image(PIL.Image.fromarray(pixels), format="jpg"), Image(pixels)]
    run.track(listed, name="i", step=3, epoch=2)
    images = found(run, "images", "i")
    assert [(i.format, i.step, i.epoch, i.index) for i in images] == [
        ("gif", 3, 2, 0), ("gif", 3, 2, 1), ("jpeg", 3, 2, 2), ("png", 3, 2, 3),
    ]
    assert bytes(images[0].data) == file.read_bytes()
    assert images[1].to_pil_image().n_frames == 3
    assert numpy.array_equal(images[3].to_numpy(), pixels)


def test_texts(run):
    run.track(Text("größer"), name="t")
    run.track([Text(""), Text("# b", format="markdown")], name="t")
    assert [(t.text, t.format, t.step, t.index) for t in found(run, "texts", "t")] == [
        ("größer", "text", 0, 0), ("", "text", 1, 0), ("# b", "markdown", 1, 1),
    ]


def test_audio(run, tmp_path):
    samples = RANDOM.integers(-32768, 32768, (101, 2), numpy.int16)
    run.track(Audio(samples, rate=8000), name="a")
    run.track([Audio(numpy.float64([0, 0.5, -1])), Audio(numpy.int32([1, 2]))], name="a")
    clips = found(run, "audios", "a")
    with wave.open(io.BytesIO(clips[0].data)) as file:
        assert file.getparams()[:4] == (2, 2, 8000, 101)
        assert file.readframes(101) == samples.tobytes()
    path = tmp_path / "a.wav"
    path.write_bytes(clips[0].data)
    run.track(Audio(path), name="a", step=10)
    run.track(Audio(bytes(clips[0].data), format="wav"), name="a", step=11)
    assert all(bytes(clip.data) == path.read_bytes() for clip in found(run, "audios", "a")[3:])


def test_samples_of_wav(run):
    for step, samples in enumerate(
        [RANDOM.integers(-9, 9, 5, numpy.int16), RANDOM.integers(-9, 9, (5, 2), numpy.int32), numpy.float32([0.5, -1])]
    ):
        run.track(Audio(samples, rate=100 + step), name="a", step=step)
        rate, read = found(run, "audios", "a")[-1].to_numpy()
        assert rate == 100 + step and numpy.array_equal(read, samples) and read.dtype == samples.dtype
        assert numpy.array_equal(Audio(samples).to_numpy()[1], samples)
    with pytest.raises(TypeError, match="WAV"):
        Audio(b"fLaC....").to_numpy()


def test_points_of_several_and_of_one(run):
    run.track([Text("a"), Text("b")], name="t", step=3, epoch=2)
    run.track(Text("c"), name="t", step=8)
    texts = run.get_text_sequence("t")
    assert [[text.text for text in record] for record in texts.values.tolist()] == [["a", "b"], ["c"]]
    assert texts.values.last() == (8, texts.values[8]) and texts.values[8].text == "c"
    assert texts.epochs[3] == 2 and math.isnan(texts.epochs[8])
    with pytest.raises(AttributeError, match="2 objects"):
        texts.values[3].text
    with pytest.raises(KeyError):
        texts.values[4]


def test_bins_before_they_are_tracked():
    drawn = Distribution([1.0, 2.0, 2.0, math.nan], bin_count=2)
    assert (drawn.weights.tolist(), drawn.ranges.tolist(), drawn.bin_count) == ([1, 2], [1, 1.5, 2], 2)
    assert Distribution(hist=[1, 2], edges=[0, 1, 10]).range == [0, 10]
    assert Distribution.from_histogram([1, 0, 2.5], (0, 3)).json() == {"bin_count": 3, "range": [0, 3]}


def test_distributions(run):
    values = RANDOM.normal(0, 1, 10_000)
    run.track(Distribution(values), name="d")
    run.track(Distribution.from_samples([1, 2, 2, math.nan, math.inf], bin_count=2), name="d")
    run.track(Distribution.from_histogram([1, 0, 2.5], (0, 3)), name="d")
    run.track(Distribution(hist=[1, 2], edges=[0, 1, 10]), name="d")
    first, counted, given, uneven = found(run, "distributions", "d")
    weights, edges = first.to_np_histogram()
    wanted, wanted_edges = numpy.histogram(values, 64)
    assert weights.sum() == 10_000 and abs(weights - wanted).sum() <= 4 and numpy.allclose(edges, wanted_edges)
    assert counted.to_np_histogram()[0].tolist() == [1, 2]
    summary = counted.summary()
    assert (summary["count"], summary["nans"], summary["infinities"], summary["max"]) == (3, 1, 1, 2)
    assert [c.tolist() for c in given.to_np_histogram()] == [[1, 0, 2.5], [0, 1, 2, 3]]
    assert [c.tolist() for c in uneven.to_np_histogram()] == [[1, 2], [0, 1, 10]]


def test_figures_videos_tables_arrays(run):
    run.track(Figure({"data": [{"y": [1, 2]}]}), name="f")
    assert found(run, "figures", "f")[0].json() == {"data": [{"y": [1, 2]}]}
    run.track(Video(b"\x1aE\xdf\xa3 and so on"), name="v")
    assert found(run, "videos", "v")[0].format == "webm"
    run.track(Table(b"a,b\n1,2\n", format="csv"), name="t")
    assert bytes(found(run, "tables", "t")[0].data) == b"a,b\n1,2\n"
    for array in (RANDOM.random((3, 4)), RANDOM.random((3, 4)).T[::-1], numpy.int8(5), numpy.zeros((0, 2), bool)):
        run.track(Array(array, meta={"role": "tensor"}), name="n")
        read = found(run, "arrays", "n")[-1]
        assert numpy.array_equal(read.to_numpy(), array) and read.meta == {"role": "tensor"}


def test_tables_of_arrow_have_images_in_their_cells(run):
    pixels = [RANDOM.integers(0, 256, (4, 5, 3), numpy.uint8) for _ in range(2)]
    rows = pyarrow.table({"label": ["cat", "dog"], "picture": [png(p) for p in pixels]})
    run.track(Table(rows, caption="wrong ones"), name="t")
    read = found(run, "tables", "t")[0]
    assert read.format == "arrow" and read.caption == "wrong ones" and read.to_arrow().equals(rows)
    decoded = [PIL.Image.open(io.BytesIO(cell)) for cell in read.to_arrow()["picture"].to_pylist()]
    assert all(numpy.array_equal(numpy.asarray(image), p) for image, p in zip(decoded, pixels))


def test_what_stays(run):
    run.keep_objects(Text, "t", last=2, every=10, context={"a": 1})
    for step in range(25):
        run.track(Text("text"), name="t", step=step, context={"a": 1})
        run.track(Text("text"), name="t", step=step)
    assert [text.step for text in found(run, "texts", "t", {"a": 1})] == [0, 10, 20, 23, 24]
    assert len(found(run, "texts", "t")) == 25
    with pytest.raises(libaim.InvalidArgumentError):
        run.keep_objects(Text, "t", every=3)


def test_queries(path, run):
    for step in range(20):
        run.track([Text(f"{step}.{i}") for i in range(4)], name="t", step=step, context={"subset": "val"})
    run.track(1.0, name="t")
    run["lr"] = 0.5
    query = Repo(path).query_texts("texts.name == 't' and texts.context.subset == 'val' and run.lr > 0.1")
    assert len(query) == 1
    for query in (query, pickle.loads(pickle.dumps(query))):
        (of_run,) = query.iter_runs()
        (sequence,) = of_run
        assert of_run.run.hash == sequence.run.hash == run.hash
        assert (len(sequence), sequence.first_step(), sequence.last_step(), sequence.record_max_length) == (20, 0, 19, 4)
        some = sequence.objects(first_step=5, end_step=16, points=3, end_index=3, per_point=2)
        assert [one.text for one in some] == ["5.0", "5.2", "10.0", "10.2", "15.0", "15.2"]
    assert len(Repo(path).query_images()) == 0
    with pytest.raises(libaim.QuerySyntaxError, match="record_max_length"):
        Repo(path).query_images("images.record_max_lenght == 1")
    with pytest.raises(TypeError):
        query.dataframe()
    assert run.get_objects("texts", "t") is None


def test_objects_outlive_what_they_came_from(path):
    with libaim.Run(repo=path) as run:
        run.track(Image(RANDOM.integers(0, 256, (64, 64, 3), numpy.uint8)), name="i")
        views = [image.data for image in found(run, "images", "i")]
    del run
    assert len(views[0]) > 4096 and bytes(views[0][:4]) == b"\x89PNG"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Image(numpy.zeros((2, 2, 5))), "5 channels"),
        (lambda: Image(numpy.zeros((0, 2, 3), numpy.uint8)), "height is 0"),
        (lambda: Image(numpy.zeros(4)), "dimensions"),
        (lambda: Image(numpy.zeros((2, 2), complex)), "complex"),
        (lambda: [Image(numpy.zeros((2, 2))), Text("x")], "one kind"),
        (lambda: Audio(numpy.zeros((2, 2, 2))), "dimensions"),
        (lambda: Audio(numpy.zeros(3), rate=0), "rate is 0"),
        (lambda: Audio(b"nothing"), "do not tell"),
        (lambda: Distribution(), "samples or of a hist"),
        (lambda: Distribution([1], bin_count=5000), "5000 bins"),
        (lambda: Distribution(hist=[1, -1], bin_range=(0, 1)), "weight 1 is -1"),
        (lambda: Distribution(hist=[1, 1], edges=[0, 1]), "one more"),
        (lambda: Figure(b"{}"), "plotly"),
        (lambda: Array(numpy.array(["text"])), "elements of type"),
        (lambda: Text("x", caption="y" * 5000), "5000 bytes"),
    ],
)
def test_what_is_wrong_is_told(run, make, told):
    with pytest.raises((ValueError, libaim.Error), match=told):
        run.track(make(), name="n")
    assert len(run.repo.query_images()) == 0


def test_meta_is_json(run):
    meta = {"boxes": [[1, 2, 3, 4]], "units": "m"}
    run.track(Text("x", meta=meta), name="t")
    (text,) = found(run, "texts", "t")
    assert text.meta == meta == json.loads(json.dumps(meta))


def test_lent_objects_are_stored_behind_the_call(run):
    def picture(n):
        return (numpy.arange(40 * 50, dtype=numpy.uint32) * n % 256).astype("uint8").reshape(40, 50)

    points, ends = 100, threading.Semaphore(0)  # more points than may wait
    for n in range(points):
        # Nothing else keeps them.
        pair = [Image(picture(n), caption="lent").lend(ends.release), Image(picture(n + 1)).lend()]
        run.track(pair, name="pictures", step=n)
    buffer = bytearray(png(picture(7)))
    run.track(Image(buffer).lend(ends.release), name="encoded", step=0)
    run.track(Array(numpy.arange(6.0).reshape(2, 3)).lend(ends.release), name="array", step=0)
    run.track(Audio(numpy.array([1, 2], "int16"), rate=8000).lend(ends.release), name="clip", step=0)
    run.track(Text("lent").lend(ends.release), name="text", step=0)
    images = found(run, "images", "pictures")
    assert len(images) == 2 * points
    for i, image in enumerate(images):
        assert (image.to_numpy() == picture(i // 2 + i % 2)).all()
    assert bytes(found(run, "images", "encoded")[0].data) == buffer
    assert (found(run, "arrays", "array")[0].to_numpy() == [[0, 1, 2], [3, 4, 5]]).all()
    assert found(run, "texts", "text")[0].text == "lent"
    assert all(ends.acquire(timeout=60) for _ in range(points + 4))
    assert not libaim._lend._kept
    buffer.append(0)  # and nobody holds it


def test_what_cannot_be_lent(run):
    def never():
        raise AssertionError("nothing was lent")

    image = Image(numpy.zeros((2, 2), "uint8"))
    with pytest.raises(libaim.InvalidArgumentError, match="1 of the 2 objects"):
        run.track([Image(numpy.zeros((2, 2), "uint8")).lend(never), image], name="i", step=0)
    with pytest.raises(libaim.InvalidArgumentError, match="counted by the call"):
        run.track(Distribution([1.0]).lend(never), name="d", step=0)
    with pytest.raises(libaim.InvalidArgumentError, match="5 channels"):
        run.track(Image(numpy.zeros((2, 2, 5), "uint8")).lend(never), name="i", step=0)
    assert not libaim._lend._kept
    run.close()
    with pytest.raises(libaim.ClosedError):
        run.track(image.lend(never), name="i", step=0)


def test_what_is_lent_at_the_end_of_a_process_is_stored(tmp_path):
    program = """
import sys, numpy, libaim
run = libaim.Run(repo=sys.argv[1])
for step in range(20):
    pixels = numpy.full((256, 256, 3), step, "uint8")
    run.track(libaim.Image(pixels).lend(lambda: None), name="i", step=step)
"""
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True)
    (of_run,) = Repo(str(tmp_path)).query_images("").iter_runs()
    (sequence,) = of_run
    assert [image.to_numpy()[0, 0, 0] for image in sequence.objects()] == list(range(20))

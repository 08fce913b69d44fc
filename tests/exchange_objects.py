"""Objects of the same input, made with the same constructors and tracked by Aim and by libaim, compared field by field."""

import io
import json
import os
import wave

import aim
import numpy
import PIL.Image
import plotly.graph_objects

import libaim

RANDOM = numpy.random.default_rng(7)


def cases(scratch):
    """Name, and what makes the object with the classes of a module; of aim or of libaim."""
    rgb = RANDOM.integers(0, 256, (16, 24, 3), numpy.uint8)
    rgba = RANDOM.integers(0, 256, (9, 7, 4), numpy.uint8)
    grey = RANDOM.integers(0, 256, (5, 6), numpy.uint8)
    photo = PIL.Image.fromarray(rgb)
    path = os.path.join(scratch, "photo.png")
    photo.save(path)
    animation = os.path.join(scratch, "animation.gif")
    frames = [PIL.Image.new("P", (8, 8), i) for i in range(2)]
    frames[0].save(animation, save_all=True, append_images=frames[1:])
    samples = RANDOM.integers(-(2**15), 2**15, 800).astype(numpy.int16)
    clip = io.BytesIO()
    with wave.open(clip, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())
    values = RANDOM.normal(size=1000)
    figure = plotly.graph_objects.Figure({"data": [{"type": "bar", "y": [1, 2.5]}], "layout": {"title": {"text": "é"}}})
    return {
        "image rgb": lambda of: of.Image(rgb, caption="an RGB image"),
        "image rgba": lambda of: of.Image(rgba),
        "image grey": lambda of: of.Image(grey),
        "image pil": lambda of: of.Image(photo, caption="ä"),
        "image jpeg": lambda of: of.Image(photo, format="jpeg", quality=80),
        "image file": lambda of: of.Image(path),
        "image animation": lambda of: of.Image(animation),
        "text": lambda of: of.Text("wörter\n\ttabs"),
        "text empty": lambda of: of.Text(""),
        "audio samples": lambda of: of.Audio(samples, rate=8000, format="wav", caption="noise"),
        "audio bytes": lambda of: of.Audio(clip.getvalue(), format="wav"),
        "distribution samples": lambda of: of.Distribution(values),
        "distribution bins": lambda of: of.Distribution(values, bin_count=7),
        "distribution integers": lambda of: of.Distribution(numpy.arange(100)),
        "distribution equal": lambda of: of.Distribution(numpy.full(5, 3.0)),
        "distribution hist": lambda of: of.Distribution(hist=[1, 0, 2.5], bin_range=(-1.0, 2.0)),
        "figure": lambda of: of.Figure(figure),
    }


def of_aim(objects, directory):
    """Name and fields of each object, as Aim stored it."""
    aim.Repo.from_path(directory, init=True)
    run = aim.Run(repo=directory, system_tracking_interval=None, capture_terminal_logs=False)
    for name, one in objects.items():
        run.track(one, name=name, step=3)
    run.close()
    tree = aim.Repo(directory).request_tree("meta", run.hash, read_only=True, skip_read_optimization=True)
    (names,) = tree.subtree(("meta", "chunks", run.hash)).collect("traces").values()
    return {name: _aim_fields(about["last"]) for name, about in names.items()}


def _aim_fields(found):
    stored = found.storage

    def data():
        return stored["data"].load() if hasattr(stored["data"], "load") else stored["data"]

    if isinstance(found, aim.Image):
        # Of a file Aim keeps the format as PIL writes it, in capitals.
        fields = {"format": stored["format"].lower(), "width": stored["width"], "height": stored["height"]}
        return {**fields, "caption": stored["caption"], **_pixels(data())}
    if isinstance(found, aim.Audio):
        return {"format": stored["format"], "caption": stored["caption"], **_samples(data())}
    if isinstance(found, aim.Distribution):
        return {"weights": found.weights.tolist(), "range": list(found.range), "bin_count": found.bin_count}
    if isinstance(found, aim.Figure):
        return {"figure": json.loads(data())}
    return {"text": data()}


def of_libaim(objects, directory):
    with libaim.Run(repo=directory) as run:
        for name, one in objects.items():
            run.track(one, name=name, step=3)
        hash = run.hash
    repo, found = libaim.Repo(directory), {}
    (stored,) = [one for one in repo.iter_runs() if one.hash == hash]
    for kind in ("images", "texts", "audios", "distributions", "figures"):
        for sequence in repo._objects_of(stored, kind):
            (one,) = sequence.objects()
            assert one.step == 3 and one.epoch is None, one
            found[sequence.name] = _our_fields(kind, one)
    return found


def _our_fields(kind, one):
    data = bytes(one.data)
    if kind == "images":
        return {"format": one.format, "width": one.width, "height": one.height, "caption": one.caption, **_pixels(data)}
    if kind == "audios":
        return {"format": one.format, "caption": one.caption, **_samples(data)}
    if kind == "distributions":
        weights, edges = one.to_np_histogram()
        return {"weights": weights.tolist(), "range": [edges[0], edges[-1]], "bin_count": len(weights)}
    return {"figure": json.loads(data)} if kind == "figures" else {"text": one.text}


def _pixels(data):
    image = PIL.Image.open(io.BytesIO(data))
    frames = []
    for n in range(getattr(image, "n_frames", 1)):
        image.seek(n)
        frames.append(numpy.asarray(image.convert("RGBA")).tolist())
    return {"mode": image.mode, "frames": frames}


def _samples(data):
    with wave.open(io.BytesIO(data)) as file:
        return {"parameters": file.getparams()[:4], "samples": file.readframes(file.getnframes())}


def compare(ok, scratch):
    """Tells `ok` of each case."""
    made = cases(scratch)
    aims = of_aim({name: make(aim) for name, make in made.items()}, os.path.join(scratch, "objects-aim"))
    ours = of_libaim({name: make(libaim) for name, make in made.items()}, os.path.join(scratch, "objects-libaim"))
    for name in made:
        want, got = aims[name], ours[name]
        same = want.keys() == got.keys() and all(want[key] == got[key] for key in want)
        if not same:
            for key in want:
                if want[key] != got.get(key):
                    print(f"# {name}: {key} is {str(got.get(key))[:300]}, Aim has {str(want[key])[:300]}", flush=True)
        ok(same, f"{name}: every field is Aim's")

"""What libaim.import_aim and libaim.export_aim exchange with Aim itself. Speaks TAP.

exchange_aim.py SCRATCH"""

import hashlib
import math
import os
import signal
import subprocess
import sys

import numpy

scratch = sys.argv[1]
SOURCE, MINE, THEIRS, BACK = (os.path.join(scratch, name) for name in ("source", "mine", "theirs", "back"))

tests = 0


def ok(good, what):
    global tests
    tests += 1
    print(("ok" if good else "not ok"), tests, "-", what, flush=True)


MAKE = """
import logging, os, signal, sys
import numpy, PIL.Image, plotly.graph_objects
import aim
options = {"repo": sys.argv[1], "system_tracking_interval": None, "log_system_params": False}
run = aim.Run(experiment="digits", **options)
print(run.hash, flush=True)
run.name, run.description = "all kinds", "line 1\\nline 2 é"
run.add_tag("göld")
run["hparams"] = {"lr": 1e-4, "layers": [64, 10], "none": None, "flag": True, "big": 2**62, "nested": {"a/b": {"~": 1}}}
run["inf"] = float("inf")
for step in range(300):
    run.track(1 / (step + 1), name="loss", step=step, epoch=step // 100, context={"subset": "train"})
    run.track(step, name="loss", step=step * 5, context={"subset": "val", "fold": 1, "nested": {"a": [1, 2]}})
for step, value in enumerate([float("nan"), float("inf"), -float("inf"), 5e-324, -0.0]):
    run.track(value, name="odd/values", step=step)
run.track(3, name="unordered", step=7)
run.track(4, name="unordered", step=2)
run.track(5, name="unordered", step=2)
pixels = numpy.arange(24 * 16 * 3, dtype=numpy.uint8).reshape(16, 24, 3)
run.track(aim.Image(pixels, caption="one"), name="image", step=1, epoch=1, context={"subset": "val"})
run.track([aim.Image(pixels, caption=str(i)) for i in range(2)], name="images", step=0)
run.track([aim.Image(pixels, caption="3")], name="images", step=4)
frames = [PIL.Image.new("P", (8, 8), i) for i in range(2)]
frames[0].save(sys.argv[1] + "/anim.gif", save_all=True, append_images=frames[1:])
run.track(aim.Image(sys.argv[1] + "/anim.gif"), name="anim", step=0)
run.track(aim.Image(pixels, format="jpeg"), name="jpeg", step=0)
run.track(aim.Text("wörter"), name="note", step=2)
run.track(aim.Text(""), name="note", step=3)
run.track([aim.Text("a"), aim.Text("b")], name="notes", step=3)
run.track(aim.Distribution(numpy.random.default_rng(1).normal(size=500)), name="weights", step=2)
run.track(aim.Audio(numpy.arange(800, dtype=numpy.int16), rate=8000, format="wav", caption="beep"), name="tone", step=0)
run.track(aim.Figure(plotly.graph_objects.Figure({"data": [{"type": "bar", "y": [1, 2]}]})), name="bar", step=0)
run.log_warning("wårning")
with open(sys.argv[1] + "/model.bin", "wb") as file:
    file.write(b"model")
run.set_artifacts_uri("file://" + sys.argv[1] + "/artifacts")
run.log_artifact(sys.argv[1] + "/model.bin", block=True)
run.close()
other = aim.Run(experiment="other", **options)
print(other.hash, flush=True)
other.archived = True
other.track(1.0, name="loss", step=0)
other.close()
killed = aim.Run(**options)
print(killed.hash, flush=True)
for step in range(50):
    killed.track(float(step), name="loss", step=step)
os.kill(os.getpid(), signal.SIGKILL)
"""


def sums(directory):
    found = {}
    for where, _, files in os.walk(directory):
        for name in files:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[path] = hashlib.sha256(file.read()).hexdigest()
    return found


def run(*arguments):
    done = subprocess.run([sys.executable, "-B", "-m", *arguments], capture_output=True, text=True, cwd=scratch)
    print("".join(f"# {line}\n" for line in done.stderr.splitlines()[-20:]), end="", flush=True)
    return done


def everything(path):
    """All that a repository of ours holds, by run."""
    from libaim import Repo

    found = {}
    repo = Repo(path)
    for run in repo.iter_runs():
        kept = {
            "properties": (run.name, run.status, run.experiment, run.description, run.archived, sorted(run.tags)),
            "times": (run.creation_time, run.end_time),
            "params": run[...],
            "log": [tuple(record) for record in run.get_log_records()],
            "terminal": [tuple(line) for line in run.get_terminal_logs()],
        }
        for metric in run.metrics():
            columns = metric.columns()
            columns = (columns.steps, columns.values.view("int64"), columns.epochs, columns.times)
            kept["metric", metric.name, metric.context.json] = [column.tolist() for column in columns]
        for kind in ("images", "texts", "audios", "distributions", "figures"):
            for sequence in repo._objects_of(run, kind):
                kept[kind, sequence.name, sequence.context.json] = [
                    (o.step, o.index, o.epoch, o.time, o.format, o.caption, o.width, o.height, bytes(o.data))
                    for o in sequence.objects()
                ]
        found[run.hash] = kept
    return found


os.makedirs(SOURCE)
import aim  # noqa: E402

aim.Repo.from_path(SOURCE, init=True)
made = subprocess.run([sys.executable, "-B", "-c", MAKE, SOURCE], capture_output=True, text=True)
full, archived, killed = made.stdout.split()
assert made.returncode == -signal.SIGKILL, made

before = sums(SOURCE)
done = run("libaim.import_aim", SOURCE, "--repo", MINE, "--rewrite-path", f"{SOURCE}=/elsewhere")
ok(done.returncode == 0 and "imported 3 runs" in done.stderr, "a repository of Aim's is imported")
ok(sums(SOURCE) == before, "its files stay as they are")
mine = everything(MINE)
ok(sorted(mine) == sorted([full, archived, killed]), "runs keep their hashes")
ok(mine[full]["properties"] == ("all kinds", "finished", "digits", "line 1\nline 2 é", False, ["göld"]), "properties")
ok(mine[archived]["properties"][4] and mine[killed]["properties"][1] == "crashed", "archived and killed ones are that")
params = mine[full]["params"]
hparams = {"lr": 1e-4, "layers": [64, 10], "none": None, "flag": True, "big": 2**62, "nested": {"a/b": {"~": 1}}}
artifact = params["aim"]["artifacts"]["model.bin"]
ok(params["hparams"] == hparams and math.isinf(params["inf"]), "params")
ok(artifact["uri"].startswith("file:///elsewhere/artifacts/"), "artifacts are referred to where they are now")


def rows(name, context="{}", of=full):
    steps, values, epochs, times = mine[of]["metric", name, context]
    return list(zip(steps, numpy.array(values, "int64").view("float64").tolist(), epochs)), times


train, times = rows("loss", '{"subset":"train"}')
ok(train == [(s, 1 / (s + 1), s // 100) for s in range(300)] and sorted(times) == times, "points with epochs and times")
val, _ = rows("loss", '{"fold":1,"nested":{"a":[1,2]},"subset":"val"}')
ok([row[:2] for row in val] == [(s * 5, float(s)) for s in range(300)], "points of a nested context")
odd, _ = rows("odd/values")
ok(math.isnan(odd[0][1]) and [repr(row[1]) for row in odd[1:]] == ["inf", "-inf", "5e-324", "-0.0"], "odd values")
ok([row[:2] for row in rows("unordered")[0]] == [(2, 5.0), (7, 3.0)], "the last point of a step counts")
ok([row[1] for row in rows("loss", of=killed)[0]] == [float(s) for s in range(50)], "all points of the killed one")

source = aim.Repo(SOURCE)
meta = source.request_tree("meta", full, read_only=True, skip_read_optimization=True).subtree(("meta", "chunks", full))


def theirs(name):
    """The last object of a sequence as Aim keeps it."""
    for names in meta.collect("traces").values():
        if name in names:
            return names[name]["last"]


for kind, name, context, format in (
    ("images", "image", '{"subset":"val"}', "png"),
    ("images", "anim", "{}", "gif"),
    ("images", "jpeg", "{}", "jpeg"),
    ("audios", "tone", "{}", "wav"),
):
    found = mine[full][kind, name, context][-1]
    want = theirs(name).storage
    same = found[4] == format and found[8] == bytes(want["data"].load()) and found[5] == (want.get("caption") or "")
    ok(same, f"{name} is the same bytes")
ok([o[5] for o in mine[full]["images", "images", "{}"]] == ["0", "1", "3"], "lists of images")
ok([o[8].decode() for o in mine[full]["texts", "note", "{}"]] == ["wörter", ""], "texts")
weights = mine[full]["distributions", "weights", "{}"][0]
ok(len(weights[8]) == 8 * (9 + 64 + 2), "a distribution of even bins")
ok(b'"type":"bar"' in mine[full]["figures", "bar", "{}"][0][8].replace(b" ", b""), "a figure")
ok(mine[full]["log"][0][2:4] == ("wårning", 30), "the log")

run("libaim.import_aim", SOURCE, "--repo", MINE, "--rewrite-path", f"{SOURCE}=/elsewhere")
ok(everything(MINE) == mine, "importing again changes nothing")
HERE = os.path.join(scratch, "here")
for _ in range(2):
    run("libaim.import_aim", SOURCE, full, "--repo", HERE)
from libaim import Repo  # noqa: E402

model = Repo(HERE).get_run(full).artifacts["model.bin"]
known = model.size, model.version, model.checksum
ok(known == (5, 0, hashlib.sha256(b"model").hexdigest()), "an artifact that can be reached is one, once")
done = run("libaim.import_aim", SOURCE, "--repo", os.path.join(scratch, "dry"), "--dry-run")
ok("would import 3 runs" in done.stderr and not os.path.exists(os.path.join(scratch, "dry")), "a dry run stores nothing")
done = run("libaim.import_aim", scratch, "--repo", MINE)
ok(done.returncode == 1 and "there is no Aim repository" in done.stderr, "what is none is refused")

done = run("libaim.export_aim", THEIRS, "--repo", MINE)
ok(done.returncode == 0 and "exported 3 runs" in done.stderr, "runs are exported to a repository of Aim's")
ASK = """
import sys, aim
repo = aim.Repo(sys.argv[1])
for found in repo.query_metrics("metric.name == 'loss' and run.hparams.lr < 0.01").iter():
    steps, values = found.values.sparse_numpy()
    print("metric", found.context.to_dict().get("subset"), len(steps), float(values.sum()))
for found in repo.query_images("images.name == 'images'").iter():
    for step, (values, _, _) in found.data.items():
        print("images", step, [image.caption for image in values], values[0].to_pil_image().size)
for found in repo.query_texts("texts.name == 'note'").iter():
    print("texts", [text.data for _, (text, _, _) in found.data.items()])
run = repo.get_run(sys.argv[2])
print(run.name, run.experiment, run.tags, run.active, run.end_time, run.creation_time)
"""
asked = subprocess.run([sys.executable, "-c", ASK, THEIRS, full], capture_output=True, text=True)
print("".join(f"# {line}\n" for line in asked.stdout.splitlines()), end="", flush=True)
lines = asked.stdout.splitlines()
want = f"metric train 300 {numpy.array([1 / (s + 1) for s in range(300)]).sum()}"
ok(want in lines and "metric val 300 44850.0" in lines, "Aim's queries find the metrics at once")
ok("images 0 ['0', '1'] (24, 16)" in lines and "images 4 ['3'] (24, 16)" in lines, "Aim decodes the images")
ok("texts ['wörter', '']" in lines, "Aim reads the texts")
created, ended = mine[full]["times"][0], mine[full]["times"][1]
ok(lines and lines[-1] == f"all kinds digits ['göld'] False {ended} {created}", "Aim shows the properties")

run("libaim.import_aim", THEIRS, "--repo", BACK)
ok(everything(BACK) == mine, "they come back as they were")
run("libaim.export_aim", THEIRS, "--repo", MINE)
run("libaim.import_aim", THEIRS, "--repo", os.path.join(scratch, "again"))
ok(everything(os.path.join(scratch, "again")).keys() == mine.keys(), "exporting again goes on with the same runs")

# What Aim has no place for is said.
from libaim import Array, Distribution, Run  # noqa: E402

with Run(repo=os.path.join(scratch, "odd")) as odd_run:
    odd_run.track(Array(numpy.zeros(3)), name="array")
    odd_run.track(Distribution(hist=[1, 2], edges=[0, 1, 10]), name="uneven")
    odd_run["large"] = 2**70
done = run("libaim.export_aim", os.path.join(scratch, "odd-theirs"), "--repo", os.path.join(scratch, "odd"))
told = ("arrays of formats that Aim does not have (1)", "distributions of formats", "more than 64 bits")
ok(all(what in done.stderr for what in told), "what has no place there is said")

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import exchange_objects  # noqa: E402

exchange_objects.compare(ok, scratch)

# The table of names on the Python binding's page is made after this list.
TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bindings", "python", "tests")
names = subprocess.run([sys.executable, os.path.join(TESTS, "aim_names.py")], capture_output=True, text=True, check=True)
with open(os.path.join(TESTS, "aim_3.29.1.tsv"), encoding="utf-8") as file:
    recorded = file.read().splitlines()[1:]
ok(names.stdout.splitlines() == recorded, "the list of Aim's public names is that of the package")
print(f"1..{tests}", flush=True)

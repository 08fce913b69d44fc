"""What `libaim import` and `libaim export` exchange with the tools themselves. Speaks TAP.

exchange.py PROGRAM SCRATCH"""

import json
import math
import os
import random
import struct
import subprocess
import sys

import numpy
import tensorboardX
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util

program, scratch = sys.argv[1:]
tests = 0


def ok(good, what):
    global tests
    tests += 1
    print(("ok" if good else "not ok"), tests, "-", what, flush=True)


def libaim(*args, repo="repo"):
    env = {**os.environ, "AIM_REPO": os.path.join(scratch, repo)}
    done = subprocess.run([program, *args], env=env, capture_output=True, text=True)
    print("".join(f"# {line}\n" for line in done.stderr.splitlines()), end="", flush=True)
    assert done.returncode == 0, (args, done)
    return done.stdout


def bits(value):
    return struct.pack("<d", value)


def points(repo):
    """Step, value and time of every metric, by run name, metric and context."""
    names, found = {}, {}
    for line in libaim("export", "jsonl", repo=repo).splitlines():
        row = json.loads(line)
        if "status" in row:
            names[row["run"]] = row["name"]
        elif "step" in row:
            key = (names[row["run"]], row["name"], json.dumps(row["context"]))
            found.setdefault(key, []).append((row["step"], bits(float(row["value"])), row["time"]))
    return found


# What tensorboardX writes now, we read as TensorBoard's own reader does.
logs = os.path.join(scratch, "logs")
chance = random.Random(17)
for run in ("a", "deep/b"):
    with tensorboardX.SummaryWriter(os.path.join(logs, run)) as writer:
        for step in range(500):
            for tag in ("loss/train", "loss/val", "größe"):
                value = chance.choice([chance.gauss(0, 1), math.inf, -math.inf, 1e-45, -0.0])
                writer.add_scalar(tag, value, step, walltime=1.7e9 + step / 8)
libaim("import", "tensorboard", logs, repo="imported")
mine = points("imported")
theirs = {}
for run in ("a", "deep/b"):
    events = EventAccumulator(os.path.join(logs, run), size_guidance={"scalars": 0})
    events.Reload()
    for tag in events.Tags()["scalars"]:
        scalars = events.Scalars(tag)
        theirs[run, tag, "{}"] = [(s.step, bits(s.value), s.wall_time) for s in scalars]
ok(mine == theirs and len(mine) == 6, "event files are read as TensorBoard reads them")

# What we write, TensorBoard opens.
source = os.path.join(scratch, "odd.jsonl")
with open(source, "w") as file:
    head = {"run": "a" * 24, "name": "first", "status": "finished", "created_at": 1.7e9, "finalized_at": 1.7e9 + 60,
            "experiment": "e", "params": {"hparams": {"lr": 0.1, "layers": 3, "opt": "sgd", "flag": True}}}
    print(json.dumps(head), file=file)
    for context, name in (({}, "loss"), ({"subset": "val"}, "loss"), ({"a": 1, "b": "x/y"}, "größe")):
        for step in (-5, 0, 1, 1 << 40):
            row = {"run": "a" * 24, "name": name, "context": context, "step": step, "value": step / 3, "time": 1.7e9 + 0.25}
            print(json.dumps(row), file=file)
    print(json.dumps({"run": "a" * 24, "name": "loss", "step": 2, "value": "NaN", "time": 1.7e9}), file=file)
libaim("import", "jsonl", source)
written = os.path.join(scratch, "tensorboard")
libaim("export", "tensorboard", "-t", written)
reader = EventMultiplexer(size_guidance={"scalars": 0, "tensors": 0}).AddRunsFromDirectory(written)
reader.Reload()
ok(sorted(reader.Runs()) == ["first", "first/a=1,b=x_y", "first/val"], f"TensorBoard sees {sorted(reader.Runs())}")
single = struct.Struct("<f")
want = [(step, single.unpack(single.pack(step / 3))[0], 1.7e9 + 0.25) for step in (-5, 0, 1, 1 << 40)]
for run, tag in (("first/val", "loss"), ("first/a=1,b=x_y", "größe")):
    # The multiplexer turns scalars into tensors, as TensorBoard shows them.
    accumulator = reader.GetAccumulator(run)
    if tag in accumulator.Tags()["scalars"]:
        got = [(s.step, s.value, s.wall_time) for s in accumulator.Scalars(tag)]
    else:
        got = [(t.step, tensor_util.make_ndarray(t.tensor_proto).item(), t.wall_time) for t in accumulator.Tensors(tag)]
    ok(got == want, f"points of {run}")
events = EventAccumulator(os.path.join(written, "first"), size_guidance={"scalars": 0})
events.Reload()
scalars = events.Scalars("loss")
ok([s.step for s in scalars] == [-5, 0, 1, 2, 1 << 40] and math.isnan(scalars[3].value), "NaN is one there")
content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data
data = plugin_data_pb2.HParamsPluginData.FromString(content.content)
got = {key: getattr(value, value.WhichOneof("kind")) for key, value in data.session_start_info.hparams.items()}
ok(content.plugin_name == "hparams" and got == {"lr": 0.1, "layers": 3.0, "opt": "sgd", "flag": True}, f"hyperparameters {got}")
end = events.SummaryMetadata("_hparams_/session_end_info").plugin_data
end = plugin_data_pb2.HParamsPluginData.FromString(end.content).session_end_info
ok(end.status == 1 and end.end_time_secs == 1.7e9 + 60, "the end of the session")

# Pictures and the like: what tensorboardX wrote comes back to TensorBoard as it was.
media = os.path.join(scratch, "media", "run")
pixels = numpy.arange(16 * 24 * 3, dtype=numpy.uint8).reshape(16, 24, 3)
values = numpy.random.default_rng(1).normal(size=1000)
with tensorboardX.SummaryWriter(media) as writer:
    writer.add_image("picture", pixels, 3, walltime=1.7e9, dataformats="HWC")
    writer.add_histogram("values", values, 4, bins=numpy.linspace(-4, 4, 17), walltime=1.7e9 + 1)
    writer.add_histogram("usual", values, 4, walltime=1.7e9 + 2)
    writer.add_text("note", "some **markdown**", 5)
libaim("import", "tensorboard", media, repo="media")
libaim("export", "tensorboard", "-t", os.path.join(scratch, "media-back"), repo="media")
before, after = (EventAccumulator(path, size_guidance={"images": 0, "histograms": 0, "tensors": 0})
                 for path in (media, os.path.join(scratch, "media-back", "run")))
before.Reload(), after.Reload()
ok(after.Images("picture") == before.Images("picture"), "an image comes back as it was")
for tag in ("values", "usual"):
    (theirs,), (ours,) = (events.Histograms(tag) for events in (before, after))
    # Bins that are empty at the ends may be written or not.
    def kept(found):
        limits, counts = found.histogram_value.bucket_limit, found.histogram_value.bucket
        return [(limit, count) for limit, count in zip(limits, counts) if count]
    known = [(f.step, f.wall_time, *(getattr(f.histogram_value, name) for name in ("min", "max", "num", "sum", "sum_squares")))
             for f in (theirs, ours)]
    ok(known[0] == known[1] and kept(theirs) == kept(ours), f"the histogram {tag} comes back as it was")
(text,) = after.Tensors("note")
ok(tensor_util.make_ndarray(text.tensor_proto).ravel().tolist() == [b"some **markdown**"], "a text comes back as it was")
ok(after.SummaryMetadata("note").plugin_data.plugin_name == "text", "and is one to TensorBoard")
print(f"1..{tests}")

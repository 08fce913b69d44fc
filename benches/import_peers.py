"""Scalars of TensorBoard's event files: `libaim import tensorboard`, which stores them, beside TensorBoard's own reader,
which keeps them in memory, in the same run. CPU seconds of the process and all its threads; 10 tags.

usage: import_peers.py PROGRAM DIRECTORY [POINTS]
"""
import os
import random
import resource
import subprocess
import sys
import time
from importlib import metadata

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.summary_pb2 import Summary
from tensorboardX.record_writer import RecordWriter

TAGS = 10


def write(directory, points):
    os.makedirs(directory)
    writer = RecordWriter(os.path.join(directory, "events.out.tfevents.1700000000.bench"))
    for step in range(points // TAGS):
        for tag in range(TAGS):
            value = Summary.Value(tag=f"layer{tag}/loss", simple_value=random.random())
            event = Event(wall_time=1.7e9 + step / 100, step=step, summary=Summary(value=[value]))
            writer.write(event.SerializeToString())
    writer.flush()


def theirs(directory):
    events = EventAccumulator(directory, size_guidance={"scalars": 0})
    events.Reload()
    return sum(len(events.Scalars(tag)) for tag in events.Tags()["scalars"])


def measured(do, who):
    before, begun = resource.getrusage(who), time.perf_counter()
    points = do()
    wall, after = time.perf_counter() - begun, resource.getrusage(who)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return points, wall, cpu


program, directory = sys.argv[1:3]
points = int(sys.argv[3]) if len(sys.argv) > 3 else 2_000_000
logs, repo = os.path.join(directory, "logs"), os.path.join(directory, "repo")
write(os.path.join(logs, "run"), points)


def ours():
    subprocess.run([program, "--repo", repo, "import", "tensorboard", logs], check=True, stderr=subprocess.DEVNULL)
    # Run, columns, count: what is stored.
    rows = subprocess.run([program, "--repo", repo, "query", "-m", "", "-f", "csv"], check=True, capture_output=True, text=True)
    return sum(int(row.split(",")[3]) for row in rows.stdout.splitlines()[1:])


mine = measured(ours, resource.RUSAGE_CHILDREN)
peer = measured(lambda: theirs(os.path.join(logs, "run")), resource.RUSAGE_SELF)
assert mine[0] == peer[0] == points // TAGS * TAGS, (mine, peer)
for name, (count, wall, cpu) in (("libaim import", mine), (f"tensorboard {metadata.version('tensorboard')}", peer)):
    print(f"{name:22} {count:,} points: {wall:.2f} s, {count / wall / 1e6:.2f} million/s; CPU {cpu:.2f} s, {count / cpu / 1e6:.2f} million/s")
print(f"{peer[2] / mine[2]:.0f} × less CPU, {peer[1] / mine[1]:.0f} × faster")

"""Cost of a tracking call in Aim and tensorboardX, beside ours in the same run.

usage: peers.py TRACK-PROGRAM DIRECTORY
"""
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata

CALLS = 3000


def percentile(values, part):
    return sorted(values)[int(part * len(values))]


def timed(call):
    """Microseconds of each of CALLS calls."""
    times = []
    for i in range(CALLS):
        start = time.perf_counter()
        call(i)
        times.append((time.perf_counter() - start) * 1e6)
    return times[100:]


def disk_bytes(directory):
    return sum(
        os.path.getsize(os.path.join(root, name)) for root, _, names in os.walk(directory) for name in names
    )


def aim_track(directory):
    import aim

    start = time.perf_counter()
    run = aim.Run(repo=directory, system_tracking_interval=None, capture_terminal_logs=False)
    first = (time.perf_counter() - start) * 1e3
    times = timed(lambda i: run.track(1.0 / (1 + i), name="loss", step=i, epoch=0, context={"subset": "train"}))
    run.close()
    start = time.perf_counter()
    second = aim.Run(repo=directory, system_tracking_interval=None, capture_terminal_logs=False)
    new_run = (time.perf_counter() - start) * 1e3
    second.close()
    return times, first, new_run


def tensorboard_track(directory):
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(directory)
    times = timed(lambda i: writer.add_scalar("loss", 1.0 / (1 + i), i))
    writer.close()
    return times


def ours(program, directory):
    out = subprocess.run([program, directory], check=True, capture_output=True, text=True).stdout
    number = lambda name: float(re.search(rf"{name}.*?([\d.]+) ns", out).group(1)) / 1e3
    return number("aim_metric_track"), number("aim_run_track, .* in turn")


def main():
    track, root = sys.argv[1:]
    handle, name = (statistics.median(figures) for figures in zip(*(ours(track, root) for _ in range(3))))
    with tempfile.TemporaryDirectory(dir=root) as directory:
        times, first, new_run = aim_track(directory)
        size = disk_bytes(directory) / CALLS
    middle = statistics.median(times)
    print(f"Aim {metadata.version('aim')} run.track        median {middle:7.1f} us  p99 {percentile(times, 0.99):8.1f} us  {size:6.0f} bytes a point")
    print(f"  libaim by handle {handle * 1e3:6.1f} ns: {middle / handle:8.0f} x faster (goal >= 3000)")
    print(f"  libaim by name   {name * 1e3:6.1f} ns: {middle / name:8.0f} x faster (goal >= 1000)")
    print(f"  Aim's first run of a repository {first:.0f} ms, the next {new_run:.0f} ms")
    with tempfile.TemporaryDirectory(dir=root) as directory:
        times = tensorboard_track(directory)
        size = disk_bytes(directory) / CALLS
    middle = statistics.median(times)
    print(f"tensorboardX add_scalar     median {middle:7.1f} us  p99 {percentile(times, 0.99):8.1f} us  {size:6.0f} bytes a point")
    print(f"  libaim by handle is {middle / handle:.0f} x faster")
    sys.stdout.flush()
    os._exit(0)  # Aim's threads may keep the interpreter from ending


main()

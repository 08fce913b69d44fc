"""What a spool costs its programs, and what it costs to merge it.

usage: spool.py PROGRAM TRACK SPOOL DIRECTORY
"""
import os
import re
import shutil
import subprocess
import sys
import time

import segments

PROGRAM, TRACK, SPOOL, DIRECTORY = sys.argv[1:5]
CACHE = os.path.join(DIRECTORY, "cache")
ROUNDS = 5


def environment(spool):
    return {**os.environ, "XDG_CACHE_HOME": CACHE, "AIM_SPOOL": spool, "AIM_SYSTEM_TRACKING_INTERVAL": "0"}


def fresh(name):
    path = os.path.join(DIRECTORY, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def output(command, spool):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, env=environment(spool)).stdout


def track():
    """Of both kinds in turn, on the same machine at the same time."""
    found = {"0": [], "1": []}
    for _ in range(ROUNDS):
        for kind, times in found.items():
            said = output([TRACK, fresh("track")], kind)
            times.append(float(re.search(r"^aim_metric_track +([\d.]+) ns", said, re.M).group(1)))
    database, spool = (min(found[kind]) for kind in "01")
    print(f"aim_metric_track on a spool {spool:.1f} ns, into a database {database:.1f} ns: {spool / database:.2f} x (goal <= 1.05)")


def write(spool, metrics, steps, flush, directory):
    return float(output([SPOOL, directory, str(metrics), str(steps), str(flush)], spool))


def bytes_of_points():
    for steps, goal in (1, 16), (10, 6), (50, 6):
        directory = fresh("bytes")
        write("1", 20, 200 * steps, steps, directory)
        folder = os.path.join(directory, ".aim/spool")
        size = sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)) / (200 * steps * 20)
        print(f"a point in frames of 20 metrics x {steps} steps: {size:.1f} bytes (goal <= {goal})")


def drain():
    found = {"0": [], "1": []}
    for _ in range(ROUNDS):
        for kind, times in found.items():
            times.append(write(kind, 20, 100_000, 0, fresh("drain")))
    database, spool = (min(found[kind]) for kind in "01")
    print(f"processors for a point, call to disk: spool {spool:.0f} ns, database {database:.0f} ns; what a spool adds, copy, frame, "
          f"check and two syncs, {spool - database:.0f} ns (goal <= 15)")


def run(*command):
    """Seconds by the clock and of processors, and the most memory in MB, of the program."""
    start = time.perf_counter()
    child = subprocess.Popen([PROGRAM, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment("0"))
    _, status, usage = os.wait4(child.pid, 0)
    took = time.perf_counter() - start
    assert status == 0, command
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def merged(spool):
    into = fresh("merged")
    return into, run("merge", spool, "--repo", into)


def merge(name, metrics, steps, count, goal):
    one, spool = fresh("one"), fresh("spool")
    write("1", metrics, steps, 0, one)
    segments.multiply_apart(PROGRAM, one, spool, count, environment("1"))
    into, (took, used, memory) = merged(spool)
    points = metrics * steps * count
    print(f"{name} merged: {took:.2f} s, {used:.2f} s of processors: {points / took / 1e6:.1f} million points/s, "
          f"{points / used / 1e6:.1f} a second of processor{goal}; {memory:.0f} MB (goal <= 200)", flush=True)
    return spool, into


def main():
    track()
    bytes_of_points()
    drain()
    merge("50 segments of 200,000 points", 20, 10_000, 50, " (goal >= 5)")
    merge("1 segment of 10 million points", 20, 500_000, 1, " (goal >= 5)")
    spool, into = merge("an array of 1,000 runs of 400 points", 5, 80, 1000, " (goal <= 1 s)")
    took, used, _ = run("merge", spool, "--repo", into)
    print(f"the same without news: {took * 1e3:.0f} ms, {used * 1e3:.0f} ms of processors")
    spool, into = merge("10,000 segments of 400 points", 5, 80, 10_000, "")
    took, used, _ = run("merge", spool, "--repo", into)
    print(f"the same without news: {took:.2f} s, {used:.2f} s of processors (goal <= 0.5)")
    took, used, _ = run("spool", "gc", "--repo", spool, "--into", into, "--older", "0")
    left = sum(len(files) for _, _, files in os.walk(os.path.join(spool, ".aim")))
    print(f"collected: {took:.2f} s, {left} files left (goal 0)")


main()

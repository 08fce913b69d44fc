"""Queries in Aim, beside ours in the same run, over 1000 runs with 10 params and 5 metrics of 100 points.

usage: query_peers.py QUERY-PROGRAM DIRECTORY
"""
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata

os.environ["TQDM_DISABLE"] = "1"
import aim

import sweep

RUNS, POINTS = 1000, 100
EVERY = "run.hparams.lr * 2 > 1 or run.hparams.warmup + run.seed < 0"
SERIES = "metric.name == 'loss' or metric.name == 'accuracy'"


def median_time(ask, repeats):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        ask()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def every_run(repo):
    found = sum(1 for _ in repo.query_runs(EVERY, report_mode=0).iter_runs())
    assert found == 0, found


def series_with_values(repo):
    series = points = 0
    for run in repo.query_metrics(SERIES, report_mode=0).iter_runs():
        for metric in run:
            series += 1
            points += len(metric.values.sparse_numpy()[1])
    assert (series, points) == (2 * RUNS, 2 * RUNS * POINTS), (series, points)


def ours(program, directory):
    """Seconds for the same two questions."""
    out = subprocess.run([program, directory, str(RUNS)], check=True, capture_output=True, text=True).stdout
    number = lambda pattern: float(re.search(pattern, out).group(1)) / 1e3
    return number(rf"every run evaluated: {RUNS} runs ([\d.]+) ms"), number(r"values read +([\d.]+) ms")


def main():
    program, root = sys.argv[1:]
    our_every, our_series = ours(program, root)
    with tempfile.TemporaryDirectory(dir=root) as directory:
        start = time.perf_counter()
        sweep.build(directory, RUNS, POINTS)
        # Without its index Aim would open every run, and miss some.
        aim.Repo.from_path(directory)._recreate_index()
        print(f"Aim {metadata.version('aim')}: {RUNS} runs written and indexed in {time.perf_counter() - start:.0f} s")
        repo = aim.Repo.from_path(directory)
        their_every = median_time(lambda: every_run(repo), 5)
        their_series = median_time(lambda: series_with_values(repo), 3)
        print(f"every run evaluated     Aim {their_every * 1e3:7.1f} ms, libaim {our_every * 1e3:6.2f} ms: "
              f"{their_every / our_every:5.0f} x faster (goal >= 100)")
        print(f"2000 series with values Aim {their_series * 1e3:7.1f} ms, libaim {our_series * 1e3:6.2f} ms: "
              f"{their_series / our_series:5.0f} x faster (goal >= 200)")
        sys.stdout.flush()
    os._exit(0)  # Aim's threads may keep the interpreter from ending


main()

"""What Python adds to the C call: tracks through the binding and in a loop in C, side by side.

Prints, for each way to track, nanoseconds a call, the ratio to the plain C call, and the difference.
"""

import ctypes
import subprocess
import tempfile
import time
from pathlib import Path

import libaim
from libaim._raw import ffi, lib

CALLS = 1_000
ROUNDS = 1_000

LOOP = """
#include <stdint.h>
#include <time.h>

typedef int32_t (*track)(const void *, double, int64_t, int64_t);

/* Nanoseconds that n calls take. */
double loop(track track, const void *metric, int64_t n)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int64_t i = 0; i < n; i++)
        if (track(metric, 1.5, i, 0) != 0) return -1.0;
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
}
"""


def c_loop(directory):
    """The loop above, compiled."""
    source, library = Path(directory, "loop.c"), Path(directory, "loop.so")
    source.write_text(LOOP)
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", source, "-o", library], check=True)
    loop = ctypes.CDLL(str(library)).loop
    loop.restype, loop.argtypes = ctypes.c_double, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
    return loop


def ways(run, loop):
    """Pairs of a description and a function that tracks CALLS points and returns the nanoseconds that it took."""
    handle = run.metric("loss", {"subset": "train"})
    context = {"subset": "train"}
    address = int(ffi.cast("uintptr_t", handle._handle))
    function = int(ffi.cast("uintptr_t", ffi.addressof(lib, "aim_metric_track")))

    def timed(track):
        def measure():
            begin = time.perf_counter_ns()
            track()
            return time.perf_counter_ns() - begin

        return measure

    def by_handle():
        for i in range(CALLS):
            handle.track(1.5, i, 0)

    def by_name():
        for i in range(CALLS):
            run.track(1.5, name="loss", step=i, epoch=0)

    def by_name_and_context():
        for i in range(CALLS):
            run.track(1.5, name="loss", step=i, epoch=0, context=context)

    def by_name_and_new_context():
        for i in range(CALLS):
            run.track(1.5, name="loss", step=i, epoch=0, context={"subset": "train"})

    yield "aim_metric_track in C", lambda: loop(function, address, CALLS)
    yield "metric.track(…)", timed(by_handle)
    yield "run.track(…)", timed(by_name)
    yield "run.track(…, context=known)", timed(by_name_and_context)
    yield "run.track(…, context={…})", timed(by_name_and_new_context)


def main():
    with tempfile.TemporaryDirectory() as directory:
        # A journal that holds a round of all: the calls are measured, not the waiting for the disk.
        options = libaim.RepoOptions(journal_size=64 << 20)
        with libaim.Run(repo=directory, repo_options=options) as run:
            functions = dict(ways(run, c_loop(directory)))
            best = dict.fromkeys(functions, float("inf"))
            for _ in range(ROUNDS):
                for name, measure in functions.items():
                    best[name] = min(best[name], measure() / CALLS)
                run.flush()  # so that no call waits for the disk
    plain = best["aim_metric_track in C"]
    for name, nanoseconds in best.items():
        print(f"{name:30} {nanoseconds:7.0f} ns {nanoseconds / plain:6.1f} x {nanoseconds - plain:+7.0f} ns")


if __name__ == "__main__":
    main()

# What Julia adds to the C call: tracks through the binding and in a loop in C, side by side. Prints, for each way to
# track, nanoseconds a call, the ratio to the plain C call, and the difference.

using Aim
using Libdl
using Printf

const CALLS = 1_000
const ROUNDS = 1_000

const LOOP = """
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

"The loop above, compiled: its address."
function c_loop(directory)
    source, library = joinpath(directory, "loop.c"), joinpath(directory, "loop.so")
    write(source, LOOP)
    run(`gcc -O2 -shared -fPIC $source -o $library`)
    return dlsym(dlopen(library), :loop)
end

in_c(loop, track, metric) = ccall(loop, Cdouble, (Ptr{Cvoid}, Ptr{Aim.aim_metric}, Int64), track, metric, CALLS)

by_metric(metric) = for i in 0:CALLS-1
    track!(metric, 1.5; step=i, epoch=0)
end

by_name(run) = for i in 0:CALLS-1
    track!(run, :loss, 1.5; step=i, epoch=0)
end

by_name_and_context(run) = for i in 0:CALLS-1
    track!(run, :loss, 1.5; step=i, epoch=0, subset="train")
end

at_once(metric, values, steps) = track!(metric, values; step=steps, epoch=0)

"Nanoseconds that a call of `f` takes."
function timed(f, arguments...)
    begun = time_ns()
    f(arguments...)
    return Float64(time_ns() - begun)
end

function measure(run, loop)
    metric = Metric(run, :loss; subset="train")
    track = dlsym(dlopen(Aim.libaim), :aim_metric_track)
    values, steps = fill(1.5, CALLS), collect(0:CALLS-1)
    ways = [
        "aim_metric_track in C" => () -> in_c(loop, track, metric),
        "track!(metric, x)" => () -> timed(by_metric, metric),
        "track!(metric, vector), each" => () -> timed(at_once, metric, values, steps),
        "track!(run, :loss, x)" => () -> timed(by_name, run),
        "track!(run, :loss, x; subset=…)" => () -> timed(by_name_and_context, run),
    ]
    best = fill(Inf, length(ways))
    for _ in 1:ROUNDS
        for (i, (_, way)) in enumerate(ways)
            best[i] = min(best[i], way() / CALLS)
        end
        flush(run) # so that no call waits for the disk
    end
    return first.(ways), best
end

mktempdir() do directory
    # A journal that holds a round of all: the calls are measured, not the waiting for the disk.
    Run(repo=directory, repo_options=Aim.RepoOptions(journal_size=64 << 20)) do run
        names, best = measure(run, c_loop(directory))
        for (name, nanoseconds) in zip(names, best)
            ratio, more = nanoseconds / best[1], nanoseconds - best[1]
            @printf("%s %7.1f ns %6.2f x %+8.1f ns\n", rpad(name, 34), nanoseconds, ratio, more)
        end
    end
end

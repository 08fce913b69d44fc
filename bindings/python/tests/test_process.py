"""Processes: their end, their death, their forks, and interrupted garbage collection."""

import multiprocessing
import os
import sys

import pytest

import libaim
from conftest import points
from libaim import Repo, Run

START = "import os, sys, threading, libaim; from libaim import Repo, Run; path = sys.argv[1]; "


def clean(result):
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.strip()


def test_runs_left_open_are_closed_at_exit(path, python):
    run_hash = clean(
        python(
            START
            + """
runs = [Run(repo=path) for _ in range(3)]
handle = runs[0].metric("loss")
for step in range(1000):
    handle.track(step)
query = Repo(path).query_metrics(); metric = next(iter(query)); columns = metric.columns()
print(runs[0].hash)
""",
            path,
        )
    )
    assert [run.status for run in Repo(path).iter_runs()] == ["finished"] * 3
    assert len(points(path)["loss", "{}"]) == 1000 and Repo(path).get_run(run_hash) is not None


def test_exit_with_an_exception(path, python):
    result = python(START + "run = Run(repo=path); run.track(1, 'loss'); raise SystemExit(3)", path)
    assert (result.returncode, result.stderr) == (3, "")
    result = python(START + "run = Run(repo=path); run.track(1, 'loss'); 1 / 0", path)
    assert result.returncode == 1 and result.stderr.endswith("ZeroDivisionError: division by zero\n")
    assert result.stderr.count("Traceback") == 1
    assert [(run.status, run.exit_code) for run in Repo(path).iter_runs()] == [("failed", 1), ("failed", 3)]


def test_a_process_that_dies_loses_nothing_that_was_tracked(path, python):
    result = python(
        START
        + """
run = Run(repo=path)
run["lr"] = 0.1
for step in range(1000):
    run.track(step, "loss")
os.kill(os.getpid(), 9)
""",
        path,
    )
    assert result.returncode == -9
    (run,) = Repo(path).iter_runs()
    assert run.status == "crashed" and run["lr"] == 0.1 and not run.active
    assert [value for _, value, _ in points(path)["loss", "{}"]] == list(range(1000))
    with Run(run.hash, repo=path) as again:
        again.track(1000, "loss")
    assert Repo(path).get_run(run.hash).status == "finished" and len(points(path)["loss", "{}"]) == 1001


def test_daemon_threads_that_track_until_the_end(path, python):
    clean(
        python(
            START
            + """
run = Run(repo=path)
ready = threading.Barrier(5)
def work(i):
    handle = run.metric("loss", {"thread": i})
    handle.track(0)
    ready.wait()
    try:
        while True:
            handle.track(1.0); run.track(1.0, "other")
    except libaim.ClosedError:
        pass
for i in range(4):
    threading.Thread(target=work, args=(i,), daemon=True).start()
ready.wait()
""",
            path,
        )
    )
    (run,) = Repo(path).iter_runs()
    assert run.status == "finished" and len(list(run.metrics())) >= 4


def test_objects_in_cycles_and_module_globals_at_exit(path, python):
    clean(
        python(
            START
            + """
class Holder: pass
a, b = Holder(), Holder()
a.other, b.other, a.run = b, a, Run(repo=path)
b.query = Repo(path).query_runs(); b.metric = a.run.metric("loss"); sys.holder = a
sys.modules["holder"] = b
a.run.close()
""",
            path,
        )
    )


def test_a_forked_child_cannot_use_the_parents_objects(path, python):
    output = clean(
        python(
            START
            + """
run = Run(repo=path); repo = Repo(path); handle = run.metric("loss"); run.track(1.0, "loss"); run.flush()
query = repo.query_metrics(); values = next(iter(query)).columns().values
child = os.fork()
if child == 0:
    uses = [
        lambda: run.track(1.0, "loss"), lambda: run.track(1.0, "new"), lambda: handle.track(1.0),
        lambda: handle.track_many([1.0]), lambda: run.set("lr", 1), lambda: run.name, lambda: run.flush(),
        lambda: run.close(), lambda: repo.query_runs(),
    ]
    for use in uses:
        try:
            use()
            print("no error")
        except libaim.ForkedError as error:
            assert error.code == 4
    print("child", values.tolist())
    del uses, use, run, repo, handle, query
    sys.exit(0)  # runs the exit handlers
assert os.waitpid(child, 0)[1] == 0
run.track(2.0, "loss")
run.close()
print("parent", Repo(path).get_run(run.hash).status)
""",
            path,
        )
    )
    assert output.split("\n") == ["child [1.0]", "parent finished"]
    assert points(path) == {("loss", "{}"): [(0, 1.0, None), (1, 2.0, None)]}


def test_a_forked_child_writes_runs_of_its_own(path, python):
    output = clean(
        python(
            START
            + """
run = Run(repo=path); run.track(1.0, "parent")
child = os.fork()
if child == 0:
    own = Run(repo=path)
    own.track(2.0, "child")
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
run.track(3.0, "parent")
run.close()
""",
            path,
        )
    )
    assert output == ""
    assert points(path) == {("child", "{}"): [(0, 2.0, None)], ("parent", "{}"): [(0, 1.0, None), (1, 3.0, None)]}
    assert [run.status for run in Repo(path).iter_runs()] == ["finished"] * 2


def write_a_run(path, i):
    with Run(repo=path) as run:
        run["i"] = i
        for step in range(100):
            run.track(step * i, "loss")
    return run.hash


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(path, method):
    with Run(repo=path) as run:
        run.track(1.0, "main")
        with multiprocessing.get_context(method).Pool(3) as pool:
            hashes = pool.starmap(write_a_run, [(path, i) for i in range(6)])
        run.track(2.0, "main")
    assert len(set(hashes)) == 6
    for i, run_hash in enumerate(hashes):
        stored = Repo(path).get_run(run_hash)
        assert stored["i"] == i and stored.status == "finished"
        assert stored.get_metric("loss").values.tolist() == [step * i for step in range(100)]
    assert points(path)["main", "{}"] == [(0, 1.0, None), (1, 2.0, None)]


def count_descriptors():
    return len(os.listdir("/proc/self/fd"))


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_nothing_leaks(path):
    """Memory and descriptors are those of before, once everything that was opened is dropped."""
    with Run(repo=path) as run:
        run["blob"] = "x" * 100_000
        run.metric("loss").track_many(range(20_000))

        def use():
            with Run(run.hash, repo=path) as again:
                again.track(1.0, "other", context={"a": [1, {"b": "c"}]})
                again["lr"] = {"a": 1}
                assert again["blob"] and again.name and again.tags == []
            with pytest.raises(libaim.NotFoundError):
                Repo(path).get_run(run.hash)["nope"]
            for metric in Repo(path).query_metrics():
                assert metric.columns().values.sum() and metric.sample(100) and metric.run[...]
            repo = Repo(path)
            assert repo.query_runs().table() and repo.query_runs("run.hash + 1").failures and repo.stats()
            repo.query_metrics().__arrow_c_stream__()
            with pytest.raises(libaim.QuerySyntaxError):
                repo.query_runs("((")

        for _ in range(20):
            use()
        memory, descriptors = resident(), count_descriptors()
        for _ in range(200):
            use()
        assert count_descriptors() <= descriptors
        # A column alone has 160 kB: leaking one a round would take 32 MB.
        assert resident() - memory < 16 << 20


def test_importing_takes_no_numpy(python):
    assert clean(python(START + "print('numpy' in sys.modules, 'pandas' in sys.modules)", "x")) == "False False"


def test_one_library_in_the_process(path, python):
    """The wheel brings its own library, found whatever the environment says."""
    output = clean(
        python(
            START
            + """
Run(repo=path).close()
with open("/proc/self/maps") as maps:
    print({line.split()[-1] for line in maps if "libaim.so" in line})
""",
            path,
            env={**os.environ, "LD_LIBRARY_PATH": ""},
        )
    )
    assert output == str({os.path.join(os.path.dirname(libaim.__file__), "libaim.so.0")})
    assert sys.prefix in output

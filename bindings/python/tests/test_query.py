"""Queries: what they find, in which order, and how they fail."""

import gc
import math
import signal
import threading

import pytest

import libaim
from libaim import Repo, Run


@pytest.fixture
def repo(path):
    """Three runs, oldest first: lr 0.1, 0.01, 0.001; each with loss for train and val, and acc."""
    for i, lr in enumerate((0.1, 0.01, 0.001)):
        with Run(repo=path, experiment=f"e{i}") as run:
            run["hparams"] = {"lr": lr, "name": f"run {i}"}
            for step in range(10):
                run.track(lr * step, "loss", step=step, context={"subset": "val"})
                run.track(-lr * step, "loss", step=step, context={"subset": "train"})
            run.track(i, "acc", step=7, epoch=2)
    return Repo(path)


def experiments(query):
    return [found.run.experiment for found in query.iter_runs()]


def test_runs_come_newest_first(repo):
    assert experiments(repo.query_runs()) == ["e2", "e1", "e0"]
    assert experiments(repo.query_runs("run.hparams.lr < 0.05")) == ["e2", "e1"]
    assert experiments(repo.query_runs("run.experiment == 'e1'")) == ["e1"]
    assert len(repo.query_runs("run.hparams.lr < 0.05")) == 2
    assert len(repo.query_runs("False")) == 0 and experiments(repo.query_runs("False")) == []


def test_any_order(repo):
    assert experiments(repo.query_runs(order_by="run.hparams.lr")) == ["e2", "e1", "e0"]
    assert experiments(repo.query_runs(order_by="run.hparams.lr", descending=True)) == ["e0", "e1", "e2"]
    assert experiments(repo.query_runs(order_by="run.created_at", limit=2)) == ["e0", "e1"]
    assert experiments(repo.query_runs(order_by="run.metrics['acc', {}].last", offset=1)) == ["e1", "e2"]
    found = repo.query_metrics(order_by="metric.last")
    assert [metric.name for metric in found][:3] == ["loss"] * 3
    assert repo.query_runs(order_by="run.nothing").warning
    with pytest.raises(libaim.QuerySyntaxError, match="order by"):
        repo.query_runs(order_by="run.")
    with pytest.raises(TypeError, match="order_by"):
        repo.query_runs(order_by=1)


def test_answers_in_parts(repo):
    parts = list(repo.stream_metrics("metric.name == 'loss'", order_by="run.hparams.lr"))
    assert [metric.run.experiment for part in parts for metric in part] == ["e2", "e2", "e1", "e1", "e0", "e0"]
    assert [experiments(part) for part in repo.stream_runs()] == [["e2", "e1", "e0"]]
    assert [len(part) for part in repo.stream_runs("False")] == [0]
    with pytest.raises(ZeroDivisionError):
        next(repo.stream_runs(progress=lambda *_: 1 / 0))
    with pytest.raises(libaim.QuerySyntaxError):
        next(repo.stream_runs("run."))


def test_metrics_by_run_name_and_context(repo):
    query = repo.query_metrics("run.hparams.lr <= 0.01")
    assert len(query) == 6
    grouped = [
        (found.run.experiment, [(metric.name, metric.context.to_dict()) for metric in found])
        for found in query.iter_runs()
    ]
    metrics = [("acc", {}), ("loss", {"subset": "train"}), ("loss", {"subset": "val"})]
    assert grouped == [("e2", metrics), ("e1", metrics)]
    assert [(m.run.experiment, m.name) for m in query] == [(e, name) for e, found in grouped for name, _ in found]
    one = next(repo.query_metrics("metric.name == 'loss'").iter_runs())
    assert [found.run for found in one.iter_runs()] == [one.run]
    assert len({id(metric.run) for metric in one}) == 1


def test_the_metrics_of_a_queried_run(repo):
    (found,) = repo.query_runs("run.hparams.lr == 0.1").iter_runs()
    assert [metric.name for metric in found] == ["acc", "loss", "loss"]
    assert [metric.name for metric in found.run.metrics()] == ["acc", "loss", "loss"]
    assert found.run[...] == {"hparams": {"lr": 0.1, "name": "run 0"}}
    assert found.run["hparams", "name"] == "run 0"
    metric = found.run.get_metric("loss", libaim.Context({"subset": "val"}))
    assert metric.run == found.run and metric.values.last() == (9, 0.9)
    assert found.run.get_metric("loss", {"subset": "nope"}) is None
    assert found.run.get_metric("lo'ss\\\"") is None


def test_aggregates(repo):
    (metric,) = repo.query_metrics("run.hparams.lr == 0.1 and metric.name == 'loss' and metric.context.subset == 'val'")
    assert metric.info == (10, 0, 9, 0.0, 0.9, 0.0, 0.9) and metric.info.count == len(metric) == 10
    assert (metric.first_step(), metric.last_step()) == (0, 9) and metric
    assert experiments(repo.query_runs("run.metrics['loss', {'subset': 'val'}].max > 0.5")) == ["e0"]


def test_nan_aggregates(path, run):
    for step, value in enumerate([1.0, math.nan, 3.0]):
        run.track(value, "later", step=step)
        run.track(1 / value, "first", step=2 - step)
    later = run.get_metric("later").info
    assert (later.min, later.max) == (1.0, 3.0)


def test_offset_and_limit(repo):
    assert experiments(repo.query_runs(offset=1)) == ["e1", "e0"]
    assert experiments(repo.query_runs(offset=1, limit=1)) == ["e1"]
    part = repo.query_metrics(offset=2, limit=2)
    assert [(metric.run.experiment, metric.name) for metric in part] == [("e2", "loss"), ("e1", "acc")]
    assert len(repo.query_runs(offset=100)) == 0
    for bad in ({"limit": 0}, {"limit": -1}, {"offset": -1}):
        with pytest.raises((libaim.InvalidArgumentError, OverflowError)):
            repo.query_runs(**bad)


def test_without_indexes_the_answer_is_the_same(repo):
    query = "run.hparams.lr < 0.05"
    assert experiments(repo.query_runs(query, use_index=False)) == experiments(repo.query_runs(query))


def test_archived_runs(repo):
    newest = repo.list_all_runs()[0]
    with Run(newest, repo=repo) as run:
        run.archived = True
    assert experiments(repo.query_runs()) == ["e1", "e0"]
    assert experiments(repo.query_runs("run.archived")) == ["e2"]
    assert [run.experiment for run in repo.iter_runs()] == ["e2", "e1", "e0"]
    assert repo.get_run(newest).archived and len(list(repo.get_run(newest).metrics())) == 3
    assert repo.list_all_runs()[0] == newest and repo.total_runs_count() == 3


def test_active_runs(repo):
    with Run(repo=repo) as run:
        assert repo.list_active_runs() == [run.hash]
    assert repo.list_active_runs() == []


def test_a_query_that_does_not_parse(repo):
    for query in (repo.query_runs, repo.query_metrics):
        with pytest.raises(libaim.QuerySyntaxError) as caught:
            query("run.lr ==")
        assert caught.value.code == 12 and "line 1" in str(caught.value) and "run.lr ==" in str(caught.value)
    with pytest.raises(libaim.InvalidArgumentError, match="NUL"):
        repo.query_runs("run.lr == '\0'")
    with pytest.raises(TypeError):
        repo.query_runs(None)


def test_rows_on_which_a_query_fails(repo):
    count, reason = repo.query_runs("run.hparams.name + 1 == 2").failures
    assert count == 3 and "TypeError" in reason
    assert repo.query_runs("run.hparams.lr > 0").failures == (0, None)
    assert repo.query_runs().warning is None and repo.stats()["set_aside"] == 0


def test_tables(repo):
    table = repo.query_runs("run.hparams.lr < 0.05").table()
    assert [row["experiment"] for row in table] == ["e2", "e1"]
    assert table[0]["params"] == {"/hparams/lr": 0.001, "/hparams/name": "run 2"}
    metric = next(metric for metric in table[0]["metrics"] if metric["name"] == "acc")
    assert metric == {"name": "acc", "context": {}, "last": 2.0, "last_step": 7, "min": 2.0, "max": 2.0, "count": 1}


def test_an_answer_is_a_snapshot(path, repo):
    query = repo.query_runs()
    with Run(repo=path) as run:
        assert run.hash not in [found.run.hash for found in query.iter_runs()]
    assert len(query) == 3 and len(repo.query_runs()) == 4


def test_answers_outlive_the_repository(path, repo):
    query = repo.query_metrics("metric.name == 'acc'")
    repo.close()
    assert [metric.values.tolist() for metric in query] == [[2.0], [1.0], [0.0]]
    with pytest.raises(libaim.ClosedError):
        repo.query_runs()
    with Repo(path) as again:
        assert len(again.query_runs()) == 3


def test_progress(repo):
    for _ in range(200):
        Run(repo=repo).close()
    seen = []
    slow = "sum([1 for i in range(2000)]) > 0"
    assert len(repo.query_runs(slow, progress=lambda done, total: seen.append((done, total)))) == 203
    assert seen and all(done <= total == 203 for done, total in seen)
    assert sorted(seen) == seen
    with pytest.raises(libaim.CancelledError):
        repo.query_runs(slow, progress=lambda done, total: True)
    with pytest.raises(ZeroDivisionError):
        repo.query_runs(slow, progress=lambda done, total: 1 / 0)


def test_an_interrupt_stops_a_query(repo):
    """Ctrl-C ends a query that would take long: here it comes from inside the query itself."""
    for _ in range(200):
        Run(repo=repo).close()
    # Whatever the shell that runs the tests has made of the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt(done, total):
        signal.raise_signal(signal.SIGINT)
        for _ in range(1000):  # the interpreter handles a signal between two steps of the program
            pass

    try:
        with pytest.raises(KeyboardInterrupt):
            repo.query_runs("sum([1 for i in range(2000)]) > 0", progress=interrupt)
    finally:
        signal.signal(signal.SIGINT, before)


def test_queries_in_threads(path, repo):
    results = []

    def ask():
        for _ in range(20):
            results.append([metric.values.tolist() for metric in repo.query_metrics("metric.name == 'acc'")])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[[2.0], [1.0], [0.0]]] * 80


def test_a_process_reads_what_it_just_tracked(run):
    for step in range(100):
        run.track(step, "loss")
        assert len(run.get_metric("loss")) == step + 1


def test_deleting(repo):
    hashes = repo.list_all_runs()
    assert repo.delete_run(hashes[0]) is True
    assert repo.list_all_runs() == hashes[1:]
    with pytest.raises(libaim.NotFoundError):
        repo.delete_run(hashes[0])
    with Run(repo=repo) as busy:
        with pytest.raises(libaim.BusyError):
            repo.delete_run(busy.hash)
        assert repo.delete_runs([hashes[1], busy.hash, hashes[2]]) == (False, [busy.hash])
    assert repo.delete_runs([busy.hash]) == (True, [])
    assert repo.list_all_runs() == []


def test_salvage(repo, tmp_path):
    into = tmp_path / "salvaged"
    report = Repo.salvage(repo.root_path, into)
    assert report["runs"] == 3 and report["lost_pages"] == report["lost_rows"] == 0
    assert Repo(into).list_all_runs() == repo.list_all_runs()
    with pytest.raises(libaim.InvalidArgumentError, match="salvaged"):
        Repo.salvage(repo.root_path, into)


def test_compact(repo):
    runs = repo.list_all_runs()
    repo.delete_run(runs[0])
    with pytest.raises(libaim.BusyError, match="open"):
        Repo.compact(repo.root_path)
    path = repo.root_path
    repo.close()
    del repo
    gc.collect()
    report = Repo.compact(path)
    assert 0 < report["bytes_after"] <= report["bytes_before"] and report["forgotten"] >= 0
    assert Repo(path).list_all_runs() == runs[1:]


def test_statistics(repo):
    stats = repo.stats()
    assert stats["runs"] == 3 and 0 < stats["used_bytes"] <= stats["file_bytes"]
    assert all(isinstance(value, int) for value in stats.values()) and "struct_size" not in stats

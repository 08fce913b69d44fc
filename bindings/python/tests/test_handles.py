"""Handles as values: copied, pickled, and sent to another process; and what names a repository."""

import copy
import multiprocessing
import os
import pickle

import pytest

import libaim
from conftest import points
from libaim import Repo, Run


def again(value):
    return pickle.loads(pickle.dumps(value))


def test_a_run_is_path_and_hash(path):
    run = Run(repo=path)
    run.track(1.0, "loss")
    other = again(run)
    assert other == run and not other.read_only
    other.track(2.0, "loss")
    assert copy.deepcopy({"run": run})["run"] is run and copy.copy(run) == run
    other.close()
    run.close()
    read = again(Repo(path).get_run(run.hash))
    assert read.read_only and read == run
    assert [value for _, value, _ in points(path)["loss", "{}"]] == [1.0, 2.0]


def test_other_handles(path):
    with Run(repo=path) as run:
        tracker = run.metric("loss", {"subset": "train"})
        tracker.track(1.0)
        other = again(tracker)
        other.track(2.0)
        assert (other.name, other.context) == ("loss", {"subset": "train"}) and copy.deepcopy(tracker) is tracker
        del other
    repo = again(Repo(path))
    assert repo == Repo(path) and copy.deepcopy(repo) is repo
    query = again(repo.query_metrics("metric.name == 'loss'", limit=5))
    metric = next(iter(again(next(iter(query))).run.metrics()))
    assert len(query) == 1 and metric.values.values_list() == [1.0, 2.0] and metric.context == {"subset": "train"}
    assert again(metric.context) == metric.context
    pickled = pickle.dumps(metric)
    assert len(pickle.loads(pickled)) == 2
    repo.delete_run(run.hash)
    with pytest.raises(libaim.NotFoundError):
        pickle.loads(pickled)


def work(run, tracker, value):
    run.track(value, "spawned")
    tracker.track(value)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_handles_go_to_other_processes(path, method):
    context = multiprocessing.get_context(method)
    with Run(repo=path) as run:
        tracker = run.metric("by tracker")
        workers = [context.Process(target=work, args=(run, tracker, value)) for value in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [0, 0, 0]
    found = points(path)
    for name in ("spawned", "by tracker"):
        assert sorted(value for _, value, _ in found[name, "{}"]) == [0.0, 1.0, 2.0]
    assert Repo(path).get_run(run.hash).status == "finished"


def test_home_directories(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    with Run(repo="~/runs") as run:
        pass
    assert run.repo.root_path == str(tmp_path / "home" / "runs") and Repo.exists("~/runs")
    assert Repo("~/runs") == Repo.from_path("~/runs/.aim") == run.repo
    assert os.listdir(tmp_path) == ["home"]
    with pytest.raises(libaim.InvalidArgumentError, match="no user 'nobody_of_that_name'"):
        Run(repo="~nobody_of_that_name/runs")
    with Run(repo="./~") as run:
        assert run.repo.root_path == str(tmp_path / "~")


@pytest.mark.parametrize("address", ["aim://host:53800", "http://host/", "s3://bucket/runs"])
def test_addresses_are_no_directories(tmp_path, monkeypatch, address):
    monkeypatch.chdir(tmp_path)
    for use in (lambda: Run(repo=address), lambda: Repo(address), lambda: Repo.from_path(address)):
        with pytest.raises(libaim.InvalidArgumentError, match="is an address"):
            use()
    assert os.listdir(tmp_path) == []
    with pytest.raises(TypeError, match="repo must be a path"):
        Run(repo=3)


def test_numbers_are_named_that_are_none(path, run):
    repo = Repo(path)
    for use, name in [
        (lambda: repo.query_runs(limit="x"), "limit"),
        (lambda: repo.query_runs(offset=1.5), "offset"),
        (lambda: run.get_log_records(first="x"), "first"),
        (lambda: run.get_log_records(count=[]), "count"),
        (lambda: run.log("high", "text"), "level"),
        (lambda: Run(repo=path, repo_options=libaim.RepoOptions(map_size="big")), "map_size"),
        (lambda: Run(repo=path, repo_options=libaim.RepoOptions(flush_interval="1")), "flush_interval"),
        (lambda: Run(repo=path, system_tracking_interval="often"), "system_tracking_interval"),
    ]:
        with pytest.raises(TypeError, match=f"^{name} must be a (whole )?number"):
            use()


def test_text_that_is_no_unicode(path, run):
    broken = "a\ud800b"
    for use in (lambda: run.set("key", broken), lambda: run.set("key", {"k": [broken]}), lambda: run.set("key", {broken: 1})):
        with pytest.raises(libaim.InvalidArgumentError, match="surrogate"):
            use()
    run.set("key", broken, strict=False)
    run.set("deep", {broken: [broken, "\U0001f600"]}, strict=False)
    assert run["key"] == "a\ufffdb" and run["deep"] == {"a\ufffdb": ["a\ufffdb", "\U0001f600"]}
    with pytest.raises(libaim.InvalidArgumentError, match="is no Unicode text"):
        run.name = broken

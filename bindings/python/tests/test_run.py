"""Opening, continuing and closing runs; properties."""

import gc
import time
from datetime import datetime, timezone

import pytest

import libaim
from conftest import points
from libaim import Repo, Run


def test_a_new_run_is_there_at_once(path):
    run = Run(repo=path, experiment="digits")
    found = Repo(path).get_run(run.hash)
    assert (found.hash, found.experiment, found.status) == (run.hash, "digits", "running")
    assert len(run.hash) == 24 and not run.read_only
    run.close()
    assert Repo(path).get_run(run.hash).status == "finished"


def test_with_tracking_off_a_run_does_nothing(path, monkeypatch):
    monkeypatch.setenv("AIM_MODE", "disabled")
    with Run(repo=path, experiment="digits") as run:
        run["lr"] = 0.1
        run.track(0.5, name="loss", step=1, context={"subset": "train"})
        run.add_tag("a tag")
        assert run.get("lr") is None and run.tags == [] and len(run.hash) == 24
    with pytest.raises(libaim.NotFoundError):
        Repo(path)


def test_tracking_is_switched_off_and_on_by_an_option(path, monkeypatch):
    with Run(repo=path, mode="disabled") as run:
        run.track(0.5, name="loss")
    with pytest.raises(libaim.NotFoundError):
        Repo(path)
    monkeypatch.setenv("AIM_MODE", "disabled")
    with Run(repo=path, mode="enabled", system_tracking_interval=0.1, system_tracking_children=True) as run:
        run.track(0.5, name="loss")
        for _ in range(1200):  # the first reading comes when it is made
            if len(Repo(path).query_metrics("metric.name == '__system__children_count'")) == 1:
                break
            time.sleep(0.05)
        else:
            pytest.fail("nothing is read of the children")
    assert len(Repo(path).query_metrics("metric.name == 'loss'")) == 1
    with pytest.raises(libaim.InvalidArgumentError, match="mode"):
        Run(repo=path, mode="offline")


def test_the_default_repository_is_the_nearest_upwards(tmp_path, monkeypatch):
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    with Run() as run:
        assert run.repo.root_path == str(below)
    (tmp_path / "c" / "d").mkdir(parents=True)
    with Run(repo=tmp_path / "c"):
        pass
    monkeypatch.chdir(tmp_path / "c" / "d")
    with Run() as run:
        assert run.repo.root_path == str(tmp_path / "c")
    assert Repo.default_repo() == Repo.from_path(tmp_path / "c" / ".aim") == Repo(tmp_path / "c")
    assert Repo.exists(tmp_path / "c") and not Repo.exists(tmp_path / "c" / "d")


def test_a_run_stays_where_it_is_when_the_working_directory_changes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Run(repo="here") as run:
        monkeypatch.chdir("/")
        run.track(1, "loss")
        assert [metric.name for metric in run.metrics()] == ["loss"]
    assert Repo(tmp_path / "here").list_all_runs() == [run.hash]


def test_the_repository_may_be_text_a_path_or_a_repo(path):
    with Run(repo=str(path)) as first, Run(repo=path) as second, Run(repo=Repo(path)) as third:
        assert first.repo == second.repo == third.repo == Repo(path)
        assert len({first, second, third}) == 3
    assert Repo(path).total_runs_count() == 3


def test_continuing_by_hash(path):
    with Run(repo=path, experiment="first") as run:
        run["lr"] = 0.1
        run.track(1.0, "loss")
    with Run(run.hash, repo=path) as again:
        assert again == run and hash(again) == hash(run)
        assert again["lr"] == 0.1 and again.experiment == "first"
        again.track(2.0, "loss")
    assert points(path) == {("loss", "{}"): [(0, 1.0, None), (1, 2.0, None)]}


@pytest.mark.parametrize("missing", ["0" * 24, "ffffffffffffffffffffffff"])
def test_an_unknown_hash(path, run, missing):
    with pytest.raises(libaim.NotFoundError, match=missing):
        Run(missing, repo=path)
    with pytest.raises(libaim.NotFoundError, match=missing):
        Run(missing, repo=path, read_only=True)
    assert Repo(path).get_run(missing) is None and not Repo(path).run_exists(missing)


def test_a_malformed_hash(path, run):
    with pytest.raises(libaim.InvalidArgumentError, match="zebra"):
        Run("zebra", repo=path)
    with pytest.raises(TypeError):
        Run(17, repo=path)
    with pytest.raises(TypeError):
        Run(repo=path, read_only=True)


def test_a_repository_that_is_not_there(tmp_path):
    with pytest.raises(libaim.NotFoundError) as caught:
        Repo(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_closing_twice_is_allowed_and_using_a_closed_run_is_not(path):
    run = Run(repo=path)
    run.track(1.0, "known")
    handle = run.metric("handle")
    run.close()
    run.close()
    uses = [
        lambda: run.track(1.0, "known"),
        lambda: run.track(1.0, "unknown"),
        lambda: handle.track(1.0),
        lambda: handle.track_many([1.0]),
        lambda: run.metric("other"),
        lambda: run.set("lr", 1),
        lambda: run["lr"],
        lambda: setattr(run, "name", "x"),
        lambda: run.add_tag("x"),
        lambda: run.flush(),
        lambda: run.name,
    ]
    for use in uses:
        with pytest.raises(libaim.ClosedError) as caught:
            use()
        assert caught.value.code == 2 and str(caught.value)
    assert points(path) == {("known", "{}"): [(0, 1.0, None)]}


def test_leaving_the_block_closes_even_after_an_exception(path):
    with pytest.raises(ZeroDivisionError), Run(repo=path) as run:
        run.track(1.0, "loss")
        raise ZeroDivisionError
    assert Repo(path).get_run(run.hash).status == "failed"


def test_a_run_that_is_dropped_is_closed(path):
    keep = Run(repo=path)  # the process goes on writing
    run = Run(repo=path)
    run.track(1.0, "loss")
    run_hash = run.hash
    del run
    gc.collect()
    while Repo(path).get_run(run_hash).active:  # in the background
        time.sleep(0.01)
    assert Repo(path).get_run(run_hash).status == "finished"
    assert points(path) == {("loss", "{}"): [(0, 1.0, None)]}
    keep.close()


def test_dropping_needs_no_cycle_collection(path):
    gc.disable()
    try:
        keep = Run(repo=path)
        run = Run(repo=path)
        run.track(1.0, "loss", context={"subset": "train"})
        run_hash = run.hash
        del run
        while Repo(path).get_run(run_hash).active:
            time.sleep(0.01)
        keep.close()
    finally:
        gc.enable()


def test_metric_handles_outlive_their_run(path):
    run = Run(repo=path)
    handle = run.metric("loss", {"subset": "train"})
    run.close()
    del run
    gc.collect()
    with pytest.raises(libaim.ClosedError):
        handle.track(1.0)


def test_properties(run):
    assert run.name == f"Run: {run.hash}"
    assert (run.description, run.experiment, run.archived, run.tags) == ("", "default", False, [])
    run.name, run.description, run.experiment, run.archived = "warm start ✓", "two\nlines", "digits", True
    for name in ("a", "b", "a"):
        run.add_tag(name)
    run.remove_tag("a")
    run.remove_tag("never there")
    for props in (run, run.props, run.repo.get_run(run.hash), run.repo.get_run(run.hash).props):
        assert (props.name, props.description, props.experiment) == ("warm start ✓", "two\nlines", "digits")
        assert (props.archived, props.tags) == (True, ["b"])
    run.props.name = "cold"
    assert run.name == "cold"


def test_times(path):
    before = time.time()
    run = Run(repo=path)
    assert before - 0.01 <= run.creation_time <= time.time() + 0.01
    assert run.created_at == datetime.fromtimestamp(run.creation_time, timezone.utc).replace(tzinfo=None)
    assert run.active and run.end_time is None and run.finalized_at is None and run.duration >= 0
    run.close()
    stored = Run(run.hash, repo=path, read_only=True)
    assert not stored.active and stored.end_time >= stored.creation_time
    assert stored.duration == stored.end_time - stored.creation_time
    assert stored.finalized_at >= stored.created_at


def test_a_run_for_reading_cannot_be_changed(path):
    with Run(repo=path) as run:
        run["lr"] = 0.1
        run.track(1.0, "loss")
    stored = Run(run.hash, repo=path, read_only=True)
    assert stored.read_only and stored["lr"] == 0.1 and stored == run
    changes = [
        lambda: stored.track(1.0, "loss"),
        lambda: stored.track({"loss": 1.0}),
        lambda: stored.metric("loss"),
        lambda: stored.set("lr", 1),
        lambda: stored.__delitem__("lr"),
        lambda: stored.set(..., {}),
        lambda: setattr(stored, "name", "x"),
        lambda: setattr(stored, "archived", True),
        lambda: stored.add_tag("x"),
        lambda: stored.remove_tag("x"),
        lambda: stored.flush(),
        lambda: Run(run.hash, repo=path, read_only=True, experiment="x"),
    ]
    for change in changes:
        with pytest.raises(libaim.ReadOnlyError):
            change()
    stored.close()


def test_text_that_the_library_cannot_take(path, run):
    with pytest.raises(libaim.InvalidArgumentError, match="NUL"):
        run.name = "a\0b"
    with pytest.raises(libaim.InvalidArgumentError, match="NUL"):
        run.track(1, "a\0b")
    with pytest.raises(libaim.InvalidArgumentError, match="NUL"):
        Run(repo=f"{path}\0x")
    with pytest.raises(libaim.InvalidArgumentError, match="surrogate"):
        run.name = "\ud800"
    with pytest.raises(TypeError, match="name"):
        run.name = None
    with pytest.raises(libaim.LimitError):
        run.name = "x" * 5000


def test_paths_that_are_not_utf8(tmp_path):
    import os

    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe")
    with Run(repo=path) as run:
        run.track(1.0, "loss")
    assert Repo(path).list_all_runs() == [run.hash]


def test_repository_options(path):
    options = libaim.RepoOptions(map_size=1 << 26, flush_interval=0.25, journal_size=1 << 20)
    with Run(repo=path, repo_options=options) as run:
        assert run.repo.stats()["journal_slots"] <= (1 << 20) // 48
    with pytest.raises(libaim.InvalidArgumentError):
        Run(repo=path / "other", repo_options=libaim.RepoOptions(flush_interval=-1.0))


def test_representations(run):
    run.track(1, "loss", context={"subset": "train"})
    (metric,) = run.metrics()
    assert run.hash in repr(run) and run.hash in repr(metric) and "train" in repr(metric)
    assert repr(run.repo).startswith("<Repo '/") and "train" in repr(metric.context)
    assert "loss" in repr(run.metric("loss"))

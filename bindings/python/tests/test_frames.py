"""pandas DataFrames, with the columns of Aim's."""

import pandas
import pytest

from libaim import Repo, Run


@pytest.fixture
def repo(path):
    with Run(repo=path, experiment="digits") as run:
        run["hparams"] = {"lr": 0.1, "deep": {"x": {"y": 1}}, "layers": [1, 2]}
        run["seed"] = None
        run.add_tag("a")
        for step in (0, 5):
            run.track(step * 10, "loss", step=step, context={"subset": "train"})
        run.track(1.0, "loss", epoch=3, context={"subset": "val"})
    return Repo(path)


def test_a_run(repo):
    run = next(repo.iter_runs())
    frame = run.dataframe()
    assert frame.to_dict("records") == [
        {
            "hash": run.hash,
            "name": run.name,
            "description": "",
            "archived": False,
            "creation_time": run.creation_time,
            "end_time": run.end_time,
            "active": False,
            "experiment": "digits",
            "tags": '["a"]',
            "hparams.lr": 0.1,
            "hparams.deep.x": '{"y": 1}',
            "hparams.layers": "[1, 2]",
            "seed": None,
        }
    ]
    assert list(run.dataframe(include_props=False, include_params=False)) == ["hash"]
    assert "hparams.lr" not in run.dataframe(include_params=False)


def test_a_metric(repo):
    metric = next(iter(repo.query_metrics("metric.context.subset == 'train'")))
    frame = metric.dataframe()
    assert list(frame) == ["idx", "step", "value", "epoch", "time"]
    assert frame["step"].tolist() == [0, 5] and frame["value"].tolist() == [0.0, 50.0]
    assert frame["idx"].tolist() == [0, 1] and frame["epoch"].isna().all()
    assert frame["time"].tolist() == [
        pandas.Timestamp(round(t * 1e6), unit="us", tz="UTC") for t in metric.columns().times
    ]
    full = metric.dataframe(include_name=True, include_context=True, include_run=True, only_last=True)
    (row,) = full.drop(columns="time").to_dict("records")
    assert pandas.isna(row.pop("epoch"))
    assert row == {
        "idx": 0,
        "step": 5,
        "value": 50.0,
        "run.hash": metric.run.hash,
        "run.hparams.lr": 0.1,
        "run.hparams.deep.x": '{"y": 1}',
        "run.hparams.layers": "[1, 2]",
        "run.seed": None,
        "metric.name": "loss",
        "metric.context.subset": "train",
    }


def test_queries(repo):
    frame = repo.query_metrics("metric.name == 'loss'").dataframe()
    assert len(frame) == 3 and frame["metric.context.subset"].tolist() == ["train", "train", "val"]
    assert len(repo.query_metrics().dataframe(only_last=True)) == 2
    assert list(repo.query_metrics().dataframe(False, False, False, False)) == ["idx", "step", "value", "epoch", "time"]
    assert repo.query_runs().dataframe()["hparams.lr"].tolist() == [0.1]
    assert next(repo.query_runs().iter_runs()).dataframe()["value"].tolist() == [0.0, 50.0, 1.0]
    assert repo.query_metrics("False").dataframe() is None and repo.query_runs("False").dataframe() is None


def test_times_are_utc_wherever_the_program_runs(repo, monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        metric = next(iter(repo.query_metrics("metric.context.subset == 'val'")))
        (when,) = metric.dataframe()["time"]
        assert when.tz_convert("UTC").tz_localize(None).to_pydatetime() >= metric.run.created_at
        assert abs(when.timestamp() - metric.columns().times[0]) < 1e-6
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_large_param_is_not_repeated(path):
    import tracemalloc

    with Run(repo=path) as run:
        run["text"] = "x" * 1_000_000
        run["deep"] = {"list": list(range(200_000))}
        run.metric("loss").track_many(range(2000))
        run.metric("acc").track_many(range(2000))
    tracemalloc.start()
    frame = Repo(path).query_metrics().dataframe()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(frame) == 4000 and frame["run.text"].str.len().eq(1_000_000).all()
    assert len({id(text) for text in frame["run.deep.list"]}) == 1
    assert peak < 200 << 20  # one copy for each row would be gigabytes

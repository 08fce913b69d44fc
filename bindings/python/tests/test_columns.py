"""Columns: numpy arrays over the library's memory."""

import gc
import math

import numpy
import pytest

import libaim
from libaim import Repo, Run


@pytest.fixture
def metric(path):
    with Run(repo=path) as run:
        for step in (4, 0, 9, 2):
            run.track(step / 2, "loss", step=step, epoch=None if step == 9 else step)
    (metric,) = Repo(path).query_metrics()
    return metric


def test_columns(metric):
    steps, values, epochs, times = metric.columns()
    assert steps.tolist() == [0, 2, 4, 9] and values.tolist() == [0.0, 1.0, 2.0, 4.5]
    assert epochs.tolist() == [0, 2, 4, libaim.EPOCH_NONE]
    assert (times >= metric.run.creation_time - 0.01).all() and (times <= metric.run.end_time + 0.01).all()
    assert [column.dtype.str for column in metric.columns()] == ["<i8", "<f8", "<i8", "<f8"]
    assert metric.columns()._fields == ("steps", "values", "epochs", "times")


def test_no_copies(metric):
    again = next(iter(metric.run.repo.query_metrics()))
    assert metric.columns() is metric.columns()
    assert metric.values.sparse_numpy()[1] is metric.columns().values
    assert metric.values.sparse_numpy()[0] is metric.epochs.indices_numpy() is metric.columns().steps
    assert metric.values.values_numpy() is metric.columns().values
    assert not numpy.shares_memory(metric.columns().values, again.columns().values)
    for column in metric.columns():
        assert not column.flags.owndata and not column.flags.writeable and column.flags.aligned
        with pytest.raises(ValueError):
            column[0] = 1


def test_arrays_outlive_everything(path):
    with Run(repo=path) as run:
        run.metric("loss").track_many(numpy.arange(100_000))
    steps, values = next(iter(Repo(path).query_metrics())).values.sparse_numpy()
    part = values[50_000:]
    sample = next(iter(Repo(path).query_metrics())).sample(100).values
    del values
    gc.collect()
    others = [next(iter(Repo(path).query_metrics())).columns() for _ in range(5)]  # would reuse freed memory
    assert (part == numpy.arange(50_000, 100_000)).all() and (steps == numpy.arange(100_000)).all()
    assert sample[0] == 0 and sample[-1] == 99_999 and (others[0].steps == steps).all()


def test_array_view(metric):
    view = metric.values
    assert view.sparse_list() == ([0, 2, 4, 9], [0.0, 1.0, 2.0, 4.5])
    assert view.tolist() == view.values_list() == list(view) == list(view.values()) == [0.0, 1.0, 2.0, 4.5]
    assert view.indices_list() == list(view.keys()) == list(view.indices()) == [0, 2, 4, 9]
    assert list(view.items()) == list(zip(*view.sparse_list())) and len(view) == 4
    assert view.first() == (0, 0.0) and view.last() == (9, 4.5)
    assert (view.first_idx(), view.first_value(), view.last_idx(), view.last_value()) == (0, 0.0, 9, 4.5)
    assert view[4] == 2.0 and view[9] == 4.5 and type(view[4]) is float and type(view.first_idx()) is int
    for step in (-1, 3, 10):
        with pytest.raises(KeyError):
            view[step]
    assert metric.epochs.values_list()[:3] == [0.0, 2.0, 4.0] and math.isnan(metric.epochs[9])
    assert metric.timestamps.values_numpy() is metric.columns().times


def test_samples(path):
    count = 10_000
    values = numpy.sin(numpy.arange(count) / 100)
    values[1234], values[4321] = 100.0, -100.0
    with Run(repo=path) as run:
        run.metric("loss").track_many(values)
        run.track(1.0, "short")
    metric = next(iter(Repo(path).query_metrics("metric.name == 'loss'")))
    sample = metric.sample(50)
    assert 4 <= len(sample.steps) <= 50 and {100.0, -100.0} <= set(sample.values.tolist())
    assert (sample.steps[0], sample.steps[-1]) == (0, count - 1)
    stride = metric.sample(11, "stride")
    assert len(stride.steps) <= 11 and (stride.values == values[stride.steps]).all()
    assert (stride.steps[0], stride.steps[-1]) == (0, count - 1)
    assert metric.sample(count * 2).values.tolist() == values.tolist()
    assert next(iter(Repo(path).query_metrics("metric.name == 'short'"))).sample(4).values.tolist() == [1.0]
    for arguments in ((3,), (50, "mean")):
        with pytest.raises(libaim.InvalidArgumentError):
            metric.sample(*arguments)

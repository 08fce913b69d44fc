"""Arrow: answers as streams for whoever speaks its PyCapsule interface."""

import gc

import numpy
import pyarrow
import pytest

import libaim
from libaim import Repo, Run


@pytest.fixture
def repo(path):
    for i in range(2):
        with Run(repo=path, experiment=f"e{i}") as run:
            run["lr"] = 0.5 * i
            numbers = numpy.arange(1000)
            run.metric("loss", {"subset": "train"}).track_many(numbers * 0.5, epochs=numbers // 10)
            run.track(float("nan"), "acc")
    return Repo(path)


def test_points(repo):
    table = pyarrow.table(repo.query_metrics("metric.name == 'loss'"))
    assert table.column_names == ["run", "name", "context", "step", "value", "epoch", "time"]
    hashes = repo.list_all_runs()
    assert table["run"].to_pylist() == [h for h in hashes for _ in range(1000)]
    assert set(table["name"].to_pylist()) == {"loss"} and set(table["context"].to_pylist()) == {'{"subset":"train"}'}
    expected = numpy.concatenate([metric.columns().values for metric in repo.query_metrics("metric.name == 'loss'")])
    assert (table["value"].to_numpy() == expected).all() and table["epoch"].to_pylist()[-1] == 99
    assert pyarrow.table(repo.query_metrics("metric.name == 'acc'"))["epoch"].null_count == 2


def test_runs(repo):
    table = pyarrow.table(repo.query_runs())
    assert table["hash"].to_pylist() == repo.list_all_runs()
    assert table["params/lr"].to_pylist() == [0.5, 0.0] and table["experiment"].to_pylist() == ["e1", "e0"]


def test_streams_are_consumed_bit_by_bit_or_not_at_all(repo):
    query = repo.query_metrics()
    for _ in range(3):
        query.__arrow_c_stream__()  # freed by its capsule
    reader = pyarrow.RecordBatchReader.from_stream(query)
    repo.close()
    del query
    gc.collect()
    assert sum(batch.num_rows for batch in reader) == 2002


def test_an_empty_answer(repo):
    assert pyarrow.table(repo.query_metrics("False")).num_rows == 0


def test_parts_orders_and_columns(repo):
    table = pyarrow.table(repo.query_runs(order_by="run.lr", limit=1))
    assert table["experiment"].to_pylist() == ["e0"]
    query = repo.query_metrics("metric.name == 'loss'", order_by="run.lr")
    table = pyarrow.table(query.arrow(columns=["value", "run"]))
    assert table.column_names == ["value", "run"]
    assert table["run"].to_pylist()[::1000] == repo.list_all_runs()[::-1]
    runs = pyarrow.table(repo.query_runs().arrow(columns=["params/lr", "params/none"]))
    assert runs["params/lr"].to_pylist() == [0.5, 0.0] and runs["params/none"].null_count == 2
    with pytest.raises(libaim.InvalidArgumentError, match="did you mean"):
        query.arrow(columns=["valu"]).__arrow_c_stream__()
    told = []
    pyarrow.table(query.arrow(progress=lambda *counts: told.append(counts)))
    assert told
    with pytest.raises(ZeroDivisionError):
        query.arrow(progress=lambda *_: 1 / 0).__arrow_c_stream__()


def test_a_closed_repository(repo):
    query = repo.query_runs()
    repo.close()
    with pytest.raises(libaim.ClosedError):
        query.__arrow_c_stream__()

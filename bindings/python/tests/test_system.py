"""What a run records of the program and the machine, and its logs."""

import importlib.metadata
import inspect
import logging
import time

import pytest

import libaim
from conftest import points
from libaim import Repo, Run


def test_log_records(path):
    with Run(repo=path) as run:
        run.log_info("begun ✓")
        line = inspect.currentframe().f_lineno - 1
        run.log_debug("d"), run.log_warning("w"), run.log_error("e"), run.log(logging.CRITICAL, "c")
        records = run.get_log_records()
    assert [(record.level, record.text) for record in records] == [
        (logging.INFO, "begun ✓"),
        (logging.DEBUG, "d"),
        (logging.WARNING, "w"),
        (logging.ERROR, "e"),
        (logging.CRITICAL, "c"),
    ]
    assert records[0].file == __file__ and records[0].line == line and records[0].function == "test_log_records"
    assert [record.number for record in records] == list(range(5))
    assert abs(records[0].time - time.time()) < 60
    stored = Repo(path).get_run(run.hash)
    assert stored.get_log_records() == records and stored.get_log_records(1, 2) == records[1:3]
    assert stored.get_log_records(4) == records[4:] and stored.get_log_records(9) == []
    assert stored.get_terminal_logs() == []
    with pytest.raises(libaim.ReadOnlyError):
        stored.log_info("x")
    with pytest.raises(libaim.ClosedError):
        run.log_info("x")


def test_what_is_no_log_record(run):
    with pytest.raises(libaim.InvalidArgumentError):
        run.log(1000, "x")
    with pytest.raises(TypeError):
        run.log_info(3)
    assert run.get_log_records() == []


def test_many_log_records(run):
    for i in range(10_000):
        run.log_info(str(i))
    records = run.get_log_records()
    assert [record.text for record in records] == [str(number) for number in range(10_000)][-len(records) :]


def test_terminal_logs(path, python):
    result = python(
        """
import os, sys
from libaim import Run
with Run(repo=sys.argv[1], capture_terminal_logs=True) as run:
    print("to stdout", flush=True)
    print("to stderr", file=sys.stderr, flush=True)
    os.system("echo from a child")
print(run.hash)
""",
        path,
    )
    *lines, run_hash = result.stdout.splitlines()
    assert lines == ["to stdout", "from a child"] and result.stderr == "to stderr\n" and result.returncode == 0
    recorded = [(line.descriptor, line.text) for line in Repo(path).get_run(run_hash).get_terminal_logs()]
    assert sorted(recorded) == [(1, "from a child"), (1, "to stdout"), (2, "to stderr")]


def test_system_params(path, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "confidential")
    monkeypatch.setenv("MY_LICENCE", "confidential")
    monkeypatch.setenv("MY_SETTING", "plain")
    with Run(repo=path, log_system_params=True, mask_names="*_LICENCE") as run:
        params = run["__system_params"]
    assert params and "confidential" not in str(params) and "plain" in str(params)
    assert params["packages"]["cffi"] == importlib.metadata.version("cffi")
    assert "cffi" not in params["shared_libraries"] and "libc" in params["shared_libraries"]
    with Run(repo=path, log_system_params=True, env_names="MY_*") as run:
        assert run["__system_params"]["env_variables"] == {"MY_TOKEN": "***", "MY_LICENCE": "confidential", "MY_SETTING": "plain"}


def test_system_metrics(path):
    with Run(repo=path, system_tracking_interval=0.1, system_tracking_group="job") as run:
        while not any(name.startswith("__system__") for name, _ in points(path)):
            time.sleep(0.05)
    with pytest.raises(libaim.InvalidArgumentError):
        Run(repo=path, system_tracking_interval=-1)
    assert Repo(path).get_run(run.hash).status == "finished"


def test_explain(run):
    plan = run.repo.explain("run.hparams.lr > 0.1")
    assert "lr" in plan
    with pytest.raises(libaim.QuerySyntaxError):
        run.repo.explain("((")

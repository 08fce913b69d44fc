import subprocess
import sys
from pathlib import Path

import pytest

import libaim
from tap import pytest_terminal_summary  # noqa: F401, which pytest finds here

BINDING = Path(__file__).resolve().parents[1]
ROOT = BINDING.parents[1]


@pytest.fixture
def path(tmp_path):
    """A directory for a repository."""
    return tmp_path / "repo"


@pytest.fixture
def run(path):
    """A new run."""
    with libaim.Run(repo=path) as run:
        yield run


@pytest.fixture
def python():
    """Runs a program in an interpreter of its own; the result holds its output. From 3.12 on Python warns of every fork
    of a process with threads."""

    def start(program, *arguments, **options):
        return subprocess.run(
            [
                sys.executable,
                "-X",
                "dev",
                "-W",
                "ignore:This process:DeprecationWarning",
                "-c",
                program,
                *map(str, arguments),
            ],
            capture_output=True,
            text=True,
            timeout=300,
            **options,
        )

    return start


def points(repo, query=""):
    """All points that a query finds: {(name, context as JSON): [(step, value, epoch)]}."""
    found = {}
    for metric in libaim.Repo(repo).query_metrics(query):
        steps, values, epochs, _ = metric.columns()
        epochs = [None if epoch == libaim.EPOCH_NONE else epoch for epoch in epochs.tolist()]
        found[metric.name, metric.context.json] = list(zip(steps.tolist(), values.tolist(), epochs))
    return found

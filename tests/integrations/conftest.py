import numpy
import pytest

from tap import pytest_terminal_summary  # noqa: F401, which pytest finds here


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The directory of the test, which is the one that it works in and the repository."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIM_REPO", str(tmp_path))
    return tmp_path


@pytest.fixture
def data():
    """400 points in two classes."""
    random = numpy.random.default_rng(1)
    x = random.normal(size=(400, 5)).astype("float32")
    return x, (x[:, 0] + x[:, 1] + 0.1 * random.normal(size=400) > 0).astype(int)

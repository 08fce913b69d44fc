"""The README's snippets: those in Python, in order, as one program; the one for the shell installed what is tested."""

import re

import numpy
import PIL.Image

import libaim
from conftest import BINDING


def test_snippets(tmp_path, monkeypatch):
    text = (BINDING / "README.md").read_text(encoding="utf-8")
    snippets = re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    assert len(snippets) >= 8
    monkeypatch.chdir(tmp_path)
    program = {}
    for number, snippet in enumerate(snippets, 1):
        exec(compile(snippet, f"README.md, snippet {number}", "exec"), program)
    (metric,) = libaim.Repo("runs").query_metrics("metric.name == 'loss' and metric.context.subset == 'train'")
    assert metric.columns().steps.tolist() == list(range(110))


def test_the_snippet_about_objects(tmp_path, monkeypatch):
    page = BINDING.parents[1] / "docs" / "objects.md"
    (snippet,) = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    shown = []
    monkeypatch.setattr(PIL.Image.Image, "show", lambda image: shown.append(image.size))
    run = libaim.Run(repo=str(tmp_path))
    program = {
        "Distribution": libaim.Distribution,
        "Image": libaim.Image,
        "array": numpy.zeros((4, 6, 3), numpy.uint8),
        "repo": libaim.Repo(str(tmp_path)),
        "run": run,
        "weights": numpy.ones(5),
    }
    exec(compile(snippet, str(page), "exec"), program)
    assert shown == [(6, 4)]


def test_the_snippet_about_artifacts(tmp_path, monkeypatch):
    page = BINDING.parents[1] / "docs" / "artifacts.md"
    languages = page.read_text(encoding="utf-8").split("\n## Languages\n")[1]
    (snippet,) = re.findall(r"^```python\n(.*?)^```", languages, flags=re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "step-1000.pt").write_text("weights")
    exec(compile(snippet, str(page), "exec"), {"run": libaim.Run(repo=str(tmp_path))})
    assert (tmp_path / "models" / "step-1000.pt").read_text() == "weights"


def test_the_way_to_install():
    text = (BINDING / "README.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"^```sh\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    commands = [line.split("#")[0].split() for line in snippet.splitlines()]
    assert commands == [["make"], ["pip", "install", "./bindings/python"]]
    assert "install ./bindings/python" in (BINDING / "tests" / "environment").read_text(encoding="utf-8")

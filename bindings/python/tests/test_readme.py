"""The README's snippets, in order, as one program; its shell snippet is what built the package under test."""

import re

from conftest import BINDING

import libaim


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

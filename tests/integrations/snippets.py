"""The snippets of docs/integrations.md."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrations.md"


def snippets(module):
    """The snippets in Python that import from a module of libaim.integrations."""
    found = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [text for text in found if f"libaim.integrations.{module} " in text]


def run_snippets(module):
    """Runs them as they stand there; what the last one left."""
    left = {}
    texts = snippets(module)
    assert texts, f"{PAGE} has no snippet for {module}"
    for text in texts:
        left = {}
        exec(compile(text, f"{PAGE}, {module}", "exec"), left)
    return left

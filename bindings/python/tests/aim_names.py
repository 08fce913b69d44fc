"""Prints the public names of the package aim that is installed, as aim_3.29.1.tsv has them: what names them, and the name."""

import ast
import types
from pathlib import Path

import aim
from aim.sdk.sequence_collection import SequenceCollection
from aim.storage.arrayview import ArrayView
from aim.storage.context import Context

OBJECTS = (aim.Image, aim.Audio, aim.Text, aim.Distribution, aim.Figure)
CLASSES = (aim.Run, aim.Repo, aim.Metric, *OBJECTS, aim.Images, SequenceCollection, ArrayView, Context)


def public(names):
    return (name for name in names if not name.startswith("_"))


found = {("aim", name) for name in public(vars(aim)) if not isinstance(getattr(aim, name), types.ModuleType)}
for of in CLASSES:
    found |= {(of.__name__, name) for name in public(dir(of))}
# Modules for training libraries, which need not be there: what they hand on.
home = Path(aim.__file__).parent
modules = {f"aim.{path.stem}": path for path in home.glob("[!_]*.py")}
modules["aim.ext.tensorboard_tracker"] = home / "ext" / "tensorboard_tracker" / "__init__.py"
for module, path in modules.items():
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            found |= {(module, name.asname or name.name) for name in node.names}
for of, name in sorted(found):
    print(of, name, sep="\t")

"""The page's table of Aim's names: it has each of aim_3.29.1.tsv once, and what it says of each is so."""

import ast
import re

import pytest

import libaim
from conftest import BINDING

HERE = {
    "aim": libaim,
    "Run": libaim.Run,
    "Repo": libaim.Repo,
    "Metric": libaim.Metric,
    "Image": libaim.Image(b"GIF89a"),
    "Audio": libaim.Audio(b"RIFF"),
    "Text": libaim.Text("text"),
    "Distribution": libaim.Distribution([1.0]),
    "Figure": libaim.Figure({}),
    "Images": libaim.Images,
    "SequenceCollection": libaim.MetricQuery,
    "ArrayView": libaim.ArrayView,
    "Context": libaim.Context,
}


def recorded():
    lines = (BINDING / "tests" / "aim_3.29.1.tsv").read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")]


def table():
    """Class, verdict, name and reason of each name of the table."""
    text = (BINDING / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| (same|better|absent) \| (.*?) \| (.*?) ?\|$", text, flags=re.MULTILINE)
    return [(of, verdict, name, why) for of, verdict, names, why in rows for name in re.findall(r"`(\w+)`", names)]


def test_every_name_is_there_once():
    assert sorted((of, name) for of, _, name, _ in table()) == sorted(recorded())
    assert len(recorded()) > 230


def attributes(of):
    """Names of a class, and of what an object of it has."""
    return {*dir(type(of)), *vars(of)} if not isinstance(of, type) and of is not libaim else set(dir(of))


@pytest.mark.parametrize("of", HERE)
def test_what_the_table_says_is_so(of):
    rows = [(verdict, name, why) for row, verdict, name, why in table() if row == of]
    assert rows
    for verdict, name, why in rows:
        assert (name in attributes(HERE[of])) == (verdict != "absent"), f"{of}.{name} is said to be {verdict}"
        assert why or verdict == "same", f"{of}.{name} has no reason"


@pytest.mark.parametrize("row", [row for row in table() if row[0].startswith("aim.")], ids=lambda row: f"{row[0]}-{row[2]}")
def test_modules_for_training_libraries(row):
    of, verdict, name, why = row
    if verdict == "absent":
        assert why
        return
    module = BINDING / "libaim" / "integrations" / (re.match(r"`libaim\.integrations\.(\w+)`", why)[1] + ".py")
    defined = ast.parse(module.read_text(encoding="utf-8")).body
    names = [node.name for node in defined if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    names += [target.id for node in defined if isinstance(node, ast.Assign) for target in node.targets]
    assert name in names, f"{module} for {of}"


def test_a_script_of_aim(path):
    """What its documentation shows, with the import changed."""
    run = libaim.Run(repo=str(path), experiment="digits")
    run["hparams"] = {"lr": 0.001}
    for step in range(5):
        run.track(step / 2, name="loss", step=step, epoch=1, context={"subset": "train"})
    assert [(name, context.to_dict(), of.hash) for name, context, of in run.iter_metrics_info()] == [
        ("loss", {"subset": "train"}, run.hash)
    ]
    run.close()
    repo = libaim.Repo.from_path(str(path))
    for found in repo.iter_runs():
        assert found.get_metric("loss", libaim.Context({"subset": "train"})).values.last() == (4, 2.0)
        for metric in found.metrics():
            assert metric.dataframe()["value"].max() == 2
        assert found.dataframe()["hparams.lr"][0] == 0.001
    for collection in repo.query_metrics("metric.name == 'loss'").iter_runs():
        for metric in collection:
            steps, values = metric.values.sparse_numpy()
            assert steps.tolist() == [0, 1, 2, 3, 4] and values[1] == 0.5
    assert repo.delete_runs([run.hash, "0" * 24]) == (False, ["0" * 24])
    assert repo.list_all_runs() == []

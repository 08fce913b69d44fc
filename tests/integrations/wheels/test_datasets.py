import datasets
import pytest

import libaim
from libaim.integrations.datasets import HFDataset
from snippets import run_snippets
from support import only_run


def test_what_is_known_of_it(path):
    features = datasets.Features({"x": datasets.Value("float32"), "y": datasets.Value("int64")})
    info = datasets.DatasetInfo(description="two numbers", license="MIT", features=features)
    dataset = datasets.Dataset.from_dict({"x": [0.5, 1.5], "y": [1, 2]}, info=info)
    both = datasets.DatasetDict({"validation": dataset, "train": dataset.select([0])})
    with libaim.Run() as run:
        run["one"], run["both"] = HFDataset(dataset), HFDataset(both)
    run = only_run(path)
    meta = run["one", "dataset", "meta"]
    assert (meta["description"], meta["license"], meta["num_rows"]) == ("two numbers", "MIT", 2)
    assert [list(feature) for feature in meta["features"]] == [["x"], ["y"]] and "float32" in meta["features"][0]["x"]
    assert run["both", "dataset", "meta", "num_rows"] == 1
    assert run["one", "dataset", "source"] == "huggingface_datasets"
    with pytest.raises(TypeError, match="not 'squad' of type str"):
        HFDataset("squad")


def test_snippet(path):
    run_snippets("datasets")
    assert only_run(path)["dataset", "dataset", "meta", "num_rows"] == 3

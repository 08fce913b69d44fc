"""Hugging Face datasets: `run["dataset"] = HFDataset(dataset)`."""

from datasets import Dataset, DatasetDict

_PLAIN = ("description", "citation", "homepage", "license", "builder_name", "config_name", "download_checksums")
_SIZES = ("download_size", "post_processing_size", "dataset_size", "size_in_bytes")
_TEXTS = ("post_processed", "supervised_keys", "version")


class HFDataset(dict):
    """What is known of a data set, as a param: description, features, splits, sizes. Of a `DatasetDict` it is the split
    `train`, or the first one."""

    def __init__(self, dataset):
        if isinstance(dataset, DatasetDict):
            if not dataset:
                raise ValueError("the DatasetDict has no split: give one with a data set in it")
            dataset = dataset["train"] if "train" in dataset else next(iter(dataset.values()))
        if not isinstance(dataset, Dataset):
            raise TypeError(f"a Dataset or a DatasetDict is wanted, not {dataset!r} of type {type(dataset).__name__}")
        super().__init__(dataset={"source": "huggingface_datasets", "meta": _described(dataset)})


def _described(dataset):
    info = dataset.info
    meta = {name: getattr(info, name, None) for name in (*_PLAIN, *_SIZES)}
    meta |= {name: str(getattr(info, name, None)) for name in _TEXTS}
    meta["num_rows"] = dataset.num_rows
    meta["features"] = [{name: str(feature)} for name, feature in (info.features or {}).items()]
    meta["splits"] = [
        {name: {of: getattr(split, of, None) for of in ("num_bytes", "num_examples", "dataset_name")}}
        for name, split in (info.splits or {}).items()
    ]
    return meta

"""pandas DataFrames of runs and metrics."""

import json
from datetime import datetime

from ._columns import epochs_as_floats

_DEPTH = 3  # levels of params and contexts that become columns of their own; what lies deeper is JSON


def concat(frames):
    """The frames one below the other; None if there are none."""
    import pandas

    frames = list(frames)
    return pandas.concat(frames) if frames else None


def run_frame(run, include_props, include_params):
    import pandas

    data = {"hash": run.hash}
    if include_props:
        for name in ("name", "description", "archived", "creation_time", "end_time", "active", "experiment"):
            data[name] = getattr(run, name)
        data["tags"] = json.dumps(run.tags)
    if include_params:
        for name, value in _flat(run[...]):
            data.setdefault(name, value)
    return pandas.DataFrame(data, index=[0])


def metric_frame(metric, include_name, include_context, include_run, only_last):
    import pandas

    steps, values, epochs, times = (column[-1:] if only_last else column for column in metric.columns())
    frame = pandas.DataFrame(
        {
            "idx": range(len(steps)),
            "step": steps,
            "value": values,
            "epoch": epochs_as_floats(epochs),
            "time": [datetime.fromtimestamp(seconds) for seconds in times],
        }
    )
    constant = {}
    if include_run:
        constant["run.hash"] = metric.run.hash
        constant.update(_flat(metric.run[...], "run"))
    if include_name:
        constant["metric.name"] = metric.name
    if include_context:
        constant.update(_flat(metric.context.to_dict(), "metric.context"))
    return frame.assign(**{name: [value] * len(frame) for name, value in constant.items()})


def _flat(value, name="", depth=_DEPTH):
    """Pairs of a column's name, such as `hparams.lr`, and its value."""
    if depth > 0 and isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{name}.{key}" if name else key, depth - 1)
    else:
        yield name, json.dumps(value) if isinstance(value, (dict, list)) else value

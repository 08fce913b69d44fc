"""pandas DataFrames of runs and metrics."""

import json
from ._columns import epochs_as_floats

_INT64 = range(-(2**63), 2**63)
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


def metric_frame(metric, include_name, include_context, include_run, only_last, params):
    """`params` keeps what is read of the runs."""
    import numpy
    import pandas

    steps, values, epochs, times = (column[-1:] if only_last else column for column in metric.columns())
    frame = pandas.DataFrame(
        {
            "idx": range(len(steps)),
            "step": steps,
            "value": values,
            "epoch": epochs_as_floats(epochs),
            "time": pandas.to_datetime((times * 1e6).round().astype("int64"), unit="us", utc=True),
        }
    )
    constant = {}
    if include_run:
        constant["run.hash"] = metric.run.hash
        if metric.run.hash not in params:
            params[metric.run.hash] = dict(_flat(metric.run[...], "run"))
        constant.update(params[metric.run.hash])
    if include_name:
        constant["metric.name"] = metric.name
    if include_context:
        constant.update(_flat(metric.context.to_dict(), "metric.context"))
    columns = {}
    for name, value in constant.items():
        if isinstance(value, (bool, float)) or isinstance(value, int) and value in _INT64:
            columns[name] = numpy.full(len(frame), value)
        else:  # one object, to which all rows refer, however large it is
            cells = numpy.empty(len(frame), dtype=object)
            cells[:] = [value] * len(frame)
            columns[name] = pandas.Series(cells, index=frame.index, dtype=object)
    return pandas.concat([frame, pandas.DataFrame(columns, index=frame.index)], axis=1) if columns else frame


def _flat(value, name="", depth=_DEPTH):
    """Pairs of a column's name, such as `hparams.lr`, and its value."""
    if depth > 0 and isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{name}.{key}" if name else key, depth - 1)
    else:
        yield name, json.dumps(value) if isinstance(value, (dict, list)) else value

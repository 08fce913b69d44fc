"""A metric as a query found it."""

from typing import NamedTuple

from . import _frames
from ._call import get
from ._columns import columns, epochs_as_floats
from ._json import load
from ._numbers import whole
from ._raw import ffi, lib
from .context import Context
from .errors import InvalidArgumentError, NotFoundError

_SAMPLE_METHODS = {"min_max": lib.AIM_SAMPLE_MIN_MAX, "stride": lib.AIM_SAMPLE_STRIDE}


class MetricInfo(NamedTuple):
    """What is known of a metric without reading its points: their number, the first and last by step, and the least and
    greatest value (NaN does not count; both are NaN where there is nothing else)."""

    count: int
    first_step: int
    last_step: int
    first: float
    last: float
    min: float
    max: float


class Metric:
    """A sequence of points of a run: `run`, `name` and `context`, and columns that are read when first asked for."""

    def __init__(self, run, rows, i):
        self.run = run
        self.name = rows.metric_name(i)
        self._rows = rows
        self._i = i
        self._context = self._columns = None

    @property
    def context(self):
        """The metric's `Context`."""
        if self._context is None:
            self._context = Context(load(self._rows.metric_context(self._i)))
        return self._context

    @property
    def info(self):
        """The metric's `MetricInfo`, as of the query."""
        info = get("aim_metric_info *", lib.aim_query_metric_info, self._rows.handle, self._i)
        return MetricInfo(*(getattr(info, field) for field in MetricInfo._fields))

    def columns(self):
        """All points, as `Columns`."""
        if self._columns is None:
            values = get("aim_values *", lib.aim_query_values, self._rows.handle, self._i)
            self._columns = columns(values, self._rows.handle)
        return self._columns

    def sample(self, points, method="min_max"):
        """At most `points` points, for plots, as `Columns`; 'min_max' keeps the extremes, 'stride' takes every n-th.
        Memory grows with the sample, not with the metric."""
        if method not in _SAMPLE_METHODS:
            raise InvalidArgumentError(f"method {method!r} is none of {', '.join(_SAMPLE_METHODS)}")
        sample = ffi.gc(
            get("aim_sample **", lib.aim_query_sample, self._rows.handle, self._i, whole(points, "points", range(2**64)), _SAMPLE_METHODS[method]),
            lib.aim_sample_free,
        )
        return columns(get("aim_values *", lib.aim_sample_values, sample), sample)

    @property
    def values(self):
        """The values by step."""
        return ArrayView(self.columns().steps, self.columns().values)

    @property
    def epochs(self):
        """The epochs by step, NaN where there is none; `columns().epochs` are exact."""
        return ArrayView(self.columns().steps, epochs_as_floats(self.columns().epochs))

    @property
    def timestamps(self):
        """When each point was tracked, by step: seconds since 1970-01-01 UTC."""
        return ArrayView(self.columns().steps, self.columns().times)

    def first_step(self):
        return self.info.first_step

    def last_step(self):
        return self.info.last_step

    def dataframe(self, include_name=False, include_context=False, include_run=False, only_last=False):
        """The points as a pandas DataFrame: idx, step, value, epoch, time (UTC), and what else is asked for."""
        return _frames.metric_frame(self, include_name, include_context, include_run, only_last, {})

    def __reduce__(self):
        return _found, (self.run, self.name, self.context)

    def __deepcopy__(self, _):
        return self

    def __len__(self):
        return self.info.count

    def __bool__(self):
        return True  # a metric has one point at least

    def __repr__(self):
        return f"<Metric {self.name!r} {self.context.to_dict()} of run {self.run.hash}>"


def _found(run, name, context):
    """The metric of an unpickled one: as it is now."""
    metric = run.get_metric(name, context)
    if metric is None:
        raise NotFoundError(f"run {run.hash} has no metric {name!r} in context {context.json}")
    return metric


class ArrayView:
    """A column of a metric, indexed by step. Arrays are read-only and not copied."""

    __slots__ = ("_data", "_steps")

    def __init__(self, steps, data):
        self._steps = steps
        self._data = data

    def sparse_numpy(self):
        """Steps and data as numpy arrays."""
        return self._steps, self._data

    def indices_numpy(self):
        return self._steps

    def values_numpy(self):
        return self._data

    def sparse_list(self):
        """Steps and data as lists."""
        return self._steps.tolist(), self._data.tolist()

    def indices_list(self):
        return self._steps.tolist()

    def values_list(self):
        return self._data.tolist()

    tolist = values_list

    def first(self):
        """First step and what is there."""
        return self.first_idx(), self.first_value()

    def first_idx(self):
        return self._steps[0].item()

    def first_value(self):
        return self._at(0)

    def last(self):
        """Last step and what is there."""
        return self.last_idx(), self.last_value()

    def last_idx(self):
        return self._steps[-1].item()

    def last_value(self):
        return self._at(-1)

    def keys(self):
        return iter(self.indices_list())

    indices = keys

    def values(self):
        return iter(self.values_list())

    def items(self):
        return zip(*self.sparse_list())

    def __iter__(self):
        return self.values()

    def __len__(self):
        return len(self._data)

    def __getitem__(self, step):
        """What is at a step."""
        position = self._steps.searchsorted(step)
        if position == len(self._steps) or self._steps[position] != step:
            raise KeyError(step)
        return self._at(position)

    def _at(self, position):
        return self._data[position].item()

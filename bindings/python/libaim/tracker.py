"""Tracking through a resolved metric."""

from ._call import call
from ._numbers import real, whole
from ._raw import ffi, lib
from ._track import MetricTracking

_STEP_AUTO, _EPOCH_NONE = lib.AIM_STEP_AUTO, lib.AIM_EPOCH_NONE
_track = lib.aim_metric_track


def raise_failure(handle, value, step, epoch):
    """Repeats a call that failed without telling why, for its message. Should it succeed now, all is well."""
    numbers = (ffi.new("double *", value), ffi.new("int64_t *", step), ffi.new("int64_t *", epoch))
    call(lib.aim_metric_track_many, handle, *numbers, 1)


def track_slowly(handle, value, step, epoch):
    """Tracks what is not plainly a number, or tells why it is none."""
    value = real(value)
    step = _STEP_AUTO if step is None else whole(step, "step")
    epoch = _EPOCH_NONE if epoch is None else whole(epoch, "epoch")
    if _track(handle, value, step, epoch):
        raise_failure(handle, value, step, epoch)


class MetricTracker(MetricTracking):
    """A metric of an open run, its name and context resolved once: the fastest way to track. Made by `Run.metric`.

    It may be used from several threads at once.
    """

    __slots__ = ("_handle", "_run", "context", "name")

    def __init__(self, handle, name, context, run):
        self._bind(handle, int(ffi.cast("uintptr_t", handle)))
        self._handle = handle
        self._run = run
        self.name = name
        self.context = context

    def _track(self, value, step, epoch):
        track_slowly(self._handle, value, step, epoch)

    def __reduce__(self):
        return _of_run, (self._run, self.name, self.context)

    def __deepcopy__(self, _):
        return self

    def track_many(self, values, steps=None, epochs=None):
        """Tracks a sequence of values at once, all stamped with the present time. Arrays of float64 and int64 are read
        in place. On an error, values before the failing one are tracked."""
        values = _column(values, "double[]", "float64", "fiub", "values")
        arguments = [
            ffi.NULL if column is None else _column(column, "int64_t[]", "int64", "iub", name, len(values))
            for column, name in ((steps, "steps"), (epochs, "epochs"))
        ]
        call(lib.aim_metric_track_many, self._handle, values, *arguments, len(values))

    def track_many_at(self, values, times, steps=None, epochs=None):
        """Tracks a sequence of values, each with its time in seconds since 1970-01-01 UTC; otherwise as `track_many`. A
        time that is none keeps the call from tracking anything."""
        values = _column(values, "double[]", "float64", "fiub", "values")
        arguments = [
            ffi.NULL if column is None else _column(column, "int64_t[]", "int64", "iub", name, len(values))
            for column, name in ((steps, "steps"), (epochs, "epochs"))
        ]
        times = _column(times, "double[]", "float64", "fiu", "times", len(values))
        call(lib.aim_metric_track_many_at, self._handle, values, *arguments, times, len(values))

    def __repr__(self):
        return f"<MetricTracker {self.name!r} {self.context.to_dict()}>"


def _of_run(run, name, context):
    return run.metric(name, context)


def _column(values, ctype, dtype, kinds, what, length=None):
    import numpy

    array = numpy.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{what} must have one dimension, not {array.ndim}")
    if length is not None and array.size != length:
        raise ValueError(f"there are {array.size} {what} for {length} values")
    if array.size and array.dtype.kind not in kinds:
        raise TypeError(f"{what} of type {array.dtype} are not numbers as expected")
    if array.dtype.kind == "u" and dtype == "int64" and array.size and array.max() >= 2**63:
        raise OverflowError(f"{what} go up to 2**63 - 1")
    return ffi.from_buffer(ctype, numpy.ascontiguousarray(array, dtype=dtype))

"""Tracking through a resolved metric."""

from ._call import call
from ._raw import ffi, lib

_STEP_AUTO, _EPOCH_NONE = lib.AIM_STEP_AUTO, lib.AIM_EPOCH_NONE
_track = lib.aim_metric_track


def raise_failure(handle, value, step, epoch):
    """Repeats a call that failed without telling why, for its message. Should it succeed now, all is well."""
    call(
        lib.aim_metric_track_many,
        handle,
        ffi.new("double *", value),
        ffi.new("int64_t *", _STEP_AUTO if step is None else step),
        ffi.new("int64_t *", _EPOCH_NONE if epoch is None else epoch),
        1,
    )


class MetricTracker:
    """A metric of an open run, its name and context resolved once: the fastest way to track. Made by `Run.metric`.

    It may be used from several threads at once.
    """

    __slots__ = ("_handle", "context", "name")

    def __init__(self, handle, name, context):
        self._handle = handle
        self.name = name
        self.context = context

    def track(self, value, step=None, epoch=None):
        """Tracks one value: any real number, or what converts to one, such as a tensor of one element. Without `step`,
        the step after the sequence's last."""
        if _track(self._handle, value, _STEP_AUTO if step is None else step, _EPOCH_NONE if epoch is None else epoch):
            raise_failure(self._handle, value, step, epoch)

    def track_many(self, values, steps=None, epochs=None):
        """Tracks a sequence of values at once, all stamped with the present time. Arrays of float64 and int64 are read
        in place. On an error, values before the failing one are tracked."""
        values = _column(values, "double[]", "float64", "fiub", "values")
        arguments = [
            ffi.NULL if column is None else _column(column, "int64_t[]", "int64", "iub", name, len(values))
            for column, name in ((steps, "steps"), (epochs, "epochs"))
        ]
        call(lib.aim_metric_track_many, self._handle, values, *arguments, len(values))

    def __repr__(self):
        return f"<MetricTracker {self.name!r} {self.context.to_dict()}>"


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

"""Columns of the library as numpy arrays, without copying."""

from typing import NamedTuple

from ._raw import ffi, lib


class Columns(NamedTuple):
    """Points of a metric in step order: read-only numpy arrays over the library's memory, which they keep alive.

    steps   int64, ascending.
    values  float64.
    epochs  int64; `EPOCH_NONE` where there is none.
    times   float64: when each point was tracked, seconds since 1970-01-01 UTC.
    """

    steps: object
    values: object
    epochs: object
    times: object


class _Memory:
    """Tells numpy where a column lies. `owner` is the handle that the memory belongs to."""

    __slots__ = ("__array_interface__", "owner")

    def __init__(self, address, dtype, length, owner):
        self.__array_interface__ = {"version": 3, "data": (address, True), "typestr": dtype, "shape": (length,)}
        self.owner = owner


def columns(values, owner):
    """The arrays of a filled `aim_values`, borrowed from `owner`."""
    import numpy

    def array(pointer, dtype):
        if values.len == 0:
            return numpy.empty(0, dtype)
        return numpy.asarray(_Memory(int(ffi.cast("uintptr_t", pointer)), dtype, values.len, owner))

    return Columns(
        array(values.steps, "<i8"), array(values.values, "<f8"), array(values.epochs, "<i8"), array(values.times, "<f8")
    )


def epochs_as_floats(epochs):
    """Epochs with NaN where there is none."""
    import numpy

    return numpy.where(epochs == lib.AIM_EPOCH_NONE, numpy.nan, epochs)

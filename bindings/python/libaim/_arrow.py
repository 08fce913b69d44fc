"""Arrow's PyCapsule interface around a stream of the C API."""

import ctypes

from ._call import text_in
from ._raw import ffi, lib
from ._rows import Asked

_NAME = b"arrow_array_stream"  # capsules keep a pointer to their name
_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)


def stream(repo_handle, expression, kind, **options):
    """A capsule that owns the stream of a query's answer."""
    asked = Asked(**options)
    memory = ffi.gc(lib.aim_py_stream_new(), lib.aim_py_stream_free)
    if memory == ffi.NULL:
        raise MemoryError
    asked.call(
        lib.aim_repo_query_arrow_with, repo_handle, text_in(expression, "query"), kind, asked.options, memory
    )
    capsule = _new_capsule(_address(memory), _NAME, _address(ffi.addressof(lib, "aim_py_stream_capsule_free")))
    ffi.gc(memory, None)  # the capsule frees it from now on
    return capsule


def _address(pointer):
    return int(ffi.cast("uintptr_t", pointer))

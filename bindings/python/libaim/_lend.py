"""What is lent to the library: it is kept until a thread of the library has encoded it."""

import logging
import os
import threading

from ._call import call
from ._raw import ffi, lib
from .errors import InvalidArgumentError

_PATIENCE = 5  # seconds that the end of the process waits for a callback

_kept = {}  # by the address of the loan: what is lent, and who wants to hear of its end
_lock = threading.Lock()
_thread = None


def call_lending(function, sequence, structs, objects, kept, *arguments):
    """Calls a function that tracks `structs`, of which `objects` are lent or not, with what they refer to in `kept`."""
    lent = [one._released for one in objects if one._lent]
    if not lent:
        call(function, sequence, structs, *arguments)
        return
    if len(lent) < len(objects):
        raise InvalidArgumentError(f"{len(lent)} of the {len(objects)} objects of the point are lent: all are, or none")
    _start()
    loans = [lib.aim_py_loan_new() for _ in objects]
    with _lock:
        for loan, released in zip(loans, lent):
            # Each keeps all of the point: they are in one list.
            _kept[_address(loan)] = kept, released
    try:
        for i, loan in enumerate(loans):
            structs[i].release = ffi.addressof(lib, "aim_py_loan_over")
            structs[i].release_userdata = loan
        call(function, sequence, structs, *arguments)
    except BaseException:
        for loan in loans:
            _end(loan)
        raise


def _address(loan):
    return int(ffi.cast("uintptr_t", loan))


def _end(loan):
    with _lock:
        _, released = _kept.pop(_address(loan), (None, None))
    lib.aim_py_loan_free(loan)
    return released


def _start():
    global _thread
    if _thread is None:
        with _lock:
            if _thread is None:
                _thread = threading.Thread(target=_look_after, name="libaim-lent", daemon=True)
                _thread.start()


def _look_after():
    while (loan := lib.aim_py_loan_take()) != ffi.NULL:
        released = _end(loan)
        try:
            if released is not None:
                released()
        except Exception:
            logging.getLogger("libaim").exception("a callback for lent objects failed")


def stop():
    """At exit, when runs are closed: delivers what has come in."""
    lib.aim_py_loans_close()
    if _thread is not None:
        _thread.join(_PATIENCE)


def _forked():
    """In a forked child: the thread is not there, and the lock may be held for ever."""
    global _lock, _thread
    _lock = threading.Lock()
    _thread = None
    _kept.clear()
    lib.aim_py_loans_forked()


os.register_at_fork(after_in_child=_forked)

"""Messages of the library: to a callback, by default to the logger `libaim`."""

import logging
import os
import threading

from ._raw import ffi, lib

DEBUG, INFO, WARNING, ERROR = lib.AIM_LOG_DEBUG, lib.AIM_LOG_INFO, lib.AIM_LOG_WARNING, lib.AIM_LOG_ERROR

_logger = logging.getLogger("libaim")
_callback = _logger.log
_level = WARNING
_thread = None
_lock = threading.Lock()

_PATIENCE = 5  # seconds that the end of the process waits for a callback


def set_log_callback(callback, level=WARNING):
    """Sends the library's messages of `level` and above to `callback(level, message)`; None silences it.

    The levels are those of `logging`. The callback runs in a thread of its own, one message after the other. Without
    this call, warnings and errors go to the logger `libaim`.
    """
    global _callback, _level
    with _lock:
        _callback, _level = callback, level
        _listen()


def start():
    """Begins to listen. Called before a run or a repository is opened."""
    if _thread is None:
        with _lock:
            _listen()


def stop():
    """At exit: delivers what has come in and stops listening."""
    lib.aim_py_log_close()
    if _thread is not None:
        _thread.join(_PATIENCE)


def _listen():
    global _thread
    if _callback is None:
        lib.aim_set_log_callback(ERROR, ffi.NULL, ffi.NULL)
        return
    lib.aim_py_log_open(_level)
    if _thread is None:
        _thread = threading.Thread(target=_deliver, name="libaim-log", daemon=True)
        _thread.start()


def _deliver():
    while True:
        message = lib.aim_py_log_take()
        if message == ffi.NULL:
            return
        level, text = message.level, ffi.string(message.text).decode()
        lib.aim_py_log_free(message)
        callback = _callback
        try:
            if callback is not None:
                callback(level, text)
        except Exception:
            _logger.exception("the callback for messages of libaim failed")


def _forked():
    """In a forked child: the thread is not there, and the lock may be held for ever."""
    global _lock, _thread
    _lock = threading.Lock()
    lib.aim_py_log_forked()
    if _thread is not None:
        _thread = None
        _listen()


os.register_at_fork(after_in_child=_forked)

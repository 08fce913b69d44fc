"""A run that is open for writing: the handle of the C API and what is done through it."""

import atexit
import json
import logging
import os
import signal
import sys
import weakref

from . import _lend, _log, artifacts
from ._call import call, choose, get, get_text, path_in, text_in
from ._json import dump, unicode
from ._raw import ffi, lib
from .context import Context
from .errors import ClosedError, Error, ForkedError

_INT64 = range(-(2**63), 2**63)

_TEXT_PROPERTIES = {
    "name": (lib.aim_run_get_name, lib.aim_run_set_name),
    "description": (lib.aim_run_get_description, lib.aim_run_set_description),
    "experiment": (lib.aim_run_get_experiment, lib.aim_run_set_experiment),
}

_TEXT_OPTIONS = ("experiment", "run_hash", "system_tracking_group", "mask_names", "env_names", "run_id", "new_hash")
_MODES = {"open_or_create": lib.AIM_OPEN_OR_CREATE, "create": lib.AIM_CREATE, "open": lib.AIM_OPEN}
_SWITCH = {"enabled": lib.AIM_MODE_ENABLED, "disabled": lib.AIM_MODE_DISABLED}
_STATUSES = {
    "finished": lib.AIM_RUN_FINISHED,
    "failed": lib.AIM_RUN_FAILED,
    "interrupted": lib.AIM_RUN_INTERRUPTED,
    "crashed": lib.AIM_RUN_CRASHED,
}

_open_writers = weakref.WeakSet()
_child = None  # the forked process that is to close them at its end


class Writer:
    __slots__ = ("__weakref__", "_handle", "_path", "_keeps", "closed", "hash")

    def __init__(self, path, run_hash, experiment, repo_options, system):
        _log.start()
        options = ffi.new("aim_run_options *", lib.aim_run_options_init())
        kept = [ffi.new("char[]", path_in(path))]  # what the struct points to
        options.repo = kept[0]
        for name, value in {"experiment": experiment, "run_hash": run_hash, **system}.items():
            if value is None:
                continue
            if name == "run_id_mode":
                value = choose(value, _MODES, name)
            if name == "mode":
                value = choose(value, _SWITCH, name)
            if name == "resume_step":
                options.resume = True
            if name in _TEXT_OPTIONS:
                value = ffi.new("char[]", text_in(value, name))
                kept.append(value)
            setattr(options, name, value)
        if repo_options is not None:
            kept.append(repo_options.to_c())
            options.repo_options = kept[-1]
        self._handle = ffi.gc(get("aim_run **", lib.aim_run_new, options), lib.aim_run_free)
        self._path = path
        self._keeps = {}  # what stays of sequences of objects, by kind, name and context
        self.closed = False
        self.hash = ffi.string(lib.aim_run_hash(self._handle)).decode()
        _open_writers.add(self)
        _close_at_the_end_of_a_child()

    def metric(self, name, context):
        """The handle of a metric."""
        context = ffi.NULL if context is None else Context(context).json.encode()
        return ffi.gc(
            get("aim_metric **", lib.aim_run_metric, self._handle, text_in(name, "name"), context), lib.aim_metric_free
        )

    def sequence(self, kind, name, context):
        """The handle of a sequence of objects."""
        json = Context(context).json
        arguments = (kind, text_in(name, "name"), json.encode())
        sequence = ffi.gc(get("aim_sequence **", lib.aim_run_sequence, self._handle, *arguments), lib.aim_sequence_free)
        if keep := self._keeps.get((kind, name, json)):
            call(lib.aim_sequence_keep, sequence, *keep)
        return sequence

    def keep(self, kind, name, context, last, every):
        """What stays of a sequence of objects from now on."""
        sequence = self.sequence(kind, name, context)
        call(lib.aim_sequence_keep, sequence, last, every)
        self._keeps[kind, name, Context(context).json] = (last, every)

    def flush(self):
        call(lib.aim_run_flush, self._handle)

    def close(self):
        self.closed = True
        _open_writers.discard(self)
        call(lib.aim_run_close, self._handle)

    def start_closing(self):
        self.closed = True
        _open_writers.discard(self)
        call(lib.aim_run_start_closing, self._handle, ffi.NULL)

    def wait(self, seconds):
        call(lib.aim_run_wait, self._handle, seconds)

    def close_as(self, status, exit_code=None, signal=0, finalized_at=0.0):
        outcome = ffi.new("aim_outcome *", lib.aim_outcome_init())
        outcome.status = choose(status, _STATUSES, "status")
        outcome.has_exit_code = exit_code is not None
        outcome.exit_code = exit_code or 0
        outcome.signal = signal
        outcome.finalized_at = finalized_at
        self.closed = True
        _open_writers.discard(self)
        call(lib.aim_run_close_as, self._handle, outcome)

    def rewind(self, step, names):
        texts = [ffi.new("char[]", text_in(name, "a name")) for name in names]
        dropped = ffi.new("uint64_t *")
        call(lib.aim_run_rewind, self._handle, step, ffi.new("char *[]", texts), len(texts), dropped)
        return dropped[0]

    def log_artifact(self, *arguments):
        artifacts.log(self._handle, *arguments)

    def set_artifacts_uri(self, uri):
        call(lib.aim_run_set_artifacts_uri, self._handle, text_in(uri, "uri"))

    def use_artifact(self, reference):
        call(lib.aim_run_use_artifact, self._handle, text_in(reference, "reference"))

    def log_at(self, time, level, message, file, line, function):
        file, function = (ffi.NULL if text is None else text.encode(errors="replace") for text in (file, function))
        call(lib.aim_run_log_at, self._handle, time, level, text_in(message, "message"), file, line, function)

    def add_terminal_line_at(self, time, descriptor, text):
        call(lib.aim_run_add_terminal_line_at, self._handle, time, descriptor, text_in(text, "text"))

    def log(self, level, message, file, line, function):
        """A log record; `file` and `function` may be None."""
        file, function = (ffi.NULL if text is None else text.encode(errors="replace") for text in (file, function))
        call(lib.aim_run_log, self._handle, level, text_in(message, "message"), file, line, function)

    def set_param(self, key, value, strict):
        """`key` is encoded already. Plain values take the typed functions, which need no JSON."""
        kind = type(value)
        if kind is float:
            call(lib.aim_run_set_param_double, self._handle, key, value)
        elif kind is bool:
            call(lib.aim_run_set_param_bool, self._handle, key, value)
        elif kind is int and value in _INT64:
            call(lib.aim_run_set_param_int64, self._handle, key, value)
        elif kind is str and "\0" not in value:
            call(lib.aim_run_set_param_string, self._handle, key, unicode(value, strict).encode())
        elif kind is bytes:
            call(lib.aim_run_set_param_bytes, self._handle, key, ffi.from_buffer("uint8_t[]", value), len(value))
        elif value is None:
            call(lib.aim_run_set_param_null, self._handle, key)
        else:
            call(lib.aim_run_set_param, self._handle, key, dump(value, strict).encode())

    def delete_param(self, key):
        call(lib.aim_run_delete_param, self._handle, key)

    def param(self, key):
        """JSON of a param; all of them for NULL."""
        return get_text(lib.aim_run_get_param_json, self._handle, key, lib.AIM_JSON_WORDS)

    def param_bytes(self, key):
        size = ffi.new("size_t *")
        data = ffi.new("uint8_t **")
        call(lib.aim_run_get_param_bytes, self._handle, key, data, size)
        try:
            return ffi.buffer(data[0], size[0])[:]
        finally:
            lib.aim_bytes_free(data[0], size[0])

    def property(self, name):
        if name in _TEXT_PROPERTIES:
            return get_text(_TEXT_PROPERTIES[name][0], self._handle)
        if name == "tags":
            return json.loads(get_text(lib.aim_run_get_tags, self._handle))
        if name == "archived":
            return get("bool *", lib.aim_run_get_archived, self._handle)
        from .repo import Repo  # which imports this module

        return Repo(self._path)._snapshot(self.hash).property(name)  # what only the repository knows

    def set_property(self, name, value):
        if name == "archived":
            call(lib.aim_run_set_archived, self._handle, bool(value))
        else:
            call(_TEXT_PROPERTIES[name][1], self._handle, text_in(value, name))

    def add_tag(self, tag):
        call(lib.aim_run_add_tag, self._handle, text_in(tag, "tag"))

    def remove_tag(self, tag):
        call(lib.aim_run_remove_tag, self._handle, text_in(tag, "tag"))


def _close_at_the_end_of_a_child():
    """A process that `multiprocessing` forks ends without `atexit`; it has a list of its own of what is to be done."""
    global _child
    process, util = (sys.modules.get(f"multiprocessing.{name}") for name in ("process", "util"))
    if process is None or util is None or _child == os.getpid():
        return
    # A run that comes with the process object is opened while the child still reads that, before it empties its list.
    is_beginning = getattr(process.current_process(), "_inheriting", False)
    if is_beginning or process.parent_process() is not None:
        _child = os.getpid()
        util.Finalize(None, _close_in_child, exitpriority=0)
        util.register_after_fork(_open_writers, lambda _: util.Finalize(None, _close_in_child, exitpriority=0))


def left_by(kind, error):
    """Status, exit code and signal of a run whose program, or whose block, an exception leaves; `kind` may be None."""
    if kind is None or issubclass(kind, GeneratorExit):
        return "finished", None, 0
    if issubclass(kind, KeyboardInterrupt):
        return "interrupted", None, signal.SIGINT
    if issubclass(kind, SystemExit):
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        return ("failed" if code & 0xFF else "finished"), code & 0xFF, 0
    return "failed", None, 0


def _close_in_child():
    """At the end of a forked process, which ends without a word to the library; an exception may be on its way."""
    status, exit_code, number = left_by(*sys.exc_info()[:2])
    for writer in list(_open_writers):
        _try(writer, lambda writer=writer: writer.close_as(status, exit_code, number))
    _lend.stop()
    _log.stop()


@atexit.register
def _close_all():
    """At exit: what is still open is stored. The library closes it at the end of the process, when it knows the exit
    code, for which the handles must stay. After Ctrl-C Python ends by a signal, and nothing comes after this."""
    stopped = issubclass(getattr(sys, "last_type", None) or object, KeyboardInterrupt) and not hasattr(sys, "ps1")
    for writer in list(_open_writers):
        if stopped:
            _try(writer, lambda writer=writer: writer.close_as("interrupted", signal=signal.SIGINT))
        else:
            _try(writer, writer.flush)
            ffi.gc(writer._handle, None)
    _lend.stop()
    _log.stop()


def _try(writer, close):
    try:
        close()
    except (ClosedError, ForkedError):
        pass
    except Error as error:
        logging.getLogger("libaim").error("run %s: %s", writer.hash, error)

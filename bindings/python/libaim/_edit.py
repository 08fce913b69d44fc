"""Changes of stored runs, from keyword arguments to what the C API takes."""

from ._call import call, get, text_in
from ._json import dump
from ._raw import ffi, lib
from .context import Context
from .errors import InvalidArgumentError


def _each(function, what):
    def add(handle, texts):
        for text in texts:
            call(function, handle, text_in(text, what))

    return add


def _text(function, what):
    return lambda handle, text: call(function, handle, text_in(text, what))


def _params(handle, values):
    for key, value in values.items():
        call(lib.aim_edit_set_param, handle, text_in(key, "key"), dump(value, True).encode())


def _notes(handle, texts):
    for number, text in texts.items():
        if text is None:
            call(lib.aim_edit_delete_note, handle, number)
        else:
            call(lib.aim_edit_set_note, handle, number, text_in(text, "text"))


def _drop_metrics(handle, metrics):
    for metric in metrics:
        name, context = (metric, None) if isinstance(metric, str) else metric
        context = ffi.NULL if context is None else Context(context).json.encode()
        call(lib.aim_edit_drop_metric, handle, text_in(name, "name"), context)


_CHANGES = {
    "name": _text(lib.aim_edit_set_name, "name"),
    "description": _text(lib.aim_edit_set_description, "description"),
    "experiment": _text(lib.aim_edit_set_experiment, "experiment"),
    "archived": lambda handle, archived: call(lib.aim_edit_set_archived, handle, bool(archived)),
    "add_tags": _each(lib.aim_edit_add_tag, "tag"),
    "remove_tags": _each(lib.aim_edit_remove_tag, "tag"),
    "params": _params,
    "delete_params": _each(lib.aim_edit_delete_param, "key"),
    "add_notes": _each(lib.aim_edit_add_note, "text"),
    "notes": _notes,
    "drop_metrics": _drop_metrics,
}


def edit(changes):
    """An `aim_edit` of the changes, by name."""
    handle = ffi.gc(get("aim_edit **", lib.aim_edit_new), lib.aim_edit_free)
    for name, value in changes.items():
        if name not in _CHANGES:
            raise InvalidArgumentError(f"{name!r} is no change of a run; there are {', '.join(_CHANGES)}")
        if value is not None:
            _CHANGES[name](handle, value)
    return handle

"""Calling the C API: errors become exceptions, text is encoded on the way in and decoded on the way out."""

import os

from ._raw import ffi, lib
from .errors import InvalidArgumentError, make_error


def call(function, *arguments):
    """Calls a function whose last parameter is `aim_error **err`; raises if it fails."""
    err = ffi.new("aim_error **")
    if function(*arguments, err) != lib.AIM_OK:
        error = ffi.gc(err[0], lib.aim_error_free)
        message = ffi.string(lib.aim_error_message(error)).decode()
        raise make_error(lib.aim_error_code(error), message)


def get(result_type, function, *arguments):
    """As `call`, for a function with one out-parameter before `err`; returns what was stored there."""
    result = ffi.new(result_type)
    call(function, *arguments, result)
    return result[0]


def get_text(function, *arguments):
    """As `get`, for a string that the caller is to free."""
    text = ffi.gc(get("char **", function, *arguments), lib.aim_string_free)
    return ffi.string(text).decode()


def text_in(value, what):
    """A string as the C API takes it. `what` names it in the error."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a str, not {type(value).__name__}")
    if "\0" in value:
        raise InvalidArgumentError(f"{what} {value!r} contains a NUL character")
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise InvalidArgumentError(f"{what} {value!r} is no Unicode text: it has half of a surrogate pair") from error


def choose(value, choices, what):
    """What a name stands for in the C API."""
    if value not in choices:
        raise InvalidArgumentError(f"{what} {value!r} is none of {', '.join(choices)}")
    return choices[value]


def path_in(path):
    """A path as the C API takes it."""
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise InvalidArgumentError(f"path {path!r} contains a NUL character")
    return encoded

"""Params and contexts as the JSON of the C API: NaN and infinities are numbers, bytes are `{"__bytes__": base64}`."""

import base64
import json
from collections.abc import Mapping, Sequence

from .errors import InvalidArgumentError

_BYTES = "__bytes__"


def dump(value, strict=True, sort_keys=False):
    """JSON of a param or context. Mappings become objects, other sequences and arrays become arrays. Without `strict`,
    what has no counterpart is stored as its `repr`."""
    return json.dumps(_plain(value, strict), ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)


def load(text):
    """The value of a JSON text from the library."""
    return json.loads(text, object_hook=_object)


def pointer(path):
    """A sequence of keys and indices as a JSON Pointer."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)


def _plain(value, strict):
    if isinstance(value, str):
        return unicode(value, strict)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {_BYTES: base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        result = {}
        for key, item in value.items():
            name = unicode(_key(key), strict)
            if name in result:
                raise InvalidArgumentError(f"two keys of one dictionary are both {name!r} as text")
            result[name] = _plain(item, strict)
        return result
    if hasattr(value, "tolist"):  # arrays and scalars of numpy, torch and others
        return _plain(value.tolist(), strict)
    if isinstance(value, Sequence):
        return [_plain(item, strict) for item in value]
    if not strict:
        return repr(value)
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be stored as a param")


def unicode(text, strict=True):
    """Text that UTF-8 can say. Halves of surrogate pairs, which file names and broken JSON bring along, become U+FFFD
    without `strict`; with it they are refused."""
    if text.isascii():
        return text
    try:
        text.encode()
        return text
    except UnicodeEncodeError as error:
        if strict:
            raise InvalidArgumentError(
                f"{text!r} is no Unicode text: position {error.start} is half of a surrogate pair; strict=False replaces it"
            ) from error
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _key(key):
    """Keys are text, as in JSON; numbers become what `json.dumps` makes of them."""
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, (bool, int, float)):
        return json.dumps(key)
    raise TypeError(f"key {key!r} of type {type(key).__name__} is neither text nor a number")


def _object(value):
    if len(value) == 1 and isinstance(value.get(_BYTES), str):
        return base64.b64decode(value[_BYTES])
    return value

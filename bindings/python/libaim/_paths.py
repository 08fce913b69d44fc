"""Paths of repositories."""

import os
import re

from .errors import InvalidArgumentError


def directory(path):
    """The directory that a repository's path names, absolute: `~` and `~user` are home directories. What is no path, such
    as the address of a server of Aim's, is refused: it would become a directory of that name."""
    try:
        path = os.fspath(path)
    except TypeError as error:
        raise TypeError(f"repo must be a path, not {path!r} of type {type(path).__name__}") from error
    text = os.fsdecode(path)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
        raise InvalidArgumentError(f"repo {text!r} is an address; a repository is a directory of this machine")
    expanded = os.path.expanduser(text)
    if expanded.startswith("~") and text.startswith("~"):
        user = text.split(os.sep)[0]
        if user != "~" and not os.path.lexists(text):
            raise InvalidArgumentError(f"repo {text!r}: there is no user {user[1:]!r}; ./{text} is the directory")
    return os.path.abspath(expanded)

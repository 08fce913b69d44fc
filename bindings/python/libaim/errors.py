"""Errors of the library as exceptions: message and code intact, each also the builtin that fits it."""

from ._raw import lib


class Error(Exception):
    """Anything that the library refuses or cannot do. `code` is the status of the C API, one of `AIM_ERR_…`."""

    code = None

    def __str__(self):
        return str(self.args[0]) if self.args else ""


class InvalidArgumentError(Error, ValueError):
    """An argument is malformed or out of range."""

    code = lib.AIM_ERR_INVALID_ARGUMENT


class ClosedError(Error, ValueError):
    """The run was closed."""

    code = lib.AIM_ERR_CLOSED


class NotFoundError(Error, KeyError):
    """No such repository, run, metric or param."""

    code = lib.AIM_ERR_NOT_FOUND


class ForkedError(Error, RuntimeError):
    """The object belongs to the parent of this forked process."""

    code = lib.AIM_ERR_FORKED


class PanicError(Error, RuntimeError):
    """A bug in the library; the program is unharmed."""

    code = lib.AIM_ERR_PANIC


class StorageError(Error, OSError):
    """The operating system refused."""

    code = lib.AIM_ERR_IO


class FullError(Error, OSError):
    """The disk, the database's map or the journal is full."""

    code = lib.AIM_ERR_FULL


class UnsupportedFilesystemError(Error, OSError):
    """The repository lies on a filesystem on which the database is unsafe."""

    code = lib.AIM_ERR_UNSUPPORTED_FS


class CorruptError(Error, RuntimeError):
    """Stored data is damaged."""

    code = lib.AIM_ERR_CORRUPT


class UnsupportedVersionError(Error, RuntimeError):
    """A newer version of libaim wrote the repository."""

    code = lib.AIM_ERR_UNSUPPORTED_VERSION


class BusyError(Error, RuntimeError):
    """Somebody else is using what the call would change."""

    code = lib.AIM_ERR_BUSY


class QuerySyntaxError(Error, ValueError):
    """A query does not parse; the message shows line, column and text."""

    code = lib.AIM_ERR_SYNTAX


class CancelledError(Error, RuntimeError):
    """The progress callback of a query cancelled it."""

    code = lib.AIM_ERR_CANCELLED


class LimitError(Error, ValueError):
    """A bound on size, depth, work or memory was reached."""

    code = lib.AIM_ERR_LIMIT


class ParamTypeError(Error, TypeError):
    """The stored value has another type."""

    code = lib.AIM_ERR_TYPE


class ReadOnlyError(Error, PermissionError):
    """The repository, or the run, was opened for reading only."""

    code = lib.AIM_ERR_READ_ONLY


class ExistsError(Error, FileExistsError):
    """There is one already."""

    code = lib.AIM_ERR_EXISTS


class DeadlineError(Error, TimeoutError):
    """The time that the caller gave is over; what was asked for goes on."""

    code = lib.AIM_ERR_TIMEOUT


class UnsupportedError(Error, NotImplementedError):
    """The library was built without what the call needs."""

    code = lib.AIM_ERR_UNSUPPORTED


_BY_CODE = {cls.code: cls for cls in Error.__subclasses__()}


def make_error(code, message):
    """The exception for a status; an unknown one, of a newer library, is a plain `Error`."""
    error = _BY_CODE.get(code, Error)(message)
    error.code = code
    return error

"""The answer to a query: rows of the C API."""

from ._call import call, get, get_text, text_in
from ._json import load
from ._numbers import whole
from ._raw import ffi, lib
from .errors import CancelledError, InvalidArgumentError, ParamTypeError, ReadOnlyError

_SIZES = range(2**64)
RUNS, METRICS = lib.AIM_QUERY_RUNS, lib.AIM_QUERY_METRICS
KINDS = {
    "images": lib.AIM_QUERY_IMAGES,
    "texts": lib.AIM_QUERY_TEXTS,
    "audios": lib.AIM_QUERY_AUDIOS,
    "distributions": lib.AIM_QUERY_DISTRIBUTIONS,
    "figures": lib.AIM_QUERY_FIGURES,
    "videos": lib.AIM_QUERY_VIDEOS,
    "tables": lib.AIM_QUERY_TABLES,
    "arrays": lib.AIM_QUERY_ARRAYS,
}


class Asked:
    """How a query is asked: an `aim_query_options`, and what its callback reaches."""

    __slots__ = ("_alive", "_asking", "options")

    def __init__(
        self,
        offset=0,
        limit=None,
        progress=None,
        use_index=True,
        order_by=None,
        descending=False,
        columns=None,
        **bounds,
    ):
        limit = None if limit is None else whole(limit, "limit", _SIZES)
        if limit == 0:
            raise InvalidArgumentError(f"limit {limit} is not positive")
        options = ffi.new("aim_query_options *", lib.aim_query_options_init())
        options.offset = whole(offset, "offset", _SIZES)
        options.limit = limit or 0
        options.no_index = not use_index
        options.json = lib.AIM_JSON_WORDS
        options.descending = bool(descending)
        for name, bound in bounds.items():
            if bound is None:
                continue
            if not bound > 0:
                raise InvalidArgumentError(f"{name} {bound} is not positive")
            setattr(options, name, float(bound) if name == "timeout" else whole(bound, name, _SIZES))
        texts = [] if columns is None else [ffi.new("char[]", text_in(name, "column")) for name in columns]
        by = ffi.NULL if order_by is None else ffi.new("char[]", text_in(order_by, "order_by"))
        options.order_by = by
        names = ffi.new("char *[]", [*texts, ffi.NULL])
        options.columns = ffi.NULL if columns is None else names
        options.columns_len = len(texts)
        self.options = options
        self._asking = _Asking(progress)
        options.progress = lib.aim_py_progress
        options.progress_userdata = userdata = ffi.new_handle(self._asking)
        self._alive = (by, texts, names, userdata)

    def get(self, what, function, *args):
        """As `get`; what the progress raised meanwhile is raised here."""
        return self._settle(lambda: get(what, function, *args))

    def call(self, function, *args):
        """As `call`; what the progress raised meanwhile is raised here."""
        return self._settle(lambda: call(function, *args))

    def _settle(self, ask):
        try:
            return ask()
        except CancelledError:
            error, self._asking.error = self._asking.error, None
            if error is not None:
                raise error from None
            raise


class Rows:
    """Owns an `aim_query`."""

    __slots__ = ("handle",)

    def __init__(self, repo_handle, expression, kind, **options):
        asked = Asked(**options)
        expression = text_in(expression, "query")
        self._adopt(asked.get("aim_query **", lib.aim_repo_query_with, repo_handle, expression, kind, asked.options))

    def _adopt(self, query):
        self.handle = ffi.gc(query, lib.aim_query_free)

    @classmethod
    def parts(cls, repo_handle, expression, kind, **options):
        """The answer in parts of some thousands of rows, each found when it is asked for."""
        asked = Asked(**options)
        expression = text_in(expression, "query")
        cursor = ffi.gc(
            get("aim_cursor **", lib.aim_cursor_open, repo_handle, expression, kind, asked.options),
            lib.aim_cursor_free,
        )
        while True:
            query = asked.get("aim_query **", lib.aim_cursor_next, cursor)
            if query == ffi.NULL:
                return
            part = cls.__new__(cls)
            part._adopt(query)
            yield part

    def __len__(self):
        return lib.aim_query_len(self.handle)

    def run_hash(self, i):
        return ffi.string(lib.aim_query_run_hash(self.handle, i)).decode()

    def metric_name(self, i):
        return ffi.string(lib.aim_query_metric_name(self.handle, i)).decode()

    def metric_context(self, i):
        return ffi.string(lib.aim_query_metric_context(self.handle, i)).decode()

    def failures(self):
        """How many rows the expression failed on, and why the first one did."""
        count = ffi.new("uint64_t *")
        reason = ffi.new("char **")
        call(lib.aim_query_failures, self.handle, count, reason)
        if reason[0] == ffi.NULL:
            return count[0], None
        return count[0], ffi.string(ffi.gc(reason[0], lib.aim_string_free)).decode()

    def warning(self):
        """What the answer misses, or None."""
        text = lib.aim_query_warning(self.handle)
        return None if text == ffi.NULL else ffi.string(text).decode()

    def table(self):
        return load(get_text(lib.aim_query_table, self.handle))


class Snapshot:
    """A run as a query found it: what `Writer` is for a run that is open."""

    __slots__ = ("_i", "_properties", "_rows", "hash")

    def __init__(self, rows, i):
        self._rows = rows
        self._i = i
        self._properties = None
        self.hash = rows.run_hash(i)

    def param(self, key):
        return get_text(lib.aim_query_run_param_json, self._rows.handle, self._i, key, lib.AIM_JSON_WORDS)

    def param_bytes(self, key):
        value = load(self.param(key))
        if not isinstance(value, bytes):
            raise ParamTypeError(f"param {key.decode()!r} is not bytes")
        return value

    def property(self, name):
        if self._properties is None:
            self._properties = load(get_text(lib.aim_query_run_properties, self._rows.handle, self._i))
        value = self._properties[name]
        return list(value) if isinstance(value, list) else value

    def _refuse(self, *_):
        raise ReadOnlyError(f"run {self.hash} was opened for reading; Run(run_hash={self.hash!r}) continues it")

    set_property = add_tag = remove_tag = _refuse


class _Asking:
    """A query that is being answered. Looking in every few milliseconds also lets Python handle Ctrl-C."""

    __slots__ = ("error", "progress")

    def __init__(self, progress):
        self.progress = progress
        self.error = None


def _progress_failed(_kind, error, traceback):
    ffi.from_handle(traceback.tb_frame.f_locals["userdata"]).error = error


@ffi.def_extern(error=1, onerror=_progress_failed)
def aim_py_progress(done, total, userdata):
    """Called by the library; an exception or a true answer of the callback cancels the query."""
    progress = ffi.from_handle(userdata).progress
    return progress is not None and bool(progress(done, total))

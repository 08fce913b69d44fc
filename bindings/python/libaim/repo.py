"""A repository: the directory that runs lie in."""

import os
from typing import NamedTuple, Optional

from . import _log, _paths, logs
from ._call import call, choose, get, get_text, path_in, text_in
from ._edit import edit
from ._json import load
from ._numbers import real, whole
from ._raw import ffi, lib
from ._rows import KINDS, METRICS, RUNS, Rows, Snapshot
from .artifacts import Artifact
from .errors import ClosedError, Error, NotFoundError
from .metric import Metric
from .found import SEQUENCES
from .query import MetricQuery, ObjectQuery, RunQuery
from .run import Run

_UINT64 = range(2**64)
_OPTIONS = {
    "map_size": lambda value, field: whole(value, field, _UINT64),
    "flush_interval": real,
    "journal_size": lambda value, field: whole(value, field, _UINT64),
    "allow_network_fs": lambda value, _: bool(value),
}
_ALSO_ARCHIVED = "run.archived in (True, False)"


class RepoOptions(NamedTuple):
    """Settings of a repository. They count when the process first opens it; None is the library's default.

    map_size          bytes of address space to reserve for the database at first.
    flush_interval    seconds that a tracked value may wait before it is committed (default: 1).
    journal_size      bytes of the journal that takes up tracked values (default: 6 MiB).
    allow_network_fs  open the repository on a network filesystem too; safe only while one host uses it.
    any_owner         without a path, the search upwards takes a `.aim` of any user; else only of this one.
    """

    map_size: Optional[int] = None
    flush_interval: Optional[float] = None
    journal_size: Optional[int] = None
    allow_network_fs: Optional[bool] = None
    any_owner: Optional[bool] = None

    def to_c(self):
        options = ffi.new("aim_repo_options *", lib.aim_repo_options_init())
        for field, value in self._asdict().items():
            if value is not None:
                setattr(options, field, _OPTIONS[field](value, field))
        return options


def _figures(struct):
    return {name: getattr(struct, name) for name in dir(struct) if name != "struct_size"}


class Repo:
    """A repository that exists, for queries and administration; a `Run` makes one if it is missing.

    It may be used from several threads at once. In a forked child it raises `ForkedError`. Pickled, it is its path.
    """

    def __init__(self, path, *, options=None):
        self.root_path = _paths.directory(path)
        self.path = os.path.join(self.root_path, ".aim")
        _log.start()
        arguments = (path_in(self.root_path), ffi.NULL if options is None else options.to_c())
        self._handle = ffi.gc(get("aim_repo **", lib.aim_repo_open, *arguments), lib.aim_repo_free)

    @classmethod
    def from_path(cls, path):
        """The repository of a directory, or of the `.aim` inside it."""
        path = _paths.directory(path)
        return cls(os.path.dirname(path) if os.path.basename(path) == ".aim" else path)

    @classmethod
    def default_repo(cls):
        """The repository of the nearest directory upwards that holds `.aim`, else of the working directory."""
        return cls(cls.default_repo_path())

    @classmethod
    def default_repo_path(cls):
        """The nearest directory upwards from the working directory that holds `.aim`, else the working directory."""
        if os.environ.get("AIM_REPO"):
            return os.path.abspath(os.environ["AIM_REPO"])
        path = here = os.getcwd()
        while not cls.exists(path):
            path, below = os.path.dirname(path), path
            if path == below:
                return here
        return path

    @classmethod
    def exists(cls, path):
        """Whether a directory holds a repository."""
        return os.path.isdir(os.path.join(_paths.directory(path), ".aim"))

    # Queries.

    def query_metrics(
        self,
        query="",
        *,
        offset=0,
        limit=None,
        order_by=None,
        descending=False,
        progress=None,
        use_index=True,
        timeout=None,
        max_steps=None,
        max_row_steps=None,
        max_row_memory=None,
        max_rows=None,
        max_memory=None,
    ):
        """Metrics for which an expression holds, as in `metric.name == 'loss' and run.hparams.lr > 1e-4`.

        offset, limit  the rows to leave out at the beginning, and to return at most.
        order_by       what the rows are ordered by, least first: an expression as in `metric.last`, `run.hparams.lr`,
                       `(run.experiment, run.created_at)`; rows without a value come last. None: newest run first.
        descending     greatest first.
        progress       called with the number of runs looked at and of runs in all, every few milliseconds; a true
                       answer cancels the query, an exception also.
        use_index      False evaluates the expression on every run; the answer is the same.
        timeout        seconds that the query may take: 60, or `math.inf`.
        max_steps, max_rows, max_memory
                       steps of all rows (10**9), rows of the answer (10**7), and bytes that they take (2**30): a query
                       that needs more is a `LimitError`.
        max_row_steps, max_row_memory
                       steps (10**6) and bytes (2**24) of one row: one that needs more is a failure of the row.
        """
        options = {name: value for name, value in locals().items() if name not in ("self", "query")}
        return MetricQuery(self, query, options)

    def query_runs(self, query="", **options):
        """Runs for which an expression holds, as in `run.hparams.lr > 1e-4`; otherwise as `query_metrics`."""
        return RunQuery(self, query, options)

    def stream_metrics(self, query="", **options):
        """As `query_metrics`, in parts, for answers that are larger than memory: iterates over `MetricQuery`s of some
        thousands of metrics, each found when it is asked for. Bounds hold for each."""
        return MetricQuery._parts(self, query, options)

    def stream_runs(self, query="", **options):
        """As `query_runs`, in parts; otherwise as `stream_metrics`."""
        return RunQuery._parts(self, query, options)

    def query_images(self, query="", **options):
        """Sequences of images for which an expression holds, as in `images.name == 'x'`; otherwise as `query_metrics`."""
        return ObjectQuery(self, query, "images", options)

    def query_texts(self, query="", **options):
        """Sequences of texts for which an expression holds, as in `texts.name == 'x'`; otherwise as `query_metrics`."""
        return ObjectQuery(self, query, "texts", options)

    def query_audios(self, query="", **options):
        """Sequences of audios for which an expression holds, as in `audios.name == 'x'`; otherwise as `query_metrics`."""
        return ObjectQuery(self, query, "audios", options)

    def query_distributions(self, query="", **options):
        """Sequences of distributions for which an expression holds, as in `distributions.name == 'x'`; otherwise as `query_metrics`."""
        return ObjectQuery(self, query, "distributions", options)

    def query_figures(self, query="", **options):
        """Sequences of figures for which an expression holds, as in `figures.name == 'x'`; otherwise as `query_metrics`."""
        return ObjectQuery(self, query, "figures", options)

    query_figure_objects = query_figures

    def query_videos(self, query="", **options):
        """Sequences of videos for which an expression holds, as in `videos.name == 'x'`; otherwise as `query_metrics`."""
        return ObjectQuery(self, query, "videos", options)

    def query_tables(self, query="", **options):
        """Sequences of tables for which an expression holds, as in `tables.name == 'x'`; otherwise as `query_metrics`."""
        return ObjectQuery(self, query, "tables", options)

    def query_arrays(self, query="", **options):
        """Sequences of arrays for which an expression holds, as in `arrays.name == 'x'`; otherwise as `query_metrics`."""
        return ObjectQuery(self, query, "arrays", options)

    def collect_sequence_info(self, sequence_types):
        """The contexts by name, by type, of all sequences: `{"metric": {"loss": [{"subset": "val"}]}}`. Types are 'metric',
        'images', 'texts', 'audios', 'distributions', 'figures', 'videos', 'tables', 'arrays', one or several."""
        types = (sequence_types,) if isinstance(sequence_types, str) else tuple(sequence_types)
        found = {}
        for of in types:
            kind = METRICS if of == "metric" else choose(of, KINDS, "sequence_types")
            rows = Rows(self._open(), _ALSO_ARCHIVED, kind)
            names = found.setdefault(of, {})
            for i in range(len(rows)):
                contexts = names.setdefault(rows.metric_name(i), {})
                contexts[rows.metric_context(i)] = None
            for name, contexts in names.items():
                names[name] = [load(context) for context in contexts]
        return found

    def explain(self, query):
        """How a query would be answered, in words: which conditions the indexes answer, and on how many runs the
        expression is evaluated."""
        return get_text(lib.aim_query_explain, self._open(), text_in(query, "query"))

    def iter_runs(self):
        """All runs, newest first, archived ones too, for reading."""
        rows = Rows(self._open(), _ALSO_ARCHIVED, RUNS)
        for i in range(len(rows)):
            yield Run._read(self, Snapshot(rows, i))

    def get_run(self, run_hash):
        """A run for reading, or None."""
        try:
            return Run(run_hash, repo=self, read_only=True)
        except NotFoundError:
            return None

    def list_all_runs(self):
        """The hashes of all runs, newest first, archived ones too."""
        rows = Rows(self._open(), _ALSO_ARCHIVED, RUNS)
        return [rows.run_hash(i) for i in range(len(rows))]

    def list_active_runs(self):
        """The hashes of the runs that are being written."""
        rows = Rows(self._open(), f"run.active and {_ALSO_ARCHIVED}", RUNS)
        return [rows.run_hash(i) for i in range(len(rows))]

    def total_runs_count(self):
        """How many runs there are, archived ones too."""
        return self.stats()["runs"]

    def run_exists(self, run_hash):
        return self.get_run(run_hash) is not None

    # Administration.

    def delete_run(self, run_hash):
        """Deletes a run with its params and points; True, or an exception says why not."""
        call(lib.aim_repo_delete_run, self._open(), text_in(run_hash, "run_hash"))
        return True

    def delete_runs_where(self, query):
        """Deletes all runs that an expression selects, except those that are being written; returns the numbers of both."""
        count, busy = ffi.new("uint64_t *"), ffi.new("uint64_t *")
        call(lib.aim_repo_delete_runs, self._open(), text_in(query, "query"), count, busy)
        return count[0], busy[0]

    def edit_run(self, run_hash, **changes):
        """Changes a stored run, without opening it: its status and its times stay as they are. All changes are made, or
        none.

        name, description, experiment, archived  new values of these properties.
        add_tags, remove_tags  lists of tags.
        params         values by top-level key or JSON Pointer; delete_params: a list of these.
        add_notes      a list of texts; notes: new texts by number, None deletes.
        drop_metrics   a list of names, or of pairs of name and context: metrics that are deleted with their points.
        """
        call(lib.aim_repo_edit_run, self._open(), text_in(run_hash, "run_hash"), edit(changes))

    def edit_runs(self, query, **changes):
        """Changes all runs that an expression selects, as `edit_run`, in one step; returns their number."""
        return get("uint64_t *", lib.aim_repo_edit_runs, self._open(), text_in(query, "query"), edit(changes))

    def notes(self, run_hash):
        """The notes of a run, oldest first: dictionaries with number, text, created_at, updated_at and history."""
        return load(get_text(lib.aim_repo_get_notes, self._open(), text_in(run_hash, "run_hash")))

    def artifacts(self, run_hash):
        """What a run logged, as a list of `Artifact`: the versions of each name, oldest first, then what is not summed yet."""
        known = load(get_text(lib.aim_repo_artifacts, self._open(), text_in(run_hash, "run_hash")))
        return [Artifact(self, run_hash, one) for one in known]

    def verify_artifacts(self, run_hash):
        """Reads all artifacts of a run and compares them with what was logged: dictionaries with name, version, found
        ('intact', 'changed', 'missing', 'unknown') and, unless it is intact, detail."""
        return load(get_text(lib.aim_repo_verify_artifacts, self._open(), text_in(run_hash, "run_hash")))

    def fetch_artifact(self, reference, into="."):
        """Copies an artifact, as in 'RUN/NAME:best', into a directory, and checks its bytes; returns where it is then."""
        arguments = (text_in(reference, "reference"), path_in(into))
        return get_text(lib.aim_repo_fetch_artifact, self._open(), *arguments)

    def alias_artifact(self, reference, alias):
        """Gives a version one more name, which it takes from another one."""
        call(lib.aim_repo_alias_artifact, self._open(), text_in(reference, "reference"), text_in(alias, "alias"))

    def delete_artifact(self, reference):
        """Deletes a version with what is kept of it."""
        call(lib.aim_repo_delete_artifact, self._open(), text_in(reference, "reference"))

    def artifact_users(self, reference):
        """The runs that use an artifact: dictionaries with run (its hash), version and time (in microseconds)."""
        return load(get_text(lib.aim_repo_artifact_users, self._open(), text_in(reference, "reference")))

    def describe_experiment(self, name, description):
        """Describes an experiment."""
        self._describe(lib.AIM_EXPERIMENTS, name, description, "")

    def describe_tag(self, name, description="", colour=""):
        """Describes a tag and gives it a colour: '#' and six hex digits."""
        self._describe(lib.AIM_TAGS, name, description, colour)

    def _describe(self, what, *texts):
        name, description, colour = (text_in(text, "text") for text in texts)
        call(lib.aim_repo_describe, self._open(), what, name, description, colour)

    def rename_experiment(self, old, new):
        """Renames an experiment in all runs; returns their number."""
        return self._rename(lib.AIM_EXPERIMENTS, old, new)

    def rename_tag(self, old, new):
        """Renames a tag in all runs that have it; returns their number."""
        return self._rename(lib.AIM_TAGS, old, new)

    def _rename(self, what, old, new):
        return get("uint64_t *", lib.aim_repo_rename, self._open(), what, text_in(old, "old"), text_in(new, "new"))

    def delete_tag(self, tag):
        """Takes a tag from all runs that have it; returns their number."""
        return get("uint64_t *", lib.aim_repo_delete_tag, self._open(), text_in(tag, "tag"))

    def experiments(self, query=None):
        """The experiments, with the number of runs of each: of all runs, or of those that an expression selects."""
        return self._list(lib.AIM_LIST_EXPERIMENTS, query)

    def tags(self, query=None):
        """The tags; otherwise as `experiments`."""
        return self._list(lib.AIM_LIST_TAGS, query)

    def metric_names(self, query=None):
        """The names of metrics; otherwise as `experiments`."""
        return self._list(lib.AIM_LIST_METRIC_NAMES, query)

    def contexts(self, query=None):
        """The contexts of metrics as JSON; otherwise as `experiments`."""
        return self._list(lib.AIM_LIST_CONTEXTS, query)

    def param_keys(self, query=None):
        """The params that hold values, as JSON Pointers; otherwise as `experiments`."""
        return self._list(lib.AIM_LIST_PARAM_KEYS, query)

    def _list(self, what, query):
        query = ffi.NULL if query is None else text_in(query, "query")
        found = ffi.gc(get("aim_list **", lib.aim_repo_list, self._open(), what, query), lib.aim_list_free)
        rows = range(lib.aim_list_len(found))
        return {ffi.string(lib.aim_list_name(found, i)).decode(): lib.aim_list_count(found, i) for i in rows}

    def delete_runs(self, run_hashes):
        """Deletes runs. Returns whether all could be deleted, and those that could not."""
        remaining = []
        for run_hash in run_hashes:
            try:
                self.delete_run(run_hash)
            except Error:
                remaining.append(run_hash)
        return not remaining, remaining

    def stats(self):
        """Figures of the repository and of this process's writing to it, by name as in `aim_repo_stats`."""
        stats = ffi.new("aim_repo_stats *", lib.aim_repo_stats_init())
        call(lib.aim_repo_get_stats, self._open(), stats)
        return _figures(stats)

    @staticmethod
    def salvage(path, into):
        """Copies what is intact in a repository that cannot be opened (`CorruptError`) into a new one at `into`.

        Returns what was brought over and what was lost, by name as in `aim_salvage_report`. The damaged repository
        stays as it is.
        """
        report = ffi.new("aim_salvage_report *", lib.aim_salvage_report_init())
        call(lib.aim_repo_salvage, path_in(_paths.directory(path)), path_in(_paths.directory(into)), ffi.NULL, report)
        return _figures(report)

    @staticmethod
    def compact(path):
        """Makes the data file of the repository at `path` as small as what it holds, while nobody has it open.

        Returns what was given back, by name as in `aim_compact_report`.
        """
        report = ffi.new("aim_compact_report *", lib.aim_compact_report_init())
        call(lib.aim_repo_compact, path_in(_paths.directory(path)), ffi.NULL, report)
        return _figures(report)

    def close(self):
        """Gives the repository up. What queries found stays valid."""
        self._handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _open(self):
        """The handle."""
        if self._handle is None:
            raise ClosedError(f"the repository {self.root_path!r} was closed")
        return self._handle

    def _snapshot(self, run_hash):
        text_in(run_hash, "run_hash")
        rows = Rows(self._open(), f"run.hash == {run_hash!r} and {_ALSO_ARCHIVED}", RUNS)
        if len(rows) == 0:
            raise NotFoundError(f"there is no run {run_hash!r} in {self.root_path!r}")
        return Snapshot(rows, 0)

    def _logs(self, run_hash, kind, first, count):
        return logs.read(self._open(), run_hash, kind, first, count)

    def _metrics_of(self, run, condition="True"):
        rows = Rows(self._open(), f"run.hash == {run.hash!r} and {condition} and {_ALSO_ARCHIVED}", METRICS)
        return [Metric(run, rows, i) for i in range(len(rows))]

    def _objects_of(self, run, kind, condition="True"):
        expression = f"run.hash == {run.hash!r} and {condition} and {_ALSO_ARCHIVED}"
        rows = Rows(self._open(), expression, KINDS[kind])
        return [SEQUENCES[kind](run, rows, i) for i in range(len(rows))]

    def __reduce__(self):
        return Repo, (self.root_path,)

    def __deepcopy__(self, _):
        return self

    def __eq__(self, other):
        return self.root_path == other.root_path if isinstance(other, Repo) else NotImplemented

    def __hash__(self):
        return hash(self.root_path)

    def __repr__(self):
        return f"<Repo {self.root_path!r}>"

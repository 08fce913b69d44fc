"""Answers to queries: runs and metrics, one after the other, as tables, or as Arrow streams."""

from . import _arrow, _frames
from ._rows import KINDS, METRICS, RUNS, Rows, Snapshot
from .metric import Metric
from .found import SEQUENCES
from .run import Run


class _Collection:
    """Metrics in some order."""

    def __iter__(self):
        return self.iter()

    def dataframe(self, only_last=False, include_run=True, include_name=True, include_context=True):
        """The points of all metrics as one pandas DataFrame; None if there are none."""
        params = {}  # of the runs, by hash: read once for all metrics
        return _frames.concat(
            _frames.metric_frame(metric, include_name, include_context, include_run, only_last, params)
            for metric in self.iter()
        )


class RunMetrics(_Collection):
    """The metrics of one run, or those of them that a query found."""

    def __init__(self, run, metrics=None):
        self.run = run
        self._metrics = metrics

    def iter(self):
        """The metrics, by name, then by context."""
        return iter(self.run.repo._metrics_of(self.run) if self._metrics is None else self._metrics)

    def iter_runs(self):
        """This collection alone: it is about one run."""
        yield self


class _Query(_Collection):
    """What `Repo.query_runs` and `Repo.query_metrics` share. The answer is a snapshot."""

    _kind = None

    def __init__(self, repo, query, options, rows=None):
        self.repo = repo
        self.query = query
        self._asked = {name: value for name, value in options.items() if name != "progress"}
        self._rows = Rows(repo._open(), query, self._kind, **options) if rows is None else rows

    @classmethod
    def _parts(cls, repo, query, options):
        for rows in Rows.parts(repo._open(), query, cls._kind, **options):
            yield cls(repo, query, options, rows)

    def __reduce__(self):
        return type(self), (self.repo, self.query, self._asked)

    def __deepcopy__(self, _):
        return self

    def __len__(self):
        return len(self._rows)

    @property
    def failures(self):
        """How many runs or metrics the expression failed on, and why the first one did (None if there are none); they
        are not in the answer."""
        return self._rows.failures()

    @property
    def warning(self):
        """What the answer misses, as text for people: values that could not be committed, on a full disk, say. None for
        an answer that holds all that was tracked before."""
        return self._rows.warning()

    def table(self):
        """The runs of the answer, newest first, as a list of dictionaries: the properties, `params` by JSON Pointer,
        and `metrics` with name, context, last, last_step, min, max and count."""
        return self._rows.table()

    def iter(self):
        """Metrics, newest run first, then by name, then by context."""
        for run in self.iter_runs():
            yield from run

    def __arrow_c_stream__(self, requested_schema=None):
        """The answer for pyarrow, polars, DuckDB and others, as of now: a row for each point or run. Read batch by batch
        it may be larger than memory."""
        return self.arrow().__arrow_c_stream__(requested_schema)

    def arrow(self, columns=None, progress=None):
        """As the answer itself for those that take Arrow streams, with a choice of columns, by name: of points run, name,
        context, step, value, epoch and time; of runs their properties and `params/...` for each param. `progress` is as of
        `Repo.query_metrics`; it is told while metrics or runs are looked for at first."""
        return _ArrowAnswer(self.repo, self.query, self._kind, {**self._asked, "columns": columns, "progress": progress})


class _ArrowAnswer:
    """Asks when somebody takes the stream."""

    def __init__(self, repo, query, kind, options):
        self._asked = (repo, query, kind, options)

    def __arrow_c_stream__(self, requested_schema=None):
        repo, query, kind, options = self._asked
        return _arrow.stream(repo._open(), query, kind, **options)


class MetricQuery(_Query):
    """Metrics that a query found. Its length is their number."""

    _kind = METRICS

    def iter_runs(self):
        """For each run with such metrics, newest first, a `RunMetrics`. In another order, by `order_by`, a run comes each
        time that a metric of another one was in between."""
        rows, i = self._rows, 0
        while i < len(rows):
            snapshot = Snapshot(rows, i)
            run = Run._read(self.repo, snapshot)
            metrics = []
            while i < len(rows) and rows.run_hash(i) == snapshot.hash:
                metrics.append(Metric(run, rows, i))
                i += 1
            yield RunMetrics(run, metrics)


class RunObjects:
    """The sequences of objects of one run that a query found, by name, then by context."""

    def __init__(self, run, sequences):
        self.run = run
        self._sequences = sequences

    def __iter__(self):
        return iter(self._sequences)

    def __len__(self):
        return len(self._sequences)


class ObjectQuery(_Query):
    """Sequences of objects of a kind that a query found. Its length is their number."""

    def __init__(self, repo, query, kind, options):
        self._kind = KINDS[kind]
        self._name = kind
        super().__init__(repo, query, options)

    def __reduce__(self):
        return ObjectQuery, (self.repo, self.query, self._name, self._asked)

    def iter_runs(self):
        """For each run with such sequences, newest first, a `RunObjects`."""
        rows, i = self._rows, 0
        while i < len(rows):
            snapshot = Snapshot(rows, i)
            run = Run._read(self.repo, snapshot)
            sequences = []
            while i < len(rows) and rows.run_hash(i) == snapshot.hash:
                sequences.append(SEQUENCES[self._name](run, rows, i))
                i += 1
            yield RunObjects(run, sequences)

    def dataframe(self, *_, **__):
        raise TypeError("objects are no columns of numbers: read them one by one")

    def arrow(self, *_, **__):
        return self.dataframe()


class RunQuery(_Query):
    """Runs that a query found. Its length is their number."""

    _kind = RUNS

    def iter_runs(self):
        """For each run, newest first, a `RunMetrics` of all its metrics."""
        for i in range(len(self._rows)):
            yield RunMetrics(Run._read(self.repo, Snapshot(self._rows, i)))

    def dataframe(self, include_props=True, include_params=True):
        """The runs as a pandas DataFrame, a row each; None if there are none."""
        return _frames.concat(run.run.dataframe(include_props, include_params) for run in self.iter_runs())

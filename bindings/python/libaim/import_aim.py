"""Brings the runs of an Aim repository in, with all that libaim has a place for.

python -m libaim.import_aim REPOSITORY reads it through the package aim, which must be installed, version 3. Its files stay as
they are. Runs keep their hashes, so that importing again goes on with them; those that were killed, and those that Aim
has not indexed, come too.
"""

import os

from . import objects
from ._exchange import Report, arguments, carry_out, directory, rewrites
from .errors import Error, ExistsError, InvalidArgumentError, LimitError
from .repo import Repo
from .run import EPOCH_NONE, Run

_NUMBERS = ("int", "float", "float64", "number")
_PIECE = 100_000


def import_repo(source, repo=None, *, runs=None, experiment=None, rewrite=(), dry_run=False):
    """Imports the runs of the Aim repository at `source`: all, or those of the hashes `runs`. Returns a `Report`.

    rewrite   rules `FROM=TO` for the paths of artifacts.
    dry_run   reads everything and stores nothing.
    """
    import aim

    where = directory(source)
    if not os.path.isdir(os.path.join(where, ".aim")):
        raise InvalidArgumentError(f"there is no Aim repository at {where}: it holds no directory .aim")
    opened = aim.Repo(where)
    found = set(opened.list_all_runs())
    if runs is not None:
        missing = sorted(set(runs) - found)
        if missing:
            raise InvalidArgumentError(f"{where} has no run {missing[0]}")
        found = set(runs)
    report = Report("would import" if dry_run else "imported")
    rewrite = rewrites(rewrite)
    for run_hash in sorted(found):
        try:
            read = _Source(opened, run_hash, rewrite)
            _bring(read, repo, experiment, report, dry_run)
            report.runs += 1
        except (Error, OSError) as error:
            raise type(error)(f"run {run_hash}: {error}") from error
        except Exception as error:  # what Aim's reader makes of a damaged run
            report.damage.append(f"run {run_hash} cannot be read: {type(error).__name__}: {error}")
    return report


class _Source:
    """A run of Aim's, read from its files as they are: no index, no lock, nothing is written."""

    def __init__(self, repo, run_hash, rewrite):
        def tree(name):
            found = repo.request_tree(name, run_hash, read_only=True, skip_read_optimization=True)
            return found.subtree(name)

        self.hash = run_hash
        self.meta = tree("meta").subtree("chunks").subtree(run_hash).collect()
        self._series = tree("seqs")
        self.props = repo.request_props(run_hash, read_only=True)
        self._rewrite = rewrite

    @property
    def ended(self):
        return self.meta.get("end_time") or self.props.end_time

    def artifacts(self):
        """The paths of those that can be reached, by name, and what is known of the others."""
        here, elsewhere = {}, {}
        for name, artifact in self.meta.get("artifacts", {}).items():
            about = {key: self._rewrite(str(artifact.storage[key])) for key in ("uri", "path")}
            places = (place.removeprefix("file://") for place in about.values())
            here[name] = next((place for place in places if os.path.isabs(place) and os.path.exists(place)), None)
            if here[name] is None:
                del here[name]
                elsewhere[name] = about
        return here, elsewhere

    def sequences(self):
        """Name, context, type and points of each: step, value, epoch, time."""
        contexts = self.meta.get("contexts", {})
        for context, names in self.meta.get("traces", {}).items():
            for name, about in names.items():
                yield name, contexts[context], about.get("dtype", "float"), self._points(context, name, about)

    def _points(self, context, name, about):
        version = about.get("version", 1)
        place = ("chunks",) if version == 1 else (f"v{version}", "chunks")
        tree = self._series.subtree((*place, self.hash, context, name))

        def column(of):
            return dict(tree.subtree(of).items())

        # A run that was killed may lack the last cells of a column.
        steps = None if version == 1 else column("step")
        epochs, times = column("epoch"), column("time")
        for key, value in tree.subtree("val").items():
            step = key if steps is None else steps.get(key)
            if step is not None and key in times:
                epoch = epochs.get(key)
                epoch = None if epoch is None or epoch != epoch else int(epoch)
                yield int(step), value, epoch, times[key]


def _bring(source, repo, experiment, report, dry_run):
    props = source.props
    run = None if dry_run else _open(source, repo)
    already = 0, 0
    if run is not None:
        already = len(run.get_log_records()), len(run.get_terminal_logs())
        run.experiment = experiment or props.experiment or "default"
        name = props.name or ""
        if name and name != f"Run: {source.hash}":
            run.name = name
        run.description = props.description or ""
        run.archived = bool(props.archived)
        for tag in props.tags or ():
            run.add_tag(tag)
        _params(run, source, report)
    last = props.creation_time
    for name, context, kind, points in source.sequences():
        try:
            if kind in _NUMBERS:
                last = max(last, _metric(run, name, context, points, report))
            elif kind in ("aim.log_record", "aim.log_line"):
                skip = already[kind == "aim.log_line"]
                last = max(last, _lines(run, kind, points, skip, report))
            else:
                last = max(last, _objects(run, name, context, points, report))
        except (InvalidArgumentError, LimitError) as error:
            report.damage.append(f"run {source.hash}, {name!r}: {error}")
    if run is not None:
        ended = source.ended
        run.close("finished" if ended else "crashed", end_time=ended or last)


def _open(source, repo):
    options = {"repo": repo, "no_lease": True}
    try:
        return Run(new_hash=source.hash, created_at=source.props.creation_time, **options)
    except ExistsError:
        return Run(source.hash, **options)


def _params(run, source, report):
    entries = dict(source.meta.get("attrs", {}))
    here, elsewhere = source.artifacts()
    about = {"artifacts": elsewhere} if elsewhere else {}
    if "artifacts_uri" in source.meta:
        about["artifacts_uri"] = source._rewrite(source.meta["artifacts_uri"])
    if about:
        entries["aim"] = about
    for key, value in entries.items():
        try:
            run.set((str(key),), value, strict=False)
        except (InvalidArgumentError, LimitError):
            report.lost["params that libaim does not take"] += 1
    for name, path in here.items():
        try:
            run.log_artifact(path, name, mode="reference", block=True)
        except (InvalidArgumentError, LimitError):
            report.lost["artifacts with names that libaim does not take"] += 1


def _metric(run, name, context, points, report):
    tracker = None if run is None else run.metric(name, context)
    last = 0.0
    columns = [], [], [], []

    def flush():
        if tracker is not None and columns[0]:
            values, times, steps, epochs = columns
            tracker.track_many_at(values, times, steps, epochs)
        report.points += len(columns[0])
        for column in columns:
            column.clear()

    for step, value, epoch, time in points:
        if not isinstance(value, (int, float)):
            report.lost[f"values of the type {type(value).__name__} in metrics"] += 1
            continue
        last = max(last, time)
        row = float(value), time, step, EPOCH_NONE if epoch is None else epoch
        for column, cell in zip(columns, row):
            column.append(cell)
        if len(columns[0]) >= _PIECE:
            flush()
    flush()
    return last


def _lines(run, kind, points, skip, report):
    """Records of the log, or lines of the terminal; those that an earlier import brought in are the first ones."""
    last = 0.0
    for number, (_, value, _, time) in enumerate(sorted(points, key=lambda point: point[0])):
        last = max(last, time)
        if run is None or number < skip:
            continue
        if kind == "aim.log_line":
            run.add_terminal_line_at(time, 1, value.data)
            continue
        file, line = value.storage["__logger_info"] or (None, 0)
        try:
            run.log_at(value.storage["timestamp"], value.level, value.message, file, line)
        except InvalidArgumentError:
            report.lost["log records of levels that libaim does not have"] += 1
    return last


def _objects(run, name, context, points, report):
    last = 0.0
    for step, value, epoch, time in points:
        last = max(last, time)
        values = value if isinstance(value, (list, tuple)) else [value]
        try:
            found = [_object(one) for one in values]
            if run is not None and found:
                run.track_at(time, found, name, step, epoch, context)
            report.objects += len(found)
        except KeyError as error:
            report.lost[f"objects of the type {error.args[0]}"] += len(values)
        except (InvalidArgumentError, LimitError):
            kinds = {type(one).__name__ for one in values}
            report.lost[f"{', '.join(sorted(kinds))} that libaim does not take"] += len(values)
    return last


def _bytes(stored):
    data = stored["data"].load()
    return data.encode() if isinstance(data, str) else bytes(data)


_KINDS = {
    "aim.image": lambda s: objects.Image(_bytes(s), s.get("caption") or "", (s.get("format") or "").lower()),
    "aim.audio": lambda s: objects.Audio(_bytes(s), s.get("format") or "", s.get("caption") or ""),
    "aim.text": lambda s: objects.Text(s["data"].load()),
    "aim.figure": lambda s: objects.Figure(_bytes(s), "plotly"),
}


def _object(value):
    kind = getattr(value, "AIM_NAME", type(value).__name__)
    if kind == "aim.distribution":
        return objects.Distribution.from_histogram(value.weights, value.range)
    return _KINDS[kind](value.storage)


def main():
    parser = arguments(__doc__, ("source", "the directory that holds .aim", None), ("runs", "hashes: default: all", "*"))
    parser.add_argument("-e", "--experiment", help="the experiment of all runs: default: what they have")
    parser.add_argument("--rewrite-path", metavar="FROM=TO", action="append", default=[], help="where artifacts are now")
    parser.add_argument("--dry-run", action="store_true", help="read everything and store nothing")
    given = parser.parse_args()

    def bring_in():
        return import_repo(
            given.source,
            given.repo or Repo.default_repo_path(),
            runs=given.runs or None,
            experiment=given.experiment,
            rewrite=given.rewrite_path,
            dry_run=given.dry_run,
        )

    carry_out(bring_in, "aim")


if __name__ == "__main__":
    main()

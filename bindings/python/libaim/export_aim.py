"""Writes runs into a repository of Aim's, through the package aim, which must be installed, version 3.

python -m libaim.export_aim REPOSITORY [QUERY] makes the repository if there is none. Runs keep their hashes and times;
exporting again goes on with the same runs, and they are indexed, so that Aim's queries find them at once.
"""

import contextlib
import datetime
import os
from unittest import mock

from ._exchange import Report, arguments, carry_out, directory
from .repo import Repo
from .run import EPOCH_NONE

_OBJECTS = ("images", "texts", "audios", "distributions", "figures", "videos", "tables", "arrays")


def export_repo(repo, target, query=""):
    """Exports the runs of `repo` that `query` selects, archived ones too if it mentions them. Returns a `Report`."""
    import aim

    where = directory(target)
    os.makedirs(where, exist_ok=True)
    opened = aim.Repo.from_path(where, init=not os.path.isdir(os.path.join(where, ".aim")))
    report = Report("exported")
    for run in repo.query_runs(query).iter_runs():
        _write(run.run, opened, report)
        report.runs += 1
    return report


@contextlib.contextmanager
def _opened(run, repo):
    """The run of Aim's with the same hash, new or not, which ends when ours did."""
    import aim
    from aim.sdk import base_run

    options = {"repo": repo, "system_tracking_interval": None, "log_system_params": False, "capture_terminal_logs": False}
    if repo.run_exists(run.hash):
        opened = aim.Run(run.hash, **options)
    else:
        created = datetime.datetime.fromtimestamp(run.creation_time, datetime.timezone.utc).replace(tzinfo=None)
        repo.request_props(run.hash, False, created)
        # The hash of a run that does not exist yet is none that a caller can give.
        with mock.patch.object(base_run, "generate_run_hash", lambda: run.hash):
            opened = aim.Run(**options)
    # Of one that crashed Aim knows no end, as of those that it saw killed itself.
    ended = None if run.status in ("crashed", "running") else run.end_time
    opened._resources.set_run_end_time = lambda: opened.meta_run_tree.__setitem__("end_time", ended)
    try:
        yield opened
    finally:
        opened.close()


def _write(run, repo, report):
    from aim.sdk.index_manager import RepoIndexManager

    with _opened(run, repo) as to:
        if run.name != f"Run: {run.hash}":
            to.name = run.name
        to.description = run.description
        to.experiment = run.experiment
        to.archived = run.archived
        for tag in set(run.tags) - set(to.tags):
            to.add_tag(tag)
        for key, value in run[...].items():
            to.set(key, _param(value, report))
        for metric in run.metrics():
            _metric(metric, to, report)
        for kind in _OBJECTS:
            for sequence in run.repo._objects_of(run, kind):
                _sequence(kind, sequence, to, report)
        _logs(run, to)
        report.lost["failures and interruptions, which are ends of runs there"] += run.status in ("failed", "interrupted")
        report.lost["notes"] += len(run.repo.notes(run.hash))
    report.lost = +report.lost
    RepoIndexManager.get_index_manager(repo).index(run.hash)


def _param(value, report):
    """A param as Aim takes it: whole numbers of 64 bits at most, the rest as text."""
    if isinstance(value, dict):
        return {key: _param(item, report) for key, item in value.items()}
    if isinstance(value, list):
        return [_param(item, report) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        report.lost["whole numbers of more than 64 bits, which are texts there"] += 1
        return str(value)
    return value


def _metric(metric, to, report):
    columns = metric.columns()
    context = metric.context.to_dict()
    for step, value, epoch, time in zip(*(c.tolist() for c in (columns.steps, columns.values, columns.epochs, columns.times))):
        epoch = None if epoch == EPOCH_NONE else epoch
        to._tracker._track(value, time, metric.name, step, epoch, context=context)
        report.points += 1


def _sequence(kind, sequence, to, report):
    context = sequence.context.to_dict()
    points = {}
    for found in sequence.objects():
        points.setdefault(found.step, []).append(found)
    for step, objects in points.items():
        values = [_object(kind, one) for one in objects]
        if None in values:
            report.lost[f"{kind} of formats that Aim does not have"] += len(objects)
        elif step < 0:
            report.lost[f"{kind} at negative steps"] += len(objects)
        else:
            # A list once is a list for ever.
            is_list = sequence.record_max_length > 1
            value = values if is_list else values[0]
            to._tracker._track(value, objects[0].time, sequence.name, step, objects[0].epoch, context=context)
            report.objects += len(objects)
            report.lost["what is known beside objects, boxes and the like"] += sum(bool(one.meta) for one in objects)


def _made(kind, **stored):
    """An object of Aim's with these bytes, which its constructors would encode anew."""
    from aim.storage.object import CustomObject

    one = kind.__new__(kind)
    CustomObject.__init__(one)
    for key, value in stored.items():
        one.storage[key] = value
    return one


def _object(kind, found):
    """The object of Aim's, or None if there is none."""
    import aim
    from aim.storage.types import BLOB

    data = bytes(found.data)
    if kind == "images" and found.format in ("png", "jpeg", "gif", "webp", "bmp"):
        picture = found.to_pil_image()
        sides = {"width": picture.width, "height": picture.height}
        about = {"source": "PIL.Image", "mode": picture.mode, "format": found.format, "caption": found.caption}
        return _made(aim.Image, data=BLOB(data=data), **about, **sides)
    if kind == "texts":
        return aim.Text(found.text)
    if kind == "audios" and found.format in ("mp3", "wav", "flac"):
        return _made(aim.Audio, data=BLOB(data=data), format=found.format, caption=found.caption)
    if kind == "figures" and found.format == "plotly":
        about = {"source": "plotly", "version": "unknown", "format": "raw_json"}
        return _made(aim.Figure, data=BLOB(data=data.decode()), **about)
    if kind == "distributions":
        import numpy

        weights, edges = found.to_np_histogram()
        even = numpy.linspace(edges[0], edges[-1], len(edges))
        if numpy.allclose(edges, even, rtol=1e-9, atol=1e-9 * abs(edges[-1] - edges[0])):
            return aim.Distribution(hist=weights, bin_range=(edges[0], edges[-1]))
    return None


def _logs(run, to):
    from aim.ext.resource.log import LogLine
    from aim.sdk.logging import LogRecord

    for step, record in enumerate(run.get_log_records()):
        place = (record.file or "", record.line or 0)
        value = LogRecord(record.text, record.level, record.time, place)
        to._tracker._track(value, record.time, "__log_records", step)
    for step, line in enumerate(run.get_terminal_logs()):
        to._tracker._track(LogLine(line.text), line.time, "logs", step)


def main():
    query = ("query", "which runs: an expression: default: all", "?")
    parser = arguments(__doc__, ("target", "the directory that holds .aim, or will", None), query)
    given = parser.parse_args()

    def export():
        with Repo(given.repo or Repo.default_repo_path()) as repo:
            return export_repo(repo, given.target, given.query or "run.archived in (True, False)")

    carry_out(export, "aim")


if __name__ == "__main__":
    main()

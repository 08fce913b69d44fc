"""Writes runs into MLflow, through its own client: the package mlflow, version 2 or 3, must be installed.

python -m libaim.export_mlflow URI [QUERY] takes any tracking URI: sqlite:///mlflow.db, http://host:5000, a directory. MLflow
gives ids of its own; a run that was exported before is known by its tag libaim.hash and left as it is, unless that export did
not come to its end.
"""

import json
import os
import re
import sys
import tempfile

from ._exchange import Report, arguments, carry_out
from .repo import Repo
from .run import EPOCH_NONE

_BATCH = 1000
_PARAMS = 100
_LONGEST_PARAM = 6000
_LONGEST_KEY = 250
_STATUSES = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED", "crashed": "FAILED", "running": "RUNNING"}
_OBJECTS = ("images", "texts", "audios", "distributions", "figures", "videos", "tables", "arrays")
_ENDINGS = {"text": "txt", "markdown": "md", "plotly": "json", "vega-lite": "json"}


def export_to(uri, repo, query=""):
    """Exports the runs of `repo` that `query` selects, archived ones too if it mentions them. Returns a `Report`."""
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    report = Report("exported")
    for found in repo.query_runs(query).iter_runs():
        run = found.run
        experiment = client.get_experiment_by_name(run.experiment)
        experiment = experiment.experiment_id if experiment else client.create_experiment(run.experiment)
        known = client.search_runs([experiment], f"tags.`libaim.hash` = '{run.hash}'", run_view_type=3)
        for unfinished in known:
            if "libaim.exported" not in unfinished.data.tags:
                client.delete_run(unfinished.info.run_id)
        if any("libaim.exported" in one.data.tags for one in known):
            report.lost["runs that are there already, left as they are"] += 1
            continue
        _write(run, client, experiment, report)
        report.runs += 1
    return report


def _write(run, client, experiment, report):
    tags = {"libaim.hash": run.hash, "mlflow.source.name": "libaim"}
    if run.description:
        tags["mlflow.note.content"] = run.description
    tags.update((f"libaim.tag.{_key(tag)}", tag) for tag in run.tags)
    if run.status in ("crashed", "interrupted"):
        tags["libaim.status"] = run.status
    named = None if run.name == f"Run: {run.hash}" else run.name
    begun = _milliseconds(run.creation_time)
    run_id = client.create_run(experiment, start_time=begun, tags=tags, run_name=named).info.run_id
    _params(run, client, run_id, report)
    for metric in run.metrics():
        _metric(metric, client, run_id, report)
    with tempfile.TemporaryDirectory() as scratch:
        for kind in _OBJECTS:
            for sequence in run.repo._objects_of(run, kind):
                _files(kind, sequence, client, run_id, scratch, report)
    logs = len(run.get_log_records()) + len(run.get_terminal_logs())
    report.lost["log records and lines of terminals"] += logs
    report.lost["notes"] += len(run.repo.notes(run.hash))
    report.lost = +report.lost
    client.set_tag(run_id, "libaim.exported", "all")
    ended = run.end_time
    if ended is not None:
        client.set_terminated(run_id, _STATUSES[run.status], _milliseconds(ended))
    if run.archived:
        client.delete_run(run_id)


def _milliseconds(seconds):
    return round(seconds * 1000)


def _key(name):
    """A name as MLflow takes it: letters, digits, `_-. :/`, and no path that leads anywhere else."""
    name = re.sub(r"[^\w\-. :/]", "_", name)
    name = "/".join(part if part.strip(".") else "_" for part in name.split("/"))
    return name[:_LONGEST_KEY]


def _leaves(key, value):
    if isinstance(value, dict) and value:
        for below, item in value.items():
            yield from _leaves(f"{key}.{below}", item)
    else:
        yield key, value if isinstance(value, str) else str(value)


def _params(run, client, run_id, report):
    from mlflow.entities import Param

    found = {}
    for top, value in run[...].items():
        for name, text in _leaves(top, value):
            key = _key(name)
            if key in found:
                report.lost["params whose names MLflow does not tell apart"] += 1
            elif len(text) > _LONGEST_PARAM:
                report.lost[f"params of more than {_LONGEST_PARAM} characters"] += 1
            else:
                found[key] = Param(key, text)
    params = list(found.values())
    for i in range(0, len(params), _PARAMS):
        client.log_batch(run_id, params=params[i : i + _PARAMS])


def _called(name, context):
    """A metric's name with its context: `loss`, `loss/subset:val`."""
    parts = [f"{key}:{value if isinstance(value, str) else json.dumps(value)}" for key, value in context.items()]
    return _key("/".join([name, *parts]))


def _metric(metric, client, run_id, report):
    from mlflow.entities import Metric

    name = _called(metric.name, metric.context.to_dict())
    if name.startswith("__system__"):
        name = "system/" + name[len("__system__") :]
    columns = metric.columns()
    report.lost["epochs"] += int((columns.epochs != EPOCH_NONE).sum())
    rows = list(zip(*(c.tolist() for c in (columns.values, columns.times, columns.steps))))
    for i in range(0, len(rows), _BATCH):
        batch = [Metric(name, value, _milliseconds(time), step) for value, time, step in rows[i : i + _BATCH]]
        client.log_batch(run_id, metrics=batch)
    report.points += len(rows)


def _files(kind, sequence, client, run_id, scratch, report):
    """Objects as artifacts: `images/NAME/STEP.png`."""
    place = f"{kind}/{_called(sequence.name, sequence.context.to_dict())}"
    for found in sequence.objects():
        index = f"-{found.index}" if sequence.record_max_length > 1 else ""
        if kind == "distributions":
            weights, edges = found.to_np_histogram()
            data = json.dumps({"weights": weights.tolist(), "edges": edges.tolist(), **found.summary()}).encode()
            ending = "json"
        else:
            data, ending = found.data, _ENDINGS.get(found.format, found.format)
        path = os.path.join(scratch, f"{found.step}{index}.{ending}")
        with open(path, "wb") as file:
            file.write(data)
        client.log_artifact(run_id, path, place)
        os.remove(path)
        report.objects += 1
        report.lost["captions"] += bool(found.caption)


def main():
    query = ("query", "which runs: an expression: default: all", "?")
    parser = arguments(__doc__, ("uri", "the tracking URI: sqlite:///mlflow.db, http://host:5000", None), query)
    given = parser.parse_args()

    def export():
        with Repo(given.repo or Repo.default_repo_path()) as repo:
            return export_to(given.uri, repo, given.query or "run.archived in (True, False)")

    try:
        carry_out(export, "mlflow")
    except Exception as error:
        if type(error).__module__.startswith("mlflow."):
            sys.exit(f"error: MLflow refuses it: {error}")
        raise


if __name__ == "__main__":
    main()

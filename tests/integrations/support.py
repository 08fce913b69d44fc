"""What the tests share."""

import libaim


def only_run(path):
    """The one run of a repository."""
    (run,) = libaim.Repo(path).iter_runs()
    return run


def points(run):
    """All points of a run: {(name, context as JSON): (steps, values)}."""
    return {(metric.name, metric.context.json): metric.values.sparse_list() for metric in run.metrics()}

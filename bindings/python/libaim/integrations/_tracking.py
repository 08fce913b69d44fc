"""What the adapters have in common: the run that they track in."""

from ..run import Run


class Tracking:
    """A run that is opened when it is first needed, and again when it is needed after it was closed.

    repo, experiment  where the run is made, as for `Run`; `experiment_name` is the same as `experiment`.
    run               an open `Run` to track in, which stays open; else a new one.
    Other arguments are those of `Run`, such as `system_tracking_interval`.
    """

    def _track_in(self, run=None, *, experiment=None, experiment_name=None, **options):
        if None not in (experiment, experiment_name):
            raise TypeError("experiment and experiment_name are the same: give one of them")
        self._lent = run is not None
        self._run = run
        self._hash = None
        self._options = {**options, "experiment": experiment_name if experiment is None else experiment}

    @property
    def experiment(self):
        """The `Run` that is tracked in."""
        if self._run is None:
            if self._hash is None:
                self._run = Run(**self._options)
                self._hash = self._run.hash
            else:
                self._run = Run(self._hash, repo=self._options.get("repo"))
        return self._run

    def close(self, status=None):
        """Ends the run, or only stores what is tracked in a run that was lent."""
        run = self._run
        if run is None:
            return
        if self._lent:
            run.flush()
            return
        self._run = None
        run.close(status)


def subset_of(name, prefixes):
    """A name without the prefix that tells a subset, and the subset, None if there is no such prefix."""
    for prefix, subset in prefixes.items():
        if name.startswith(prefix) and len(name) > len(prefix):
            return name[len(prefix) :], subset
    return name, None


def is_number(value):
    """Whether a value that a library reports is one that a metric takes."""
    if isinstance(value, (str, bytes, type(None))):
        return False
    try:
        float(value)
    except (TypeError, ValueError, RuntimeError):
        return False
    return True

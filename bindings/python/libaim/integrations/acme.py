"""Acme: `AimWriter(AimCallback(), label, steps_key, task_id)` in a logger factory."""

from acme.utils.loggers.base import Logger

from ._tracking import Tracking, is_number


class AimCallback(Tracking):
    """The run that the loggers of an experiment write to. `args` are its params.

    Other arguments are those of `Run`, and `run`, an open one. `close()` ends the run, or the end of the program.
    """

    def __init__(self, repo=None, experiment_name=None, run=None, args=None, **options):
        self._track_in(run, repo=repo, experiment_name=experiment_name, **options)
        for key, value in (args or {}).items():
            self.experiment.set(key, value, strict=False)

    def track(self, logs, step=None, context=None):
        """Tracks what of a dictionary is numbers."""
        for name, value in logs.items():
            if is_number(value):
                self.experiment.track(value, name, step, context=context)


class AimWriter(Logger):
    """A logger of Acme's. Its label is the context, `{"logger_label": …}`, and `{"task_id": …}` where there is one; what the
    library counts by `steps_key` is the step.

    aim_run     an `AimCallback`, or an open `Run`. It stays open when the logger closes, as loggers share it.
    """

    def __init__(self, aim_run, logger_label, steps_key=None, task_id=None):
        self.aim_run = aim_run if isinstance(aim_run, AimCallback) else AimCallback(run=aim_run)
        self.logger_label = logger_label
        self.steps_key = steps_key
        self.task_id = task_id
        self._context = {"logger_label": logger_label}
        if task_id is not None:
            self._context["task_id"] = task_id

    def write(self, data):
        step = data.get(self.steps_key)
        self.aim_run.track(data, None if step is None else int(step), self._context)

    def close(self):
        self.aim_run.experiment.flush()

"""CatBoost: `model.fit(…, callbacks=[AimCallback()])`; on a GPU, which takes no callbacks, `log_cout=AimLogger()`."""

import re
import sys

import catboost  # noqa: F401, which this is for

from ._tracking import Tracking


class AimCallback(Tracking):
    """Tracks every metric of every data set at its iteration, with the context `{"log": "learn"}`, `"validation"` and so on.

    Arguments are those of `Run`, and `run`, an open one. It does not learn when training ends: `close()` ends the run.
    """

    def __init__(self, repo=None, experiment=None, run=None, **options):
        self._track_in(run, repo=repo, experiment=experiment, **options)

    def after_iteration(self, info):
        for data_name, metrics in info.metrics.items():
            for name, values in metrics.items():
                self.experiment.track(values[-1], name, info.iteration - 1, context={"log": data_name})
        return True


class AimLogger(Tracking):
    """Reads metrics out of what CatBoost prints, which it passes on to `log_cout`, by default the standard output: the metric
    `loss_function` with the contexts `{"log": "learn"}`, `"test"` and `"best"`, at their iterations.

    Other arguments are those of `Run`, and `run`, an open one. `close()` ends the run.
    """

    def __init__(self, loss_function="Loss", repo=None, experiment=None, run=None, log_cout=None, **options):
        self._track_in(run, repo=repo, experiment=experiment, **options)
        self._out = log_cout
        self._loss_function = loss_function

    def write(self, log):
        (self._out or sys.stdout).write(log)
        step = re.match(r"\s*(\d+):\s", log)
        if step is None:
            return
        for what, value in re.findall(r"\b(learn|test|best):\s*(\S+)", log):
            self.experiment.track(float(value), self._loss_function, int(step[1]), context={"log": what})

    def flush(self):
        (self._out or sys.stdout).flush()

"""Optuna: `study.optimize(…, callbacks=[AimCallback()])`."""

import functools
import threading

from optuna.trial import TrialState

from ..run import Run
from ._tracking import Tracking, is_number

_STATUS = {TrialState.FAIL: "failed", TrialState.PRUNED: "interrupted"}


class AimCallback(Tracking):
    """Tracks a study as one run: params that are numbers and values of each trial as metrics, with the trial's number as
    step, and the params of all trials under `trials`.

    metric_name     name of the value, or names of the values, of a trial. One name for several is numbered.
    as_multirun     a run for each trial instead, with its params as `hparams`, its values as params, and the values it
                    reported as points of `metric_name`. A trial that fails is a failed run, one that is pruned an
                    interrupted one.
    Other arguments are those of `Run`, and `run`, an open one. `close()` ends the run of a study.
    """

    def __init__(self, metric_name="value", as_multirun=False, repo=None, experiment_name=None, run=None, **options):
        if as_multirun and run is not None:
            raise ValueError("as_multirun makes a run for each trial: it takes no run")
        self._metric_name = metric_name
        self._as_multirun = as_multirun
        self._trials = threading.local()  # the run of each thread's trial
        self._track_in(run, repo=repo, experiment_name=experiment_name, **options)

    @property
    def experiment(self):
        """The `Run` that is tracked in; within an objective that `track_in_aim` wraps, the one of the trial."""
        return getattr(self._trials, "run", None) or super().experiment

    def track_in_aim(self):
        """A decorator of an objective, which opens the run of a trial before it: what it tracks in `experiment` goes into
        the trial's run."""

        def decorator(objective):
            @functools.wraps(objective)
            def wrapper(trial):
                if self._as_multirun:
                    self._trials.run = self._run_of(trial)
                return objective(trial)

            return wrapper

        return decorator

    def __call__(self, study, trial):
        values = dict(zip(self._names(len(trial.values)), trial.values)) if trial.values else {}
        about = {"study_name": study.study_name, "direction": [direction.name for direction in study.directions]}
        if self._as_multirun:
            self._end_trial(trial, values, about)
            return
        run = self.experiment
        if not trial.number or "study_name" not in run:
            run["study_name"], run["hparams"] = about["study_name"], {"direction": about["direction"]}
        run.set(("trials", str(trial.number)), {**trial.params, "state": trial.state.name}, strict=False)
        for name, value in {**trial.params, **values}.items():
            if is_number(value):
                run.track(value, name, trial.number)

    def _run_of(self, trial):
        run = Run(**self._options)
        run.name = f"trial-{trial.number}"
        return run

    def _end_trial(self, trial, values, about):
        run = getattr(self._trials, "run", None) or self._run_of(trial)
        self._trials.run = None
        run["study_name"] = about["study_name"]
        run.set("hparams", {"direction": about["direction"], **trial.params}, strict=False)
        run["trial_number"] = trial.number
        for name, value in values.items():
            run[(name,)] = value
        for step, value in trial.intermediate_values.items():
            run.track(value, self._names(1)[0], step)
        run.close(_STATUS.get(trial.state))

    def _names(self, count):
        if isinstance(self._metric_name, str):
            return [self._metric_name] if count == 1 else [f"{self._metric_name}_{i}" for i in range(count)]
        if len(self._metric_name) != count and count > 1:
            raise ValueError(f"there are {len(self._metric_name)} names for {count} values of a trial")
        return list(self._metric_name)

"""XGBoost: `xgboost.train(…, callbacks=[AimCallback()])`, and the same for `cv` and the estimators."""

import json

from xgboost.callback import TrainingCallback

from ._tracking import Tracking


class AimCallback(Tracking, TrainingCallback):
    """Tracks every metric of every data set at its iteration, counted on where
    training goes on with a model, with the context `{"data_name": …}`; of a cross-validation
    the mean, and the standard deviation with `"stdv": True`. The param `xgboost` is the booster's configuration.

    Arguments are those of `Run`, and `run`, an open one.
    """

    def __init__(self, repo=None, experiment=None, run=None, **options):
        TrainingCallback.__init__(self)
        self._track_in(run, repo=repo, experiment=experiment, **options)

    def before_training(self, model):
        self._first = 0
        if hasattr(model, "save_config"):  # not what `cv` trains
            self._first = model.num_boosted_rounds()  # of the model that training goes on with
            self.experiment["xgboost"] = _typed(json.loads(model.save_config())["learner"])
        return model

    def after_iteration(self, model, epoch, evals_log):
        step = self._first + epoch
        for data_name, metrics in evals_log.items():
            context = {"data_name": data_name}
            for name, values in metrics.items():
                last = values[-1]
                if isinstance(last, tuple):
                    self.experiment.track(last[0], name, step, context={**context, "stdv": False})
                    self.experiment.track(last[1], name, step, context={**context, "stdv": True})
                else:
                    self.experiment.track(last, name, step, context=context)
        return False

    def after_training(self, model):
        best = getattr(model, "attr", lambda name: None)("best_iteration")
        if best is not None:
            self.experiment["best_iteration"] = int(best)
        self.close()
        return model


def _typed(value):
    """A configuration in which numbers are text, with numbers."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                pass
    return value

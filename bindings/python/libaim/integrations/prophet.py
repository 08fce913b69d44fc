"""Prophet: `AimLogger(model)`, with metrics that you compute."""

from ._tracking import Tracking


class AimLogger(Tracking):
    """The settings of a model, which is not trained step by step, are the param `hparams`; `track_metrics` tracks what was
    found of it.

    Arguments but the model are those of `Run`, and `run`, an open one. `close()` ends the run, or the end of the program.
    """

    def __init__(self, prophet_model, repo=None, experiment=None, run=None, **options):
        self._track_in(run, repo=repo, experiment=experiment, **options)
        plain = (bool, int, float, str, list, tuple, dict, type(None))
        hparams = {name: value for name, value in vars(prophet_model).items() if isinstance(value, plain)}
        self.experiment.set("hparams", hparams, strict=False)

    def track_metrics(self, metrics, context=None):
        """Tracks the values of a dictionary; without a context they are of the validation, `{"subset": "val"}`."""
        for name, value in metrics.items():
            self.experiment.track(value, name, context={"subset": "val"} if context is None else context)

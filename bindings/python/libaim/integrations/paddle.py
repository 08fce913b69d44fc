"""PaddlePaddle: `Model.fit(…, callbacks=[AimCallback()])`."""

from paddle.callbacks import Callback

from ._tracking import Tracking, is_number

# What a batch tells beside its metrics.
_NO_METRICS = ("step", "batch_size", "samples")


class AimCallback(Tracking, Callback):
    """Tracks what the model measures: of each batch with the context `{"subset": "train"}`, of each evaluation with `"valid"`.
    The step is the number of the batch since training began. The param `hparams` is what `fit` was told.

    Arguments are those of `Run`, and `run`, an open one. The run stays open after training, as an evaluation may follow:
    `close()` ends it, or the end of the program.
    """

    def __init__(self, repo=None, experiment_name=None, run=None, **options):
        Callback.__init__(self)
        self._track_in(run, repo=repo, experiment_name=experiment_name, **options)
        self._batches = 0
        self._epoch = None

    def on_train_begin(self, logs=None):
        self.experiment.set("hparams", self.params, strict=False)

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_train_batch_end(self, step, logs=None):
        self._track(logs, "train")
        self._batches += 1

    def on_eval_end(self, logs=None):
        self._track(logs, "valid")

    def on_train_end(self, logs=None):
        self.experiment.flush()

    def _track(self, logs, subset):
        for name, value in (logs or {}).items():
            values = value if isinstance(value, (list, tuple)) else [value]
            if name in _NO_METRICS or not all(map(is_number, values)):
                continue
            # Several losses, or accuracies of several ranks, are told apart by their numbers.
            for number, one in enumerate(values):
                context = {"subset": subset} if len(values) == 1 else {"subset": subset, "output": number}
                self.experiment.track(float(one), name, self._batches, self._epoch, context=context)

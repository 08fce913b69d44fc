"""MXNet: `Estimator.fit(…, event_handlers=[AimLoggingHandler(metrics=estimator.train_metrics)])`."""

from mxnet.gluon.contrib.estimator import BatchEnd, EpochBegin, EpochEnd, TrainBegin, TrainEnd
from mxnet.gluon.contrib.estimator.utils import _check_metrics

from ._tracking import Tracking


class AimLoggingHandler(Tracking, TrainBegin, TrainEnd, EpochBegin, EpochEnd, BatchEnd):
    """Tracks metrics of Gluon's estimator, with the contexts `{"subset": "training"}` and `"validation"`. The step is the
    number of the batch since training began. The param `hparams` is what the estimator was told.

    log_interval    'epoch', or the number of batches after which the training's metrics are tracked, too.
    metrics         those of the estimator to track. None: all of them.
    priority        handlers are called in ascending order of it.
    Other arguments are those of `Run`, and `run`, an open one.
    """

    def __init__(
        self,
        log_interval="epoch",
        repo=None,
        experiment_name=None,
        run=None,
        metrics=None,
        priority=float("inf"),
        **options,
    ):
        if log_interval != "epoch" and (not isinstance(log_interval, int) or log_interval < 1):
            raise ValueError(f"log_interval must be 'epoch' or a number of batches, not {log_interval!r}")
        self.metrics = _check_metrics(metrics)
        self.priority = priority
        self.log_interval = log_interval
        self.current_epoch = self.batch_index = 0
        self._track_in(run, repo=repo, experiment_name=experiment_name, **options)

    def train_begin(self, estimator, *args, **kwargs):
        self.current_epoch = self.batch_index = 0
        if not self.metrics:
            self.metrics = [*estimator.train_metrics, *estimator.val_metrics]
        hparams = {
            "arch": estimator.net.name,
            "loss": estimator.loss.name,
            "optimizer": type(estimator.trainer.optimizer).__name__,
            "lr": estimator.trainer.learning_rate,
            "max_epoch": estimator.max_epoch,
            "max_batch": estimator.max_batch,
        }
        self.experiment.set("hparams", hparams, strict=False)

    def epoch_begin(self, estimator, *args, **kwargs):
        rate = estimator.trainer.learning_rate
        self.experiment.track(rate, "learning_rate", self.batch_index, self.current_epoch, context={"subset": "training"})

    def batch_end(self, estimator, *args, **kwargs):
        if self.log_interval != "epoch" and self.batch_index % self.log_interval == 0:
            self._track(self.batch_index, "training ")
        self.batch_index += 1

    def epoch_end(self, estimator, *args, **kwargs):
        self._track(self.batch_index - 1, "")
        self.current_epoch += 1

    def train_end(self, estimator, *args, **kwargs):
        self.close()

    def _track(self, step, prefix):
        """Tracks the metrics whose names begin so; of those that measured nothing yet there is nothing."""
        for metric in self.metrics:
            if not metric.name.startswith(prefix) or not metric.num_inst:
                continue
            name, value = metric.get()
            subset, space, rest = name.partition(" ")
            context = {"subset": subset} if space else None
            self.experiment.track(value, rest or name, step, self.current_epoch, context=context)

"""fastai: `learner.fit(…, cbs=AimCallback())`."""

from fastai.callback.core import Callback

from ._tracking import Tracking, is_number


class AimCallback(Tracking, Callback):
    """Tracks the loss and the optimizer's params of every training batch, and what the recorder has after an epoch, with the
    contexts `{"subset": "train"}` and `"val"`. The params `hparams` are batch size, epochs, loss and optimizer.

    Arguments are those of `Run`, and `run`, an open one.
    """

    order = 60  # after the recorder

    def __init__(self, repo=None, experiment_name=None, run=None, **options):
        Callback.__init__(self)
        self._track_in(run, repo=repo, experiment_name=experiment_name, **options)

    def before_fit(self):
        learn = self.learn
        self.experiment.set(
            "hparams",
            {
                "batch_size": getattr(learn.dls, "bs", None),
                "batches": len(learn.dls.train),
                "epochs": learn.n_epoch,
                "loss": getattr(learn.loss_func, "__name__", type(learn.loss_func).__name__),
                "optimizer": getattr(learn.opt_func, "__name__", repr(learn.opt_func)),
            },
            strict=False,
        )

    def after_batch(self):
        if not self.training:
            return
        context = {"subset": "train"}
        self.experiment.track(self.learn.loss, "train_loss", self.train_iter, self.epoch, context=context)
        for number, hypers in enumerate(self.opt.hypers):
            for name, value in hypers.items():
                if is_number(value):
                    self.experiment.track(value, f"{name}_{number}", self.train_iter, self.epoch, context=context)

    def after_epoch(self):
        recorder = self.learn.recorder
        for name, value in zip(recorder.metric_names[1:], self.learn.recorder.log[1:]):
            if is_number(value):
                subset = "train" if name.startswith("train_") else "val"
                self.experiment.track(
                    value, name, self.train_iter, self.epoch, context={"subset": subset, "of": "epoch"}
                )

    def after_fit(self):
        self.close()

"""Keras: `model.fit(…, callbacks=[AimCallback()])`."""

from keras.callbacks import Callback

from ._tracking import Tracking


class AimCallback(Tracking, Callback):
    """Tracks what an epoch ends with, and the learning rate, with the contexts `{"subset": "train"}` and `"val"`; the epoch
    is the step. The params `hparams` are those of the optimizer and of `fit`.

    Arguments are those of `Run`, and `run`, an open one.
    """

    def __init__(self, repo=None, experiment=None, run=None, **options):
        Callback.__init__(self)
        self._track_in(run, repo=repo, experiment=experiment, **options)

    def on_train_begin(self, logs=None):
        optimizer = self.model.optimizer
        hparams = {"optimizer": optimizer.get_config(), **self.params}
        self.experiment.set("hparams", hparams, strict=False)

    def on_epoch_end(self, epoch, logs=None):
        for name, value in (logs or {}).items():
            context = self.context_of("val" if name.startswith("val_") else "train")
            self.experiment.track(value, name.removeprefix("val_"), epoch, epoch, context=context)
        if "learning_rate" not in (logs or {}):
            rate = float(self.model.optimizer.learning_rate)
            self.experiment.track(rate, "learning_rate", epoch, epoch, context=self.context_of("train"))

    def on_train_end(self, logs=None):
        self.close()

    def context_of(self, subset):
        """The context of what is measured on a part of the data."""
        return {"subset": subset}


AimTracker = AimCallback  # its name in earlier versions of Aim

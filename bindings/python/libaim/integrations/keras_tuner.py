"""KerasTuner: `tuner.search(…, callbacks=[AimCallback(tuner)])`."""

from . import keras


class AimCallback(keras.AimCallback):
    """A run for each trial, which has what `libaim.integrations.keras` tracks, the trial's hyperparameters among the params
    `hparams`, and its id as `trial_id`. A trial that fails is a failed run. Where a trial trains several times, the contexts
    tell which by `"execution"`.

    tuner       the tuner that searches.
    Other arguments are those of `Run`.
    """

    def __init__(self, tuner, repo=None, experiment=None, **options):
        super().__init__(repo, experiment, **options)
        self.tuner = tuner
        self._trial = None
        self._execution = 0

    def __deepcopy__(self, _):
        # A tuner trains each time with a copy; this one tells the trials apart by itself.
        return self

    def on_train_begin(self, logs=None):
        trial = self.tuner.oracle.ongoing_trials[self.tuner.tuner_id]
        if trial.trial_id == self._trial:
            self._execution += 1
        else:
            self.close("failed")  # of which no end was told
            self._trial, self._execution, self._hash = trial.trial_id, 0, None
        super().on_train_begin(logs)
        self.experiment["trial_id"] = trial.trial_id
        for name, value in trial.hyperparameters.values.items():
            self.experiment.set(("hparams", name), value, strict=False)

    def context_of(self, subset):
        context = super().context_of(subset)
        return {**context, "execution": self._execution} if self._execution else context

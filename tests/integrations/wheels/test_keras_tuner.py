import keras
import keras_tuner
import pytest

import libaim
from libaim.integrations.keras_tuner import AimCallback
from snippets import run_snippets
from support import points


def build(hp):
    units = hp.Int("units", 1, 3)
    if units == 2:
        raise keras_tuner.errors.FailedTrialError("two are not enough")
    model = keras.Sequential([keras.layers.Dense(units, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    return model


def test_a_run_for_each_trial(path, data):
    tuner = keras_tuner.GridSearch(build, "val_loss", directory=path / "tuner", max_trials=3, executions_per_trial=2)
    callback = AimCallback(tuner, experiment="search")
    tuner.search(*data, epochs=2, validation_split=0.25, verbose=0, callbacks=[callback])
    runs = {run["trial_id"]: run for run in libaim.Repo(path).iter_runs()}
    trials = {trial.trial_id: trial for trial in tuner.oracle.trials.values() if trial.status == "COMPLETED"}
    assert set(runs) == set(trials) and len(runs) == 2
    for name, run in runs.items():
        assert (run.experiment, run.status) == ("search", "finished")
        assert run["hparams", "units"] == trials[name].hyperparameters.get("units") != 2
        losses = [points(run)["loss", context] for context in ('{"subset":"val"}', '{"execution":1,"subset":"val"}')]
        assert [steps for steps, _ in losses] == [[0, 1], [0, 1]]
        assert sum(min(values) for _, values in losses) / 2 == pytest.approx(trials[name].score)


def test_a_trial_that_fails_while_it_trains(path, data):
    tuner = keras_tuner.GridSearch(lambda hp: build_one(hp), "val_loss", directory=path / "tuner", max_trials=2)

    class Fails(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if self.model.layers[0].units == 1:
                raise keras_tuner.errors.FailedTrialError("one is too few")

    tuner.search(*data, epochs=1, validation_split=0.25, verbose=0, callbacks=[AimCallback(tuner), Fails()])
    runs = {run["hparams", "units"]: run.status for run in libaim.Repo(path).iter_runs()}
    assert runs == {1: "failed", 2: "finished"}


def build_one(hp):
    model = keras.Sequential([keras.layers.Dense(hp.Int("units", 1, 2)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    return model


def test_snippet(path):
    run_snippets("keras_tuner")
    runs = list(libaim.Repo(path).iter_runs())
    assert len(runs) == 3 and len({run["hparams", "lr"] for run in runs}) == 3

import keras
import pytest

from libaim.integrations.keras import AimCallback
from snippets import run_snippets
from support import only_run, points


def test_every_epoch(path, data):
    x, y = data
    model = keras.Sequential([keras.layers.Input((5,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.5, name="plain"), "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(
        x, y, epochs=3, validation_split=0.25, verbose=0, callbacks=[AimCallback(experiment="dense")]
    ).history
    run = only_run(path)
    assert points(run) == {
        (name, f'{{"subset":"{subset}"}}'): ([0, 1, 2], pytest.approx(values))
        for name, subset, values in [
            ("loss", "train", history["loss"]),
            ("loss", "val", history["val_loss"]),
            ("accuracy", "train", history["accuracy"]),
            ("accuracy", "val", history["val_accuracy"]),
            ("learning_rate", "train", [0.5] * 3),
        ]
    }
    assert run.get_metric("loss", {"subset": "val"}).columns().epochs.tolist() == [0, 1, 2]
    assert (run.status, run.experiment, run["hparams", "epochs"]) == ("finished", "dense", 3)
    assert run["hparams", "optimizer", "name"] == "plain"


def test_snippet(path):
    run_snippets("keras")
    assert only_run(path).get_metric("loss", {"subset": "val"}).info.count == 5

import lightgbm
import pytest

from libaim.integrations.lightgbm import AimCallback
from snippets import run_snippets
from support import only_run, points

PARAMS = {"objective": "binary", "metric": ["binary_logloss", "auc"], "verbosity": -1, "num_leaves": 7}


def test_every_iteration_of_every_set(path, data):
    x, y = data
    train = lightgbm.Dataset(x[:300], y[:300])
    results = {}
    callbacks = [AimCallback(experiment="trees"), lightgbm.record_evaluation(results)]
    lightgbm.train(
        PARAMS, train, 10, [train, train.create_valid(x[300:], y[300:])], ["train", "val"], callbacks=callbacks
    )
    run = only_run(path)
    assert points(run) == {
        (name, f'{{"data_name":"{data_name}"}}'): (list(range(10)), values)
        for data_name, metrics in results.items()
        for name, values in metrics.items()
    }
    assert (run.status, run.experiment, run["hparams", "num_leaves"]) == ("finished", "trees", 7)


def test_early_stopping(path, data):
    x, y = data
    train = lightgbm.Dataset(x[:300], y[:300])
    callback = AimCallback()
    stop = lightgbm.early_stopping(2, verbose=False)
    model = lightgbm.train(PARAMS, train, 500, train.create_valid(x[300:], y[300:]), callbacks=[stop, callback])
    callback.close()
    run = only_run(path)
    steps, _ = points(run)["auc", '{"data_name":"valid_0"}']
    assert run.status == "finished" and steps[-1] >= model.best_iteration + 1


def test_cross_validation(path, data):
    results = lightgbm.cv(
        PARAMS, lightgbm.Dataset(*data), 4, nfold=3, stratified=False, seed=1, callbacks=[AimCallback()]
    )
    found = points(only_run(path))
    assert found["auc-mean", '{"data_name":"valid"}'] == ([0, 1, 2, 3], pytest.approx(results["valid auc-mean"]))
    assert found["auc-stdv", '{"data_name":"valid"}'] == ([0, 1, 2, 3], pytest.approx(results["valid auc-stdv"]))


def test_snippet(path):
    run_snippets("lightgbm")
    assert len(only_run(path).metrics().dataframe()) == 20

import json

import pytest
import xgboost

import libaim
from libaim.integrations.xgboost import AimCallback
from snippets import run_snippets
from support import only_run, points


def matrices(data):
    x, y = data
    return xgboost.DMatrix(x[:300], y[:300]), xgboost.DMatrix(x[300:], y[300:])


def test_every_iteration_of_every_set(path, data):
    train, val = matrices(data)
    results = {}
    params = {"objective": "binary:logistic", "eval_metric": ["logloss", "auc"], "eta": 0.5, "seed": 1}
    sets = [(train, "train"), (val, "val")]
    xgboost.train(
        params,
        train,
        12,
        evals=sets,
        evals_result=results,
        callbacks=[AimCallback(experiment="trees")],
        verbose_eval=False,
    )
    run = only_run(path)
    assert points(run) == {
        (name, json.dumps({"data_name": data_name}, separators=(",", ":"))): (list(range(12)), values)
        for data_name, metrics in results.items()
        for name, values in metrics.items()
    }
    assert (run.experiment, run.status) == ("trees", "finished")
    assert run["xgboost", "gradient_booster", "tree_train_param", "eta"] == 0.5
    assert "best_iteration" not in run


def test_training_goes_on(path, data):
    train, val = matrices(data)
    params = {"objective": "binary:logistic"}
    with libaim.Run() as run:
        for _ in range(2):
            first = xgboost.train(
                params, train, 3, evals=[(val, "val")], verbose_eval=False, callbacks=[AimCallback(run=run)]
            )
        xgboost.train(
            params,
            train,
            2,
            evals=[(val, "val")],
            xgb_model=first,
            verbose_eval=False,
            callbacks=[AimCallback(run=run)],
        )
        assert run.active
    ((steps, _),) = points(only_run(path)).values()
    assert steps == [0, 1, 2, 3, 4]


def test_early_stopping(path, data):
    train, val = matrices(data)
    model = xgboost.train(
        {"objective": "binary:logistic", "eta": 1},
        train,
        200,
        evals=[(val, "val")],
        early_stopping_rounds=3,
        verbose_eval=False,
        callbacks=[AimCallback()],
    )
    run = only_run(path)
    assert run["best_iteration"] == model.best_iteration and run.status == "finished"


def test_cross_validation(path, data):
    train, _ = matrices(data)
    frame = xgboost.cv(
        {"objective": "binary:logistic"}, train, 4, nfold=3, as_pandas=False, seed=1, callbacks=[AimCallback()]
    )
    found = points(only_run(path))
    for subset in ("train", "test"):
        for stdv, what in (("false", "mean"), ("true", "std")):
            steps, values = found["logloss", f'{{"data_name":"{subset}","stdv":{stdv}}}']
            assert steps == [0, 1, 2, 3] and values == pytest.approx(frame[f"{subset}-logloss-{what}"])


def test_snippet(path):
    run_snippets("xgboost")
    assert len(only_run(path).metrics().dataframe()) == 40

"""Programs that make the calls of Aim's example scripts (https://github.com/aimhubio/aim, examples), with the imports changed as
the table on the Python binding's page says. The package on PyPI does not have the scripts, and they fetch their data sets, so
these are our own."""

import io

import catboost
import keras
import lightgbm
import optuna
import pytest
import xgboost

import libaim
from libaim.integrations.catboost import AimLogger
from libaim.integrations.keras import AimCallback as KerasCallback
from libaim.integrations.lightgbm import AimCallback as LightGBMCallback
from libaim.integrations.optuna import AimCallback as OptunaCallback
from libaim.integrations.xgboost import AimCallback as XGBoostCallback
from support import only_run, points


def test_xgboost(path, data):
    x, y = data
    train, test = xgboost.DMatrix(x[:280], label=y[:280]), xgboost.DMatrix(x[280:], label=y[280:])
    params = {"objective": "multi:softprob", "eta": 0.1, "max_depth": 6, "nthread": 2, "num_class": 2}
    callback = XGBoostCallback(experiment_name="example_experiment")
    xgboost.train(params, train, 5, [(train, "train"), (test, "test")], callbacks=[callback])
    run = only_run(path)
    assert run.experiment == "example_experiment" and run.status == "finished"
    assert points(run)["mlogloss", '{"data_name":"test"}'][0] == list(range(5))


def test_lightgbm(path, data):
    x, y = data
    train = lightgbm.Dataset(x[:300], y[:300])
    params = {"objective": "regression", "metric": ["l2", "l1"], "num_leaves": 31, "verbose": -1}
    seen = []

    class Callback(LightGBMCallback):
        def before_tracking(self, env):
            seen.append(("before", env.iteration))

        def after_tracking(self, env):
            seen.append(("after", env.iteration))

    callback = Callback(experiment_name="example_experiment", args={**params, "note": "mine"})
    stop = lightgbm.early_stopping(stopping_rounds=5, verbose=False)
    valid = lightgbm.Dataset(x[300:], y[300:], reference=train)
    lightgbm.train(params, train, num_boost_round=4, valid_sets=valid, callbacks=[callback, stop])
    run = only_run(path)
    assert (run.experiment, run["hparams", "num_leaves"], run["hparams", "note"]) == ("example_experiment", 31, "mine")
    assert points(run)["l1", '{"data_name":"valid_0"}'][0] == [0, 1, 2, 3]
    assert seen == [(when, i) for i in range(4) for when in ("before", "after")]


def test_catboost(path, data):
    model = catboost.CatBoostClassifier(
        iterations=2, depth=2, learning_rate=1, loss_function="Logloss", verbose=True, allow_writing_files=False
    )
    out = io.StringIO()
    logger = AimLogger(loss_function="Logloss", log_cout=out)
    model.fit(*data, log_cout=logger, logging_level="Info")
    logger.close()
    steps, values = points(only_run(path))["Logloss", '{"log":"learn"}']
    assert steps == [0, 1] and values == pytest.approx(model.evals_result_["learn"]["Logloss"], rel=1e-4)
    assert "learn: " in out.getvalue()


def test_optuna(path):
    callback = OptunaCallback(as_multirun=True, experiment_name="example_experiment_multi_run_with_decorator")

    @callback.track_in_aim()
    def objective(trial):
        x = trial.suggest_float("x", -10, 10)
        callback.experiment.track(2, name="power")
        callback.experiment.track(x - 2, name="base of metric")
        return (x - 2) ** 2

    optuna.create_study().optimize(objective, n_trials=3, callbacks=[callback])
    runs = list(libaim.Repo(path).iter_runs())
    assert len(runs) == 3 and {run.experiment for run in runs} == {"example_experiment_multi_run_with_decorator"}
    assert all({name for name, _ in points(run)} == {"power", "base of metric"} for run in runs)


def test_keras(path, data):
    model = keras.Sequential([keras.layers.Dense(2, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    callback = KerasCallback(experiment_name="example_experiment")
    model.fit(*data, batch_size=128, epochs=2, validation_split=0.1, verbose=0, callbacks=[callback])
    run = only_run(path)
    assert run.experiment == "example_experiment"
    assert points(run)["accuracy", '{"subset":"val"}'][0] == [0, 1]


def test_one_name_for_the_experiment():
    with pytest.raises(TypeError, match="are the same"):
        KerasCallback(experiment="a", experiment_name="b")

import catboost
import pytest

from libaim.integrations.catboost import AimCallback, AimLogger
from snippets import run_snippets
from support import only_run, points

PARAMS = {"iterations": 8, "loss_function": "Logloss", "custom_metric": ["AUC"], "allow_writing_files": False}


def test_every_iteration_of_every_set(path, data):
    x, y = data
    model = catboost.CatBoostClassifier(**PARAMS, logging_level="Silent")
    callback = AimCallback(experiment="trees")
    model.fit(x[:300], y[:300], eval_set=(x[300:], y[300:]), callbacks=[callback])
    callback.close()
    run = only_run(path)
    expected = {
        (name, f'{{"log":"{log}"}}'): (list(range(8)), pytest.approx(values))
        for log, metrics in model.get_evals_result().items()
        for name, values in metrics.items()
    }
    found = points(run)
    assert found == expected and len(found) == 3  # the learning set has no AUC
    assert (run.experiment, run.status) == ("trees", "finished")


def test_what_is_printed(path, data, capsys):
    x, y = data
    model = catboost.CatBoostClassifier(**PARAMS)
    logger = AimLogger("Logloss")
    model.fit(x[:300], y[:300], eval_set=(x[300:], y[300:]), log_cout=logger, logging_level="Verbose")
    logger.close()
    found = points(only_run(path))
    results = model.get_evals_result()
    assert found["Logloss", '{"log":"learn"}'] == (list(range(8)), pytest.approx(results["learn"]["Logloss"], rel=1e-5))
    assert found["Logloss", '{"log":"test"}'] == (
        list(range(8)),
        pytest.approx(results["validation"]["Logloss"], rel=1e-5),
    )
    assert found["Logloss", '{"log":"best"}'][1][-1] == pytest.approx(min(results["validation"]["Logloss"]), rel=1e-5)
    assert "7:\tlearn:" in capsys.readouterr().out


def test_snippet(path):
    run_snippets("catboost")
    assert len(only_run(path).metrics().dataframe()) == 40

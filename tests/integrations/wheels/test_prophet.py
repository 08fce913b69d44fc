from libaim.integrations.prophet import AimLogger
from prophet import Prophet
from snippets import run_snippets
from support import only_run, points


def test_settings_and_metrics(path):
    logger = AimLogger(Prophet(n_changepoints=7, growth="flat"), experiment="days")
    logger.track_metrics({"mse": 0.5, "mae": 0.25})
    logger.track_metrics({"mse": 0.4}, {"subset": "test"})
    logger.close()
    run = only_run(path)
    assert (run.experiment, run.status) == ("days", "finished")
    assert (run["hparams", "n_changepoints"], run["hparams", "growth"]) == (7, "flat")
    assert points(run) == {
        ("mse", '{"subset":"val"}'): ([0], [0.5]),
        ("mae", '{"subset":"val"}'): ([0], [0.25]),
        ("mse", '{"subset":"test"}'): ([0], [0.4]),
    }


def test_snippet(path):
    run_snippets("prophet")
    steps, values = points(only_run(path))["mae", '{"subset":"val"}']
    assert steps == [0] and values[0] < 1

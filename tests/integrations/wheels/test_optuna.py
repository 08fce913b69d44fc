import optuna
import pytest

import libaim
from libaim.integrations.optuna import AimCallback
from snippets import run_snippets
from support import only_run, points

optuna.logging.set_verbosity(optuna.logging.ERROR)


def objective(trial):
    lr, kind = trial.suggest_float("lr", 1e-4, 1, log=True), trial.suggest_categorical("kind", ["sgd", "adam"])
    for step in range(3):
        trial.report(lr / (step + 1), step)
    if trial.number == 1:
        raise optuna.TrialPruned
    if trial.number == 2:
        raise ValueError("no")
    return lr + (kind == "adam")


def study(**options):
    return optuna.create_study(study_name="lr search", sampler=optuna.samplers.RandomSampler(seed=1), **options)


def test_a_study_is_a_run(path):
    searched, callback = study(), AimCallback("accuracy", experiment_name="search")
    searched.optimize(objective, n_trials=5, callbacks=[callback], catch=ValueError)
    callback.close()
    run = only_run(path)
    done = [trial for trial in searched.trials if trial.values]
    assert points(run) == {
        ("accuracy", "{}"): ([trial.number for trial in done], [trial.value for trial in done]),
        ("lr", "{}"): (list(range(5)), [trial.params["lr"] for trial in searched.trials]),
    }
    assert run["study_name"] == "lr search" and run["hparams"] == {"direction": ["MINIMIZE"]}
    assert [run["trials", i, "state"] for i in "01234"] == ["COMPLETE", "PRUNED", "FAIL", "COMPLETE", "COMPLETE"]
    assert run["trials", "3", "kind"] == searched.trials[3].params["kind"]


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_trial_is_a_run(path, jobs):
    searched, callback = study(), AimCallback(as_multirun=True)

    @callback.track_in_aim()
    def tracked(trial):
        for step in range(4):
            callback.experiment.track(trial.number, "inside", step)
        return objective(trial)

    searched.optimize(tracked, n_trials=8, n_jobs=jobs, callbacks=[callback], catch=ValueError)
    runs = {run["trial_number"]: run for run in libaim.Repo(path).iter_runs()}
    assert sorted(runs) == list(range(8))
    for trial in searched.trials:
        run = runs[trial.number]
        assert run.name == f"trial-{trial.number}" and run["hparams"] == {"direction": ["MINIMIZE"], **trial.params}
        found = points(run)
        assert found["inside", "{}"] == ([0, 1, 2, 3], [trial.number] * 4)
        assert found["value", "{}"] == ([0, 1, 2], list(trial.intermediate_values.values()))
        assert run.get("value") == trial.value
        assert run.status == {1: "interrupted", 2: "failed"}.get(trial.number, "finished")


def test_several_values(path):
    searched = study(directions=["minimize", "maximize"])
    first, second = AimCallback(), AimCallback(["loss", "accuracy"])
    searched.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 2.0), n_trials=2, callbacks=[first, second])
    names = [{name for name, _ in points(callback.experiment)} for callback in (first, second)]
    assert names == [{"x", "value_0", "value_1"}, {"x", "loss", "accuracy"}]
    with pytest.raises(ValueError, match="3 names for 2 values"):
        searched.optimize(lambda trial: (1, 2), n_trials=1, callbacks=[AimCallback(["a", "b", "c"])])
    with pytest.raises(ValueError, match="takes no run"):
        AimCallback(as_multirun=True, run=first.experiment)


def test_snippet(path):
    run_snippets("optuna")
    assert len(libaim.Repo(path).query_runs("run.hparams.lr > 0")) == 10

import csv

import pytest
from stable_baselines3 import A2C
from stable_baselines3.common.logger import configure

from libaim.integrations.stable_baselines3 import AimCallback
from snippets import run_snippets
from support import only_run, points


def test_snippet(path):
    run_snippets("stable_baselines3")
    run = only_run(path)
    found = points(run)
    steps = list(range(40, 401, 40))
    assert found["ep_rew_mean", '{"tag":"rollout"}'][0] == steps
    assert found["iterations", '{"tag":"time"}'] == (steps, [5 * i for i in range(1, 11)])
    assert (run["hparams", "algo"], run["hparams", "n_steps"], run.experiment) == ("A2C", 8, "cart")
    assert run.status == "finished"


def test_what_its_own_logger_writes(path):
    model = A2C("MlpPolicy", "CartPole-v1", n_steps=8, seed=1, device="cpu")
    model.set_logger(configure(str(path / "log"), ["csv"]))
    callback = AimCallback()
    for _ in range(2):
        model.learn(200, callback=callback, log_interval=5, reset_num_timesteps=False)
    found = points(only_run(path))
    with open(path / "log" / "progress.csv") as file:
        rows = list(csv.DictReader(file))
    losses = [float(row["train/value_loss"]) for row in rows]
    assert found["value_loss", '{"subset":"train"}'] == (
        [int(row["time/total_timesteps"]) for row in rows],
        pytest.approx(losses, rel=1e-6),
    )

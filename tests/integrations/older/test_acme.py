import acme
import dm_env
import numpy
from acme import specs
from acme.utils import counting

import libaim
from libaim.integrations.acme import AimCallback, AimWriter
from snippets import run_snippets
from support import only_run, points


class Countdown(dm_env.Environment):
    """Episodes of four steps, each of which rewards its action."""

    def reset(self):
        self._left = 4
        return dm_env.restart(numpy.float32(self._left))

    def step(self, action):
        self._left -= 1
        at = numpy.float32(self._left)
        return dm_env.transition(float(action), at) if self._left else dm_env.termination(float(action), at)

    def observation_spec(self):
        return specs.Array((), numpy.float32)

    def action_spec(self):
        return specs.DiscreteArray(2)


class Actor(acme.Actor):
    def select_action(self, observation):
        return 1

    def observe_first(self, timestep):
        pass

    def observe(self, action, next_timestep):
        pass

    def update(self, wait=False):
        pass


def train(logger, episodes=3):
    acme.EnvironmentLoop(Countdown(), Actor(), counting.Counter(), logger).run(num_episodes=episodes)


def test_every_episode(path):
    run = AimCallback(experiment_name="countdown", args={"hparams": {"lr": 0.1}})
    logger = AimWriter(run, "actor", "steps", 0)
    train(logger)
    logger.close()
    AimWriter(run, "learner", None).write({"loss": numpy.float32(0.5), "note": "no number"})
    run.close()
    found = only_run(path)
    assert (found.experiment, found.status, found["hparams", "lr"]) == ("countdown", "finished", 0.1)
    assert points(found)["episode_return", '{"logger_label":"actor","task_id":0}'] == ([4, 8, 12], [4.0] * 3)
    assert points(found)["loss", '{"logger_label":"learner"}'] == ([0], [0.5])
    assert {name for name, _ in points(found)} >= {"episode_length", "steps_per_second", "loss"}
    assert "note" not in {name for name, _ in points(found)}


def test_an_open_run(path):
    with libaim.Run() as run:
        logger = AimWriter(run, "actor", "episodes", None)
        train(logger, 2)
        logger.close()
        run.track(1.0, "after")
    assert points(only_run(path))["episode_length", '{"logger_label":"actor"}'] == ([1, 2], [4.0] * 2)


def test_snippet(path):
    run_snippets("acme")
    assert points(only_run(path))["loss", '{"logger_label":"learner"}'] == ([1, 2, 3], [1.0, 0.5, 1 / 3])

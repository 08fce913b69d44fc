"""stable-baselines3: `model.learn(…, callback=AimCallback())`."""

from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import KVWriter

from ._tracking import Tracking, is_number


class AimOutputFormat(KVWriter):
    """A sink of the library's logger: `rollout/ep_rew_mean` becomes `ep_rew_mean` with the context `{"tag": "rollout"}`, and
    of `train` and `valid` with `{"subset": …}`."""

    def __init__(self, aim_callback):
        self.aim_callback = aim_callback

    def write(self, key_values, key_excluded, step=0):
        for key, value in key_values.items():
            if "aim" in (key_excluded.get(key) or ()) or not is_number(value):
                continue
            tag, slash, name = key.partition("/")
            if not slash:
                name, context = key, None
            else:
                context = {"subset" if tag in ("train", "valid") else "tag": tag}
            self.aim_callback.experiment.track(value, name, step, context=context)

    def close(self):
        pass


class AimCallback(Tracking, BaseCallback):
    """Tracks what the model's logger records, beside what else the logger does, at the number of time steps. The params
    `hparams` are the plain attributes of the model.

    Arguments are those of `Run`, and `run`, an open one.
    """

    def __init__(self, repo=None, experiment_name=None, run=None, verbose=0, **options):
        BaseCallback.__init__(self, verbose)
        self._track_in(run, repo=repo, experiment_name=experiment_name, **options)
        self._sink = AimOutputFormat(self)

    def _on_training_start(self):
        plain = {
            name: value
            for name, value in vars(self.model).items()
            if not name.startswith("_") and isinstance(value, (bool, int, float, str))
        }
        self.experiment.set("hparams", {"algo": type(self.model).__name__, **plain}, strict=False)
        self._formats = self.logger.output_formats
        self._formats.append(self._sink)

    def _on_step(self):
        return True

    def _on_training_end(self):
        self._formats.remove(self._sink)
        self.close()

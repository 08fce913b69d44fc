"""LightGBM: `lightgbm.train(…, callbacks=[AimCallback()])`, and the same for `cv` and the estimators."""

import lightgbm  # noqa: F401, which this is for

from ._tracking import Tracking


class AimCallback(Tracking):
    """Tracks every metric of every data set at its iteration, with the context `{"data_name": …}`; of a cross-validation
    the mean and the standard deviation as NAME-mean and NAME-stdv. The param `hparams` is what `train` was given, and `args`.
    `before_tracking` and `after_tracking` are for subclasses: they are called at each iteration.

    Other arguments are those of `Run`, and `run`, an open one. Training that stops early leaves the run open until `close()`.
    """

    order = 25  # after what changes params, before early stopping
    before_iteration = False

    def __init__(self, repo=None, experiment=None, run=None, args=None, **options):
        self._track_in(run, repo=repo, experiment=experiment, **options)
        self._args = args or {}

    def before_tracking(self, env):
        pass

    def after_tracking(self, env):
        pass

    def __call__(self, env):
        if env.iteration == env.begin_iteration:
            self.experiment.set("hparams", {**self._args, **env.params}, strict=False)
        self.before_tracking(env)
        for data_name, name, value, _, *deviation in env.evaluation_result_list or ():
            if data_name == "cv_agg":  # of older versions: the name holds both
                data_name, name = name.split(" ", 1)
            context = {"data_name": data_name}
            if deviation:
                self.experiment.track(value, f"{name}-mean", env.iteration, context=context)
                self.experiment.track(deviation[0], f"{name}-stdv", env.iteration, context=context)
            else:
                self.experiment.track(value, name, env.iteration, context=context)
        self.after_tracking(env)
        if env.iteration + 1 == env.end_iteration:
            self.close()

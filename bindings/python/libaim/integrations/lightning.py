"""Lightning: `Trainer(logger=AimLogger())`, with `lightning` or `pytorch_lightning`."""

import os
from argparse import Namespace

try:
    from lightning.pytorch.loggers.logger import Logger, rank_zero_experiment
    from lightning.pytorch.utilities import rank_zero_only
except ImportError:
    from pytorch_lightning.loggers.logger import Logger, rank_zero_experiment
    from pytorch_lightning.utilities import rank_zero_only

from ..repo import Repo
from ._tracking import Tracking

_STATUS = {"failed": "failed", "aborted": "failed", "interrupted": "interrupted"}


class AimLogger(Tracking, Logger):
    """Tracks what is logged at its step and epoch, and hyperparameters as the params `hparams`.

    run_name, run_hash  name of a new run; hash of the one to go on with.
    context_prefixes, context_postfixes  what of a metric's name becomes context. Default: `{"subset": {"train": "train_",
                        "val": "val_", "test": "test_"}}`, by which `val_loss` is `loss` with `{"subset": "val"}`;
                        `train_metric_prefix`, `val_metric_prefix` and `test_metric_prefix` are the same, one by one.
    Other arguments are those of `Run`, and `run`, an open one.
    """

    def __init__(
        self,
        repo=None,
        experiment=None,
        run_name=None,
        run_hash=None,
        context_prefixes=None,
        context_postfixes=None,
        train_metric_prefix="train_",
        val_metric_prefix="val_",
        test_metric_prefix="test_",
        run=None,
        **options,
    ):
        Logger.__init__(self)
        self._track_in(run, repo=repo, experiment=experiment, **options)
        self._hash = run_hash
        self._run_name = run_name
        self._experiment = experiment
        if context_prefixes is None and context_postfixes is None:
            subsets = {"train": train_metric_prefix, "val": val_metric_prefix, "test": test_metric_prefix}
            context_prefixes = {"subset": {subset: prefix for subset, prefix in subsets.items() if prefix}}
        self._prefixes = context_prefixes or {}
        self._postfixes = context_postfixes or {}

    @property
    @rank_zero_experiment
    def experiment(self):
        """The `Run` that is tracked in; in processes but the first, an object whose calls do nothing."""
        opens = self._run is None and self._hash is None
        run = Tracking.experiment.fget(self)
        if opens and self._run_name is not None:
            run.name = self._run_name
        return run

    @property
    def name(self):
        return self._experiment

    @property
    def version(self):
        return self.experiment.hash

    @property
    def save_dir(self):
        repo = self._options["repo"]
        return os.path.join(getattr(repo, "root_path", repo) or Repo.default_repo_path(), ".aim")

    @rank_zero_only
    def log_hyperparams(self, params, *args, **kwargs):
        params = vars(params) if isinstance(params, Namespace) else params
        for key, value in params.items():
            self.experiment.set(("hparams", str(key)), value, strict=False)

    @rank_zero_only
    def log_metrics(self, metrics, step=None):
        metrics = dict(metrics)
        epoch = metrics.pop("epoch", None)
        epoch = None if epoch is None else int(epoch)
        for key, value in metrics.items():
            name, context = self._context_of(key)
            self.experiment.track(value, name, step, epoch, context=context)

    def _context_of(self, name):
        context = {}
        for key, prefixes in self._prefixes.items():
            for category, prefix in prefixes.items():
                if name.startswith(prefix):
                    name, context[key] = name[len(prefix) :], category
                    break
        for key, postfixes in self._postfixes.items():
            for category, postfix in postfixes.items():
                if name.endswith(postfix):
                    name, context[key] = name[: -len(postfix)], category
                    break
        return name, context

    @rank_zero_only
    def finalize(self, status=""):
        self.close(_STATUS.get(status))

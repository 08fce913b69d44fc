"""PyTorch-Ignite: `AimLogger().attach_output_handler(trainer, Events.ITERATION_COMPLETED, tag="train", …)`."""

from ignite.handlers.base_logger import BaseLogger, BaseOptimizerParamsHandler, BaseOutputHandler

from ._tracking import Tracking, is_number, subset_of


class AimLogger(Tracking, BaseLogger):
    """Tracks what its handlers read off an engine, at the engine's step. A tag goes before the name, `train_`, `val_` and
    `test_`, or the prefixes that are given, become the context `{"subset": …}`.

    Other arguments are those of `Run`, and `run`, an open one. `close()`, or the end of a `with` block, ends the run.
    """

    def __init__(
        self,
        repo=None,
        experiment=None,
        train_metric_prefix="train_",
        val_metric_prefix="val_",
        test_metric_prefix="test_",
        run=None,
        **options,
    ):
        self._track_in(run, repo=repo, experiment=experiment, **options)
        subsets = {train_metric_prefix: "train", val_metric_prefix: "val", test_metric_prefix: "test"}
        self._subsets = {prefix: subset for prefix, subset in subsets.items() if prefix}

    def log_params(self, params):
        """Params, as `hparams`."""
        for key, value in params.items():
            self.experiment.set(("hparams", str(key)), value, strict=False)

    def log_metrics(self, metrics, step=None):
        """Points of metrics by name."""
        for key, value in metrics.items():
            if is_number(value):
                name, subset = subset_of(key, self._subsets)
                self.experiment.track(value, name, step, context=None if subset is None else {"subset": subset})

    def __exit__(self, *_):
        self.close()

    def _create_output_handler(self, *arguments, **options):
        return OutputHandler(*arguments, **options)

    def _create_opt_params_handler(self, *arguments, **options):
        return OptimizerParamsHandler(*arguments, **options)


class OutputHandler(BaseOutputHandler):
    """Reads metrics, outputs and attributes of an engine; arguments are those of every such handler of ignite."""

    def __call__(self, engine, logger, event_name):
        step = self.global_step_transform(engine, event_name)
        found = self._setup_output_metrics_state_attrs(engine)
        logger.log_metrics({"_".join(map(str, keys)): value for keys, value in found.items()}, step)


class OptimizerParamsHandler(BaseOptimizerParamsHandler):
    """Reads a param of an optimizer's groups, such as the learning rate."""

    def __call__(self, engine, logger, event_name):
        step = engine.state.get_event_attrib_value(event_name)
        prefix = f"{self.tag}_" if self.tag else ""
        for number, group in enumerate(self.optimizer.param_groups):
            logger.log_metrics({f"{prefix}{self.param_name}_group_{number}": float(group[self.param_name])}, step)

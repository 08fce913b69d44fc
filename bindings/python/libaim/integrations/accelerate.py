"""Hugging Face accelerate: `Accelerator(log_with=AimTracker("name"))`."""

from accelerate.tracking import GeneralTracker, on_main_process

from ._tracking import Tracking, is_number


class AimTracker(Tracking, GeneralTracker):
    """Tracks what `accelerator.log` is given at its step, and the configuration of `init_trackers` as the params `hparams`.
    Only the main process tracks.

    run_name  name of the run. Other arguments are those of `Run`, and `run`, an open one.
    """

    name = "aim"
    requires_logging_directory = False
    main_process_only = True

    @on_main_process
    def __init__(self, run_name=None, repo=None, experiment=None, run=None, **options):
        GeneralTracker.__init__(self, _blank=True)
        self._track_in(run, repo=repo, experiment=experiment, **options)
        self.run_name = run_name
        if run_name is not None:
            self.experiment.name = run_name

    @property
    def tracker(self):
        """The `Run`."""
        return self.experiment

    @on_main_process
    def store_init_configuration(self, values):
        self.experiment.set("hparams", values, strict=False)

    @on_main_process
    def log(self, values, step=None, epoch=None, context=None, **kwargs):
        for name, value in values.items():
            if is_number(value):
                self.experiment.track(value, name, step, epoch, context=context)

    @on_main_process
    def finish(self):
        self.close()

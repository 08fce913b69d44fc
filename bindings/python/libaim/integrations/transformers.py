"""Hugging Face transformers: `Trainer(…, callbacks=[AimCallback()])`."""

from transformers import TrainerCallback

from ._tracking import Tracking, is_number, subset_of

_SUBSETS = {"train_": "train", "eval_": "eval", "test_": "test"}


class AimCallback(Tracking, TrainerCallback):
    """Tracks what the trainer logs, at its global step, with the context `{"subset": "train"}`, `"eval"` or `"test"`. The
    params `hparams` are the training arguments, `model` the model's configuration. Only the first process of a job tracks.

    Arguments are those of `Run`, and `run`, an open one. The run stays open after training, as evaluation may follow:
    `close()` ends it, or the end of the program.
    """

    def __init__(self, repo=None, experiment=None, run=None, **options):
        self._track_in(run, repo=repo, experiment=experiment, **options)

    def on_train_begin(self, args, state, control, model=None, **kwargs):
        if not state.is_world_process_zero:
            return
        self.experiment.set("hparams", args.to_sanitized_dict(), strict=False)
        if hasattr(model, "config"):
            self.experiment.set("model", model.config.to_dict(), strict=False)

    def on_log(self, args, state, control, model=None, logs=None, **kwargs):
        if not state.is_world_process_zero:
            return
        epoch = None if state.epoch is None else int(state.epoch)
        for key, value in (logs or {}).items():
            if is_number(value) and key != "epoch":
                name, subset = subset_of(key, _SUBSETS)
                self.experiment.track(value, name, state.global_step, epoch, context={"subset": subset or "train"})

    def on_train_end(self, args, state, control, **kwargs):
        if state.is_world_process_zero:
            self.experiment.flush()

import pytest

from snippets import run_snippets
from support import only_run, points


def test_batches_and_epochs(path):
    learner = run_snippets("fastai")["learner"]
    run = only_run(path)
    found = points(run)
    steps, losses = found["train_loss", '{"subset":"train"}']
    assert steps == list(range(1, 25)) and losses[-1] < losses[0]
    assert found["lr_0", '{"subset":"train"}'] == (steps, pytest.approx([0.1] * 24))
    recorded = [values[1] for values in learner.recorder.values]
    assert found["valid_loss", '{"of":"epoch","subset":"val"}'] == ([8, 16, 24], pytest.approx(recorded))
    assert run["hparams", "batch_size"] == 8 and run["hparams", "epochs"] == 3
    assert (run.experiment, run.status) == ("line", "finished")

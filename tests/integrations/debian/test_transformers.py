import pytest

from snippets import run_snippets
from support import only_run, points


def test_what_the_trainer_logs(path):
    trained = run_snippets("transformers")["callback"]
    run = only_run(path)
    found = points(run)
    assert run.experiment == "bert" and run.status == "finished" and run.hash == trained._hash
    assert run["hparams", "num_train_epochs"] == 2 and run["model", "hidden_size"] == 16
    steps, losses = found["loss", '{"subset":"train"}']
    assert steps == [4, 8, 12, 16] and all(0 < loss < 2 for loss in losses)
    assert found["loss", '{"subset":"eval"}'][0] == [8, 16]
    assert found["learning_rate", '{"subset":"train"}'][1] == pytest.approx([3.75e-5, 2.5e-5, 1.25e-5, 0])
    assert run.get_metric("loss", {"subset": "eval"}).columns().epochs.tolist() == [1, 2]

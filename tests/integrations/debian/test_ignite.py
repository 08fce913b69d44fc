from snippets import run_snippets
from support import only_run, points


def test_outputs_and_rates(path):
    left = run_snippets("ignite")
    run = only_run(path)
    found = points(run)
    steps, losses = found["loss", '{"subset":"train"}']
    assert steps == list(range(1, 11)) and losses[-1] == left["trainer"].state.output
    assert found["lr_group_0", "{}"] == ([1, 2], [0.1, 0.1])
    assert (run["hparams"], run.experiment, run.status) == ({"lr": 0.1}, "line", "finished")

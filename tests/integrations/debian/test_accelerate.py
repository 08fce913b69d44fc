from snippets import run_snippets
from support import only_run, points


def test_what_is_logged(path):
    left = run_snippets("accelerate")
    run = only_run(path)
    (((name, context), (steps, values)),) = points(run).items()
    assert (name, context, steps) == ("loss", "{}", list(range(10))) and values[-1] == left["loss"].item()
    assert run["hparams"] == {"lr": 0.1} and run.name == "line" and run.status == "finished"
    assert left["accelerator"].get_tracker("aim").tracker.hash == run.hash

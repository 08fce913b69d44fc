import gc
import subprocess
import sys
import time

import numpy
import pytest
from tensorboardX import SummaryWriter

import libaim
from libaim.integrations.tensorboard_tracker import Run
from snippets import run_snippets
from support import only_run, points


def test_what_another_writes(path):
    with SummaryWriter("logs/before") as before:
        before.add_scalar("there", 1.0, 3, walltime=1700000000.5)
    with Run(sync_tensorboard_log_dir="logs", experiment="mirror") as run:
        writer = SummaryWriter("logs/fit/train")
        for step in range(5):
            writer.add_scalar("loss", 1 / (step + 1), step)
        writer.add_image("picture", numpy.zeros((3, 4, 5), dtype="uint8"), 1)
        writer.add_histogram("weights", numpy.arange(10.0), 2, bins=5)
        writer.add_histogram("equal", numpy.full(7, 3.0), 2)
        writer.add_text("note", "a sentence", 4)
        writer.add_audio("sound", numpy.zeros((100, 1), dtype="float32"), 0, sample_rate=8000)
        writer.close()
    # What is written from here on is nobody's.
    with SummaryWriter("logs/fit/train") as writer:
        writer.add_scalar("loss", 7.0, 9)
    run = only_run(path)
    assert (run.experiment, run.status, run["tb_log_directory"]) == ("mirror", "finished", "logs")
    found = points(run)
    assert found["there", '{"entry":"before"}'] == ([3], [1.0])
    assert found["loss", '{"entry":"train"}'] == ([0, 1, 2, 3, 4], pytest.approx([1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]))
    assert run.get_metric("there", {"entry": "before"}).columns().times.tolist() == [1700000000.5]
    context = {"entry": "train"}
    (image,) = run.get_image_sequence("picture", context).objects()
    assert (image.width, image.height) == (5, 4)
    assert run.get_distribution_sequence("weights", context).objects()[0].weights.sum() == 10
    (equal,) = run.get_distribution_sequence("equal", context).objects()
    assert equal.weights.sum() == 7 and equal.range[0] < 3 < equal.range[1]
    assert [text.text for text in run.get_text_sequence("note/text_summary", context).objects()] == ["a sentence"]
    (sound,) = run.get_audio_sequence("sound", context).objects()
    assert sound.format == "wav"


def test_while_it_is_written(path):
    run = Run(sync_tensorboard_log_dir=path / "logs")
    writer = SummaryWriter("logs", flush_secs=1)
    writer.add_scalar("loss", 0.5, 1)
    repo = libaim.Repo(path)
    found = []
    while not found:  # the follower looks every second
        time.sleep(0.1)
        found = [metric.values.sparse_list() for metric in repo.query_metrics("metric.name == 'loss'").iter()]
    assert found == [([1], [0.5])]
    writer.close()
    run.close()


def test_a_run_that_is_dropped_and_one_at_the_end_of_the_program(path):
    run = Run(sync_tensorboard_log_dir="logs")
    name = run.hash
    del run
    gc.collect()
    repo = libaim.Repo(path)
    while repo.get_run(name).status != "finished":
        time.sleep(0.1)
    program = """if True:
        from tensorboardX import SummaryWriter
        from libaim.integrations.tensorboard_tracker import Run
        run = Run(sync_tensorboard_log_dir="others")
        with SummaryWriter("others") as writer:
            writer.add_scalar("late", 2.0, 1)
    """
    subprocess.run([sys.executable, "-c", program], check=True, cwd=path)
    (metric,) = libaim.Repo(path).query_metrics("metric.name == 'late'").iter()
    assert metric.values.sparse_list() == ([1], [2.0]) and metric.run.status == "finished"


def test_snippet(path):
    run_snippets("tensorboard_tracker")
    assert points(only_run(path))["loss", '{"entry":"fit"}'][0] == [0, 1, 2]

"""A program for TensorBoard, with tensorboardX and after one changed line."""

import glob
import struct
import time

import numpy
import pytest
from tensorboardX.proto.event_pb2 import Event

import libaim
from conftest import points
from libaim.tensorboard import SummaryWriter

PROGRAM = """
import numpy

with SummaryWriter("logs/first", flush_secs=10) as writer:
    for step in range(0, 50, 5):
        writer.add_scalar("loss/train", 1 / (step + 1), step)
        writer.add_scalar("lr", numpy.float32(0.5), global_step=step, walltime=1.6e9 + step)
        writer.add_scalars("accuracy", {"train": step / 50, "val": step / 60}, step)
    writer.add_text("note", "warm start", 5)
    writer.add_mesh("points", numpy.zeros((1, 3, 3)), global_step=0)
    writer.add_histogram("weights", numpy.arange(10.0), 0)
    writer.flush()
    writer.add_hparams({"lr": 0.5, "optimizer": "sgd", "nesterov": True}, {"best/loss": 0.02})
"""


def scalars_of_tensorboard(directory):
    """The points of all event files below a directory, as `points` has them; without contexts."""
    found = {}
    for path in glob.glob(f"{directory}/**/events.*", recursive=True):
        with open(path, "rb") as file:
            while header := file.read(12):
                event = Event.FromString(file.read(struct.unpack("<Q", header[:8])[0]))
                file.read(4)
                for value in event.summary.value:
                    if value.WhichOneof("value") == "simple_value" and "hparams" not in value.tag:
                        found.setdefault((path, value.tag), []).append(
                            (event.step, value.simple_value, event.wall_time)
                        )
    return found


def test_one_changed_line(path, python, tmp_path):
    before = python("from tensorboardX import SummaryWriter" + PROGRAM, cwd=tmp_path)
    after = python(
        f"import os; os.environ['AIM_REPO'] = {str(path)!r}\nfrom libaim.tensorboard import SummaryWriter" + PROGRAM,
        cwd=tmp_path,
    )
    assert before.returncode == 0, before.stderr
    assert after.returncode == 0, after.stderr
    (found,) = libaim.Repo(path).iter_runs()
    assert found.name == "logs/first" and found.status == "finished"
    assert found["hparams"] == {"lr": 0.5, "optimizer": "sgd", "nesterov": True}
    (note,) = found.get_objects("texts", "note").objects()
    assert (note.text, note.step, note.format) == ("warm start", 5, "markdown")
    assert found.get_objects("distributions", "weights").objects()[0].summary()["count"] == 10
    assert found.get_objects("arrays", "points_VERTEX").objects()[0].to_numpy().shape == (1, 3, 3)

    ours = sorted((metric.name, metric.values.sparse_list()) for metric in found.metrics())
    theirs = scalars_of_tensorboard(tmp_path / "logs")
    theirs = sorted((name, ([p[0] for p in column], [p[1] for p in column])) for (_, name), column in theirs.items())
    assert [name for name, _ in ours] == [name for name, _ in theirs]
    for (_, (steps, values)), (_, (their_steps, their_values)) in zip(ours, theirs):
        assert steps == their_steps and numpy.allclose(values, their_values, rtol=1e-6)
    assert found.get_metric("accuracy", {"entry": "val"}).values[45] == 45 / 60  # in double precision
    assert found.get_metric("lr").timestamps[15] == 1.6e9 + 15


def test_what_is_not_held_is_told_once(path, tmp_path):
    writer = SummaryWriter(tmp_path / "logs", repo=path)
    with pytest.warns(UserWarning, match="holds no graphs: add_graph does nothing") as told:
        for _ in range(3):
            writer.add_graph(None)
    assert len(told) == 1 and told[0].filename == __file__
    assert not hasattr(writer, "add_scaler")


def objects(path, kind, name):
    return next(iter(libaim.Repo(path).iter_runs())).get_objects(kind, name).objects()


def test_pictures(path, tmp_path):
    chw = numpy.zeros((3, 4, 6), dtype=numpy.uint8)
    chw[0, 0, 1], chw[2, 3, 5] = 200, 100
    with SummaryWriter(tmp_path / "logs", repo=path) as writer:
        writer.add_image("chw", chw, 1, walltime=1e9)
        writer.add_image("hwc", chw.transpose(1, 2, 0), 1, dataformats="HWC")
        writer.add_image("hw", chw[0], 1, dataformats="HW")
        writer.add_image("floats", chw / 255, 1)
        writer.add_images("list", numpy.stack([chw, chw + 1]), 2)
        writer.add_image_with_boxes("boxes", chw, [[1, 2, 3, 4]], 3, rescale=2, labels=["cat"])
        writer.add_video("video", numpy.stack([numpy.stack([chw, 255 - chw])]), 4, fps=8)
        with pytest.raises(libaim.InvalidArgumentError, match="do not fit the dataformats 'CHW'"):
            writer.add_image("wrong", chw[0])
    for name in ("chw", "hwc", "floats"):
        (found,) = objects(path, "images", name)
        assert (found.to_numpy() == chw.transpose(1, 2, 0)).all() and found.step == 1
    assert objects(path, "images", "chw")[0].time == 1e9
    assert (objects(path, "images", "hw")[0].to_numpy() == chw[0]).all()
    first, second = objects(path, "images", "list")
    assert (first.to_numpy() + 1 == second.to_numpy()).all() and second.index == 1
    (boxes,) = objects(path, "images", "boxes")
    assert boxes.meta == {"boxes": [{"left": 2, "top": 4, "right": 6, "bottom": 8, "label": "cat"}]}
    (video,) = objects(path, "videos", "video")
    assert video.format == "gif" and video.to_pil_image().n_frames == 2


def test_distributions_sounds_and_arrays(path, tmp_path):
    values = numpy.array([0.0, 1.0, 1.0, 4.0])
    labels, scores = numpy.array([0, 1, 1, 0]), numpy.array([0.1, 0.9, 0.6, 0.7])
    with SummaryWriter(tmp_path / "logs", repo=path) as writer:
        writer.add_histogram("usual", values, 0)
        writer.add_histogram("edges", values, 0, bins=[0, 1, 2, 8])
        writer.add_histogram_raw("raw", 0, 4, 4, 6, 18, [1, 2, 8], [1, 2, 1], 0)
        writer.add_audio("tone", numpy.zeros((1, 800)), 0, sample_rate=8000)
        writer.add_tensor("tensor", values, 0)
        writer.add_pr_curve("curve", labels, scores, 0, num_thresholds=11)
    weights, edges = objects(path, "distributions", "usual")[0].to_np_histogram()
    assert len(weights) == 64 and weights.sum() == 4 and (edges[0], edges[-1]) == (0, 4)
    weights, edges = objects(path, "distributions", "edges")[0].to_np_histogram()
    assert weights.tolist() == [1, 2, 1] and edges.tolist() == [0, 1, 2, 8]
    weights, edges = objects(path, "distributions", "raw")[0].to_np_histogram()
    assert weights.tolist() == [1, 2, 1] and edges.tolist() == [0, 1, 2, 8]
    (tone,) = objects(path, "audios", "tone")
    assert int.from_bytes(tone.data[24:28], "little") == 8000 and tone.size == 44 + 4 * 800
    assert objects(path, "arrays", "tensor")[0].to_numpy().tolist() == values.tolist()
    curve = objects(path, "arrays", "curve")[0].to_numpy()
    tp, fp, tn, fn, precision, recall = curve[:, 8]  # at the threshold 0.8
    assert (tp, fp, tn, fn, precision, recall) == (1, 0, 2, 1, 1, 0.5)
    assert curve.shape == (6, 11) and curve[5, 0] == 1


def test_a_directory_is_a_run(path, tmp_path):
    for beginning in (0, 5):
        with SummaryWriter(str(tmp_path / "logs"), repo=path, experiment="mine") as writer:
            for step in range(beginning, beginning + 5):
                writer.add_scalar("loss", step, step)
    with SummaryWriter(tmp_path / "logs" / ".", purge_step=7, repo=path) as writer:
        writer.add_scalar("loss", -1, 7)
    assert points(path) == {("loss", "{}"): [(step, step, None) for step in range(7)] + [(7, -1, None)]}
    (found,) = libaim.Repo(path).iter_runs()
    assert found.experiment == "mine" and (tmp_path / "logs").is_dir()


def test_a_closed_writer_opens_again(path, tmp_path):
    writer = SummaryWriter(tmp_path / "logs", repo=path)
    writer.add_scalar("loss", 1)
    writer.close()
    writer.flush()
    writer.close()
    assert libaim.Repo(path).get_run(writer.run.hash).active
    writer.add_scalar("loss", 2.5)
    writer.add_scalar("loss", 3, 7.9)
    writer.close()
    assert points(path) == {("loss", "{}"): [(0, 1, None), (1, 2.5, None), (7, 3, None)]}


def test_a_writer_without_a_name(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with SummaryWriter(comment="_lr_0.1", repo=path) as writer:
        writer.add_scalar("loss", 1, 0)
    assert writer.get_logdir().startswith("runs/") and writer.log_dir.endswith("_lr_0.1")
    assert writer.run.name == writer.log_dir
    writer.close()


def test_a_search_has_a_run_for_each_set(path, tmp_path):
    with SummaryWriter(tmp_path / "search", repo=path) as writer:
        for number in range(3):
            writer.add_hparams({"lr": 0.1 * number}, {"accuracy": 10 * number}, run_name=f"try{number}")
        writer.add_hparams({"lr": 0.0}, {"accuracy": 5}, global_step=9)
    rows = [
        (run.run.name.split("/")[-1], run.run["hparams", "lr"], [(m.name, m.values.sparse_list()) for m in run])
        for run in libaim.Repo(path).query_runs("run.hparams.lr >= 0").iter_runs()
    ]
    assert sorted(rows) == [
        ("search", 0.0, [("accuracy", ([0, 9], [0, 5]))]),
        ("try1", 0.1, [("accuracy", ([0], [10]))]),
        ("try2", 0.2, [("accuracy", ([0], [20]))]),
    ]


def test_a_run_that_is_lent(run, path, tmp_path):
    with SummaryWriter(tmp_path / "logs", run=run) as writer:
        writer.add_scalar("loss", 1, 3)
    run.track(2, "loss", step=4)
    assert points(path) == {("loss", "{}"): [(3, 1, None), (4, 2, None)]}


def test_steps_and_times_of_a_block(path, tmp_path):
    with SummaryWriter(tmp_path / "logs", repo=path) as writer:
        with writer.use_metadata(global_step=4, walltime=1e9):
            writer.add_scalar("loss", 1)
            writer.add_scalar("loss", 2, 5)
            writer.add_text("note", "here")
        before = time.time()
        writer.add_scalar("loss", 3)
    (metric,) = libaim.Repo(path).query_metrics()
    assert metric.columns().steps.tolist() == [4, 5, 6]
    assert metric.timestamps.values_list()[:2] == [1e9, 1e9] and metric.timestamps[6] >= before - 0.001
    (note,) = metric.run.get_objects("texts", "note").objects()
    assert (note.text, note.step, note.time) == ("here", 4, 1e9)


def test_a_failed_block_is_a_failed_run(path, tmp_path):
    with pytest.raises(ZeroDivisionError), SummaryWriter(tmp_path / "logs", repo=path) as writer:
        writer.add_scalar("loss", 1 / 0)
    (found,) = libaim.Repo(path).iter_runs()
    assert found.status == "failed"

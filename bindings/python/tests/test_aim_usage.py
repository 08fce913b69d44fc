"""What Aim's documentation shows people to write, with only the import changed. The usages are its; the programs here are not."""

import os
from datetime import datetime, timedelta

import numpy
import pytest

import libaim as aim
from libaim import Audio, Distribution, Image, Repo, Run, Text
from libaim.objects import convert_to_aim_image_list


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def trained(name, lr, experiment="digits"):
    run = Run(experiment=experiment)
    run.name = name
    run["hparams"] = {"learning_rate": lr, "batch_size": 32, "optimizer": {"name": "adam", "betas": [0.9, 0.99]}}
    run["model", "layers"] = 3
    run.add_tag("baseline" if lr < 0.01 else "fast")
    for epoch in range(2):
        for step in range(10):
            at = epoch * 10 + step
            run.track(lr / (at + 1), name="loss", step=at, epoch=epoch, context={"subset": "train"})
            run.track(2 * lr / (at + 1), name="loss", step=at, epoch=epoch, context={"subset": "val"})
        run.track({"accuracy": 0.5 + epoch / 4, "f1": 0.25}, epoch=epoch, context={"subset": "val"})
    run.track(Image(numpy.zeros((8, 8, 3), dtype=numpy.uint8), caption="one"), name="generated", step=0, context={"subset": "val"})
    run.track([Image(numpy.zeros((8, 8), dtype=numpy.uint8)) for _ in range(3)], name="batch", step=0)
    run.track(Text("a sentence"), name="samples", step=1)
    run.track(Distribution(numpy.arange(100.0)), name="gradients", step=1, context={"type": "weights"})
    run.track(Audio(numpy.zeros(100, dtype=numpy.int16), rate=8000), name="speech", step=1)
    run.close()
    return run.hash


@pytest.fixture
def repo(home):
    trained("first best", 0.001)
    trained("second", 0.1, "other")
    return Repo.from_path(".")


# Expressions as its pages on search have them, with how many sequences each finds.
METRICS = {
    "metric.name == 'loss'": 4,
    'metric.name == "loss" and metric.context.subset == "val"': 2,
    "metric.name == 'loss' and run.hparams.learning_rate > 0.01": 2,
    "metric.name in ['loss', 'accuracy'] and metric.context.subset == 'val'": 4,
    "(metric.name == 'loss' or metric.name == 'f1') and run.experiment == 'other'": 3,
    "metric.name.startswith('acc')": 2,
    "metric.context.subset in ('train',) and 'baseline' in run.tags": 1,
    "metric.last < 0.01 and metric.name == 'loss'": 3,
    "metric.first_step == 0 and metric.last_step == 19": 4,
}
RUNS = {
    "run.hparams.learning_rate == 0.001": 1,
    "run.hparams.batch_size >= 32 and run.hparams.optimizer.name == 'adam'": 2,
    "run['hparams', 'learning_rate'] < 0.01": 1,
    "run.hparams['optimizer']['betas'][0] == 0.9": 2,
    "run.name == 'second' or run.experiment == 'digits'": 2,
    "'best' in run.name": 1,
    "run.name.endswith('best')": 1,
    "run.hparams.get('dropout', 0.5) == 0.5": 2,
    "not run.archived and run.tags": 2,
    "run.duration >= 0 and run.created_at > datetime(2021, 1, 1)": 2,
    "run.active == False and run.finalized_at != None": 2,
    "run.metrics['loss', {'subset': 'val'}].last < 0.001": 1,
    "run.model.layers == 3 and len(run.tags) == 1": 2,
    "run.hparams.learning_rate in [0.1, 0.2]": 1,
    "any(tag == 'fast' for tag in run.tags)": 1,
}


@pytest.mark.parametrize("query", METRICS)
def test_queries_of_metrics(repo, query):
    found = repo.query_metrics(query)
    assert len(found) == METRICS[query] and found.failures == (0, None)


@pytest.mark.parametrize("query", RUNS)
def test_queries_of_runs(repo, query):
    found = repo.query_runs(query)
    assert len(found) == RUNS[query] and found.failures == (0, None)


def test_a_loop_over_metrics(repo):
    for run_metrics in repo.query_metrics("metric.name == 'loss'").iter_runs():
        for metric in run_metrics:
            params = metric.run[...]
            steps, values = metric.values.sparse_numpy()
            _, times = metric.timestamps.sparse_numpy()
            assert params["hparams"]["batch_size"] == 32 and steps.tolist() == list(range(20))
            assert values.shape == times.shape == (20,) and metric.epochs[19] == 1


def test_tables(repo):
    frame = repo.query_metrics("metric.name == 'accuracy'").dataframe()
    assert len(frame) == 4 and set(frame["run.hparams.learning_rate"]) == {0.001, 0.1}
    assert len(repo.query_runs("run.hparams.learning_rate > 0").dataframe()) == 2


def test_objects(repo):
    for collection in repo.query_images("images.name == 'generated' and images.context.subset == 'val'").iter_runs():
        for images in collection:
            assert images.objects()[0].to_pil_image().size == (8, 8)
    assert len(repo.query_texts("texts.name == 'samples' and run.hparams.learning_rate < 1")) == 2
    assert len(repo.query_distributions("distributions.context.type == 'weights'")) == 2
    assert len(repo.query_audios("audios.name == 'speech'")) == 2
    assert len(repo.query_figure_objects("figures.name == 'x'")) == 0
    run = next(repo.iter_runs())
    assert len(run.get_image_sequence("batch").objects()) == 3
    assert run.get_text_sequence("samples").objects()[0].text == "a sentence"
    assert run.get_distribution_sequence("gradients", aim.Context({"type": "weights"})).first_step() == 1
    assert run.get_audio_sequence("none") is None and run.get_figure_sequence("none") is None


def test_objects_by_step(repo):
    for sequence in repo.query_images("images.name in ['batch', 'generated']").iter():
        batch = sequence.values.first_value()
        assert [image["width"] for image in map(Image.json, batch)] == [8] * (3 if sequence.name == "batch" else 1)
        assert {image.size for image in map(Image.to_pil_image, batch)} == {(8, 8)}
        assert isinstance(sequence, aim.Images) and sequence.timestamps.last_value() > 1e9
    run = next(repo.iter_runs())
    picture = run.get_image_sequence("generated", {"subset": "val"}).values[0]
    assert picture.caption == "one" and picture.to_pil_image().size == (8, 8)
    steps, texts = run.get_text_sequence("samples").values.sparse_list()
    assert (steps, [text.text for text in texts]) == ([1], ["a sentence"])
    distribution = run.get_distribution_sequence("gradients", {"type": "weights"}).values.last_value()
    assert (distribution.bin_count, distribution.range, distribution.weights.sum()) == (64, [0, 99], 100)
    rate, samples = run.get_audio_sequence("speech").values.first_value().to_numpy()
    assert rate == 8000 and samples.tolist() == [0] * 100 and samples.dtype == numpy.int16


def test_images_of_a_batch():
    images = convert_to_aim_image_list([numpy.zeros((4, 6), numpy.uint8)] * 3, numpy.array([7, 8]))
    assert [image.caption for image in images] == ["7", "8", ""] and images[0].size == (6, 4)
    assert images[0].json() == {"caption": "7", "format": "png", "width": 6, "height": 4}
    assert images[0].to_pil_image().size == (6, 4)


def test_what_there_is(repo):
    info = repo.collect_sequence_info(("metric", "images"))
    assert {"loss", "accuracy", "f1"} == set(info["metric"])
    assert sorted(context["subset"] for context in info["metric"]["loss"]) == ["train", "val"]
    assert info["images"] == {"batch": [{}], "generated": [{"subset": "val"}]}
    with pytest.raises(aim.InvalidArgumentError):
        repo.collect_sequence_info("nothing")
    assert repo.total_runs_count() == 2 and len(repo.list_all_runs()) == 2 and repo.list_active_runs() == []


def test_going_on_with_a_run(home):
    run_hash = trained("first", 0.001)
    run = Run(run_hash=run_hash)
    run["hparams", "learning_rate"] = 0.002
    run.track(1.0, name="loss", step=20, context={"subset": "train"})
    run.report_progress(expect_next_in=5)
    run.log_info("resumed")
    run.log_warning("slow")
    run.report_successful_finish()
    run.close()
    found = Repo(".").get_run(run_hash)
    assert found["hparams"]["learning_rate"] == 0.002 and found.get_metric("loss", {"subset": "train"}).values.last() == (20, 1.0)
    assert [record.text for record in found.get_log_records()] == ["resumed", "slow"]
    assert found.created_at - datetime.utcfromtimestamp(found.creation_time) < timedelta(seconds=1)


def test_managing_runs(repo):
    best = repo.query_runs("run.hparams.learning_rate == 0.001")
    (run,) = (collection.run for collection in best.iter_runs())
    assert repo.delete_run(run.hash) and not repo.run_exists(run.hash)
    rest = repo.list_all_runs()
    assert repo.delete_runs(rest) == (True, [])
    assert os.path.isdir(".aim") and Repo.exists(".")

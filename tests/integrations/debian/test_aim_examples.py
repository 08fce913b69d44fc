"""Programs that make the calls of Aim's example scripts (https://github.com/aimhubio/aim, examples), with the imports changed as
the table on the Python binding's page says. The package on PyPI does not have the scripts, and they fetch their data sets, so
these are our own."""

import torch
from ignite.engine import Engine, Events

from libaim import Run
from libaim.integrations.ignite import AimLogger
from libaim.integrations.lightning import AimLogger as LightningLogger
from libaim.integrations.pytorch import track_gradients_dists, track_params_dists
from libaim.objects import convert_to_aim_image_list
from snippets import run_snippets
from support import only_run, points


def test_snippet(path):
    run_snippets("pytorch")
    (sequences,) = only_run(path).repo.query_distributions("distributions.name == '0.Linear'").iter_runs()
    assert {of.context["type"] for of in sequences} == {"data", "gradients"} and len(sequences) == 4


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU())
        self.out = torch.nn.Linear(3, 1, bias=False)

    def forward(self, x):
        return self.out(self.encoder(x))


def test_weights_and_gradients(path):
    model = Network()
    with Run() as run:
        track_params_dists(model, run)
        track_gradients_dists(model, run)  # there are none yet
        model(torch.rand(8, 4)).sum().backward()
        track_gradients_dists(model, run, step=5, epoch=1)
        loss = torch.tensor(0.5)
        run.track({"accuracy": 50.0, "loss": loss}, epoch=1, context={"subset": "train"})
    run = only_run(path)
    found = run.repo.query_distributions()
    names = {(of.name, of.context["type"], of.context["params"], of.first_step()) for of in found.iter()}
    layers = {("encoder.Sequential__0.Linear", "weights"), ("encoder.Sequential__0.Linear", "biases"), ("out.Linear", "weights")}
    wanted = {(layer, "data", params, 0) for layer, params in layers} | {(layer, "gradients", params, 5) for layer, params in layers}
    assert names == wanted
    weights = run.get_distribution_sequence("out.Linear", {"type": "data", "params": "weights"}).values.first_value()
    least, greatest = model.out.weight.min().item(), model.out.weight.max().item()
    assert (weights.weights.sum(), weights.range) == (3, [least, greatest])
    assert points(run)["loss", '{"subset":"train"}'] == ([0], [0.5])


def test_images_of_a_batch(path):
    with Run() as run:
        images = convert_to_aim_image_list(torch.rand(3, 1, 5, 7), torch.tensor([1, 2, 3]))
        run.track(images, name="images", epoch=0, context={"subset": "train"})
    record = only_run(path).get_image_sequence("images", {"subset": "train"}).values[0]
    assert [(image.caption, image.width, image.height) for image in record] == [("1", 7, 5), ("2", 7, 5), ("3", 7, 5)]


def test_ignite(path):
    trainer = Engine(lambda engine, batch: batch)
    logger = AimLogger(experiment="example", train_metric_prefix="t_", val_metric_prefix="v_", test_metric_prefix="e_")
    for tag in ("t", "v"):
        logger.attach_output_handler(trainer, event_name=Events.ITERATION_COMPLETED, tag=tag, output_transform=lambda loss: {"loss": loss})
    trainer.run([1.0, 2.0], max_epochs=1)
    logger.close()
    found = points(only_run(path))
    assert found["loss", '{"subset":"train"}'] == found["loss", '{"subset":"val"}'] == ([1, 2], [1.0, 2.0])


def test_lightning(path):
    logger = LightningLogger(experiment="example_experiment", train_metric_prefix="t_", test_metric_prefix="")
    logger.log_metrics({"t_loss": 1.0, "val_loss": 2.0, "test_loss": 3.0, "epoch": 0}, step=3)
    logger.finalize("success")
    run = only_run(path)
    assert set(points(run)) == {("loss", '{"subset":"train"}'), ("loss", '{"subset":"val"}'), ("test_loss", "{}")}

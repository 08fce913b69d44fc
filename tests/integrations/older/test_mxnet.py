import mxnet
import pytest
from mxnet import gluon
from mxnet.gluon.contrib.estimator import Estimator

from libaim.integrations.mxnet import AimLoggingHandler
from snippets import run_snippets
from support import only_run, points


@pytest.fixture
def estimator(data):
    x, y = data
    network = gluon.nn.Dense(2)
    network.initialize(mxnet.init.Xavier(rnd_type="gaussian"))
    trainer = gluon.Trainer(network.collect_params(), "sgd", {"learning_rate": 0.04})
    made = Estimator(
        net=network,
        loss=gluon.loss.SoftmaxCrossEntropyLoss(),
        train_metrics=mxnet.metric.Accuracy(),
        val_metrics=mxnet.metric.Accuracy(),
        trainer=trainer,
        context=mxnet.cpu(),
    )
    loader = lambda part: gluon.data.DataLoader(gluon.data.ArrayDataset(x[part], y[part]), batch_size=100)  # noqa: E731
    return made, loader(slice(0, 300)), loader(slice(300, 400))


def test_every_epoch(path, estimator):
    made, train, val = estimator
    made.fit(train_data=train, val_data=val, epochs=2, event_handlers=[AimLoggingHandler(experiment_name="dense")])
    run = only_run(path)
    found = points(run)
    assert (run.status, run.experiment) == ("finished", "dense")
    assert (run["hparams", "optimizer"], run["hparams", "lr"], run["hparams", "max_epoch"]) == ("SGD", 0.04, 2)
    accuracy = [metric for metric in made.val_metrics if "accuracy" in metric.name][0].get()[1]
    steps, values = found["accuracy", '{"subset":"validation"}']
    assert steps == [2, 5] and values[-1] == accuracy
    assert found["accuracy", '{"subset":"training"}'][0] == [2, 5]
    assert found["learning_rate", '{"subset":"training"}'] == ([0, 3], [0.04] * 2)
    assert run.get_metric("accuracy", {"subset": "training"}).columns().epochs.tolist() == [0, 1]


def test_every_other_batch_without_validation(path, estimator):
    made, train, _ = estimator
    handler = AimLoggingHandler(log_interval=2, metrics=made.train_metrics)
    made.fit(train_data=train, epochs=2, event_handlers=[handler])
    found = points(only_run(path))
    assert {context for name, context in found} == {'{"subset":"training"}'}
    assert found["accuracy", '{"subset":"training"}'][0] == [0, 2, 4, 5]
    with pytest.raises(ValueError, match="not 'batch'"):
        AimLoggingHandler(log_interval="batch")


def test_snippet(path):
    run_snippets("mxnet")
    assert points(only_run(path))["accuracy", '{"subset":"training"}'][0] == [0, 1, 2, 3, 4, 5]

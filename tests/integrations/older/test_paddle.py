import paddle
import pytest

from libaim.integrations.paddle import AimCallback
from snippets import run_snippets
from support import only_run, points


class Pairs(paddle.io.Dataset):
    def __init__(self, x, y):
        self.pairs = list(zip(x, y.astype("int64").reshape(-1, 1)))

    def __getitem__(self, index):
        return self.pairs[index]

    def __len__(self):
        return len(self.pairs)


def test_every_batch(path, data):
    x, y = data
    model = paddle.Model(paddle.nn.Linear(5, 2))
    optimizer = paddle.optimizer.SGD(0.1, parameters=model.parameters())
    model.prepare(optimizer, paddle.nn.CrossEntropyLoss(), paddle.metric.Accuracy())
    callback = AimCallback(experiment_name="dense")
    model.fit(Pairs(x[:300], y[:300]), Pairs(x[300:], y[300:]), batch_size=100, epochs=2, verbose=0, callbacks=callback)
    result = model.evaluate(Pairs(x[300:], y[300:]), batch_size=100, verbose=0, callbacks=[callback])
    callback.close()
    run = only_run(path)
    found = points(run)
    assert set(found) == {(name, f'{{"subset":"{subset}"}}') for name in ("loss", "acc") for subset in ("train", "valid")}
    assert found["loss", '{"subset":"train"}'][0] == found["acc", '{"subset":"train"}'][0] == [0, 1, 2, 3, 4, 5]
    steps, values = found["acc", '{"subset":"valid"}']
    assert steps == [3, 6] and values[-1] == pytest.approx(result["acc"])
    assert (run.status, run.experiment, run["hparams", "epochs"]) == ("finished", "dense", 2)
    assert run.get_metric("loss", {"subset": "train"}).columns().epochs.tolist() == [0, 0, 0, 1, 1, 1]


def test_snippet(path):
    run_snippets("paddle")
    assert points(only_run(path))["loss", '{"subset":"train"}'][0] == list(range(8))

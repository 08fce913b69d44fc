import pytest
import pytorch_lightning
import torch

import libaim
from libaim.integrations.lightning import AimLogger
from snippets import run_snippets
from support import only_run, points


def test_every_step(path):
    left = run_snippets("lightning")
    run = only_run(path)
    steps, losses = points(run)["loss", '{"subset":"train"}']
    assert steps == list(range(10)) and losses[-1] == pytest.approx(left["trainer"].logged_metrics["train_loss"].item())
    assert run.get_metric("loss", {"subset": "train"}).columns().epochs.tolist() == [0] * 5 + [1] * 5
    assert (run["hparams"], run.experiment, run.status) == ({"lr": 0.1}, "line", "finished")
    assert left["trainer"].logger.version == run.hash and left["trainer"].logger.save_dir == str(path / ".aim")


class Failing(pytorch_lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch, index):
        if index == 2:
            raise ValueError("no")
        self.log("loss_a", 1.0)
        return self.layer(batch).mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)


def test_training_that_fails(path):
    logger = AimLogger(run_name="first try", context_postfixes={"kind": {"a": "_a"}})
    trainer = pytorch_lightning.Trainer(
        logger=logger, max_epochs=1, log_every_n_steps=1, accelerator="cpu", enable_progress_bar=False
    )
    with pytest.raises(ValueError, match="no"):
        trainer.fit(Failing(), torch.utils.data.DataLoader(torch.rand(40, 1), batch_size=8))
    run = only_run(path)
    assert (run.name, run.status) == ("first try", "failed")
    assert points(run)["loss", '{"kind":"a"}'] == ([0, 1], [1, 1])

    again = AimLogger(run_hash=run.hash)
    again.log_metrics({"val_loss": 0.5}, step=7)
    again.finalize("success")
    run = libaim.Repo(path).get_run(run.hash)
    assert run.status == "finished" and points(run)["loss", '{"subset":"val"}'] == ([7], [0.5])

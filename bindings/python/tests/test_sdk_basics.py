"""What Aim's page "SDK basics" shows of runs, params and metrics works with the import line changed."""

import numpy

import libaim

CREATE = """
from libaim import Run

my_run = Run(
    repo='{repo}',
    experiment='experiment_name',
)
"""

PARAMS = """
my_run['hparams'] = {
    'learning_rate': 0.0001,
    'batch_size': 32,
}
"""

METRICS = """
for step in range(1000):
    value = step * 10
    my_run.track(
        value,
        name='loss',
        step=step,
        epoch=0,
        context={
            'subset': 'train',
        },
    )
"""

CONTINUE = """
from libaim import Run

run = Run(run_hash='{run_hash}')
"""

QUERY = """
from libaim import Repo

my_repo = Repo('{repo}')

query = "metric.name == 'loss'"

for run_metrics_collection in my_repo.query_metrics(query).iter_runs():
    for metric in run_metrics_collection:
        params = metric.run[...]
        steps, metric_values = metric.values.sparse_numpy()
"""


def test_the_page(path, monkeypatch):
    path.mkdir()
    monkeypatch.chdir(path)
    page = {}
    exec(CREATE.replace("{repo}", str(path)), page)
    exec(PARAMS, page)
    exec(METRICS, page)
    page["my_run"].close()
    exec(CONTINUE.replace("{run_hash}", page["my_run"].hash), page)
    exec(QUERY.replace("{repo}", str(path)), page)
    page["run"].close()

    assert page["run"].hash == page["my_run"].hash and page["metric"].run.experiment == "experiment_name"
    assert page["params"] == {"hparams": {"learning_rate": 0.0001, "batch_size": 32}}
    assert (page["steps"] == numpy.arange(1000)).all() and (page["metric_values"] == numpy.arange(1000) * 10).all()
    assert page["metric"].context == libaim.Context({"subset": "train"})
    assert set(page["metric"].epochs.values_list()) == {0.0}

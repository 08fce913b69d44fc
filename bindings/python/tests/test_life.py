"""A run's whole life: ids, backfill, outcomes, rewinding, editing what is stored."""

import pytest

import libaim
from libaim import Repo, Run


def test_runs_are_found_by_an_id_and_rewound(path):
    with Run(repo=path, run_id="job 1", run_id_mode="create") as run:
        with pytest.raises(libaim.ExistsError):
            Run(repo=path, run_id="job 1", run_id_mode="create")
        for step in range(150):
            run.track(-step, name="loss", step=step)
        assert run.rewind(140, ["acc"]) == 0
        assert run.rewind(140) == 10
    again = Run(repo=path, run_id="job 1", resume_step=100)
    assert again.hash == run.hash
    again.flush()
    assert len(again.get_metric("loss")) == 100
    again.start_closing()
    again.wait(60)
    assert Repo(path).get_run(run.hash).run_id == "job 1"
    with pytest.raises(libaim.NotFoundError):
        Run(repo=path, run_id="job 2", run_id_mode="open")
    with pytest.raises(libaim.InvalidArgumentError):
        Run(repo=path, run_id="job 2", run_id_mode="perhaps")


def test_what_is_past_keeps_its_times(path):
    run = Run(repo=path, new_hash="0123456789abcdef01234567", created_at=1.5e9, no_lease=True)
    run.metric("loss").track_many_at([1.0, 2.0], [1.5e9, 1.5e9 + 0.5], steps=[0, 10])
    with pytest.raises(libaim.InvalidArgumentError):
        run.metric("loss").track_many_at([1.0], [float("nan")])
    run.log_at(1.5e9, 20, "then")
    run.add_terminal_line_at(1.5e9, 1, "line")
    run.close("failed", exit_code=3, end_time=1.5e9 + 1)
    found = Repo(path).get_run(run.hash)
    assert (found.creation_time, found.end_time, found.status, found.exit_code) == (1.5e9, 1.5e9 + 1, "failed", 3)
    assert found.get_metric("loss").columns().times.tolist() == [1.5e9, 1.5e9 + 0.5]
    assert [record.text for record in found.get_log_records()] == ["then"]


def test_stored_runs_are_edited(path):
    with Run(repo=path, experiment="old") as run:
        run.track({"loss": 1, "junk": 1})
    repo = Repo(path)
    repo.edit_run(
        run.hash,
        name="renamed",
        experiment="new",
        add_tags=["t"],
        params={"/net/depth": 3},
        drop_metrics=["junk"],
        add_notes=["a note"],
    )
    found = repo.get_run(run.hash)
    assert (found.name, found.experiment, found.status, found["net"]) == ("renamed", "new", "finished", {"depth": 3})
    assert repo.edit_runs("run.experiment == 'new'", notes={1: "better"}) == 1
    (note,) = repo.notes(run.hash)
    assert (note["text"], note["history"][0]["text"]) == ("better", "a note")
    with pytest.raises(libaim.InvalidArgumentError, match="nmae"):
        repo.edit_run(run.hash, nmae="x")
    repo.describe_tag("t", "what it means", "#00ff00")
    repo.describe_experiment("new", "what it is")
    assert (repo.metric_names(), repo.param_keys("run.net.depth == 3")) == ({"loss": 1}, {"/net/depth": 1})
    assert (repo.rename_experiment("new", "newer"), repo.experiments(), repo.tags()) == (1, {"newer": 1}, {"t": 1})
    assert repo.delete_tag("t") == 1
    assert repo.delete_runs_where("run.experiment == 'newer'") == (1, 0)

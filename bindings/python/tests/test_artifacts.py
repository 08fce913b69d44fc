"""Files that runs log: versions, aliases, what is kept, who uses them."""

import hashlib
import os
import time

import pytest

import libaim


def write(path, text):
    path.write_text(text)
    return path


def test_versions_and_aliases(run, path, tmp_path):
    file = tmp_path / "model.pt"
    run.log_artifact(write(file, "first"), "model", type="checkpoint", step=3, metadata={"loss": 0.5}, aliases=["best", "a"])
    run.close()
    run = libaim.Run(run.hash, repo=path)
    run.log_artifact(write(file, "second"), "model", aliases="best", block=True)
    run.log_artifact(file, "model", block=True)  # the same bytes
    assert list(run.artifacts) == ["model"]
    latest = run.artifacts["model"]
    assert (latest.version, latest.aliases, latest.size, latest.state) == (1, ["best", "latest"], 6, "stored")
    assert latest.checksum == hashlib.sha256(b"second").hexdigest()
    assert latest.path == str(file) and latest.mtime == pytest.approx(file.stat().st_mtime)
    assert abs(latest.time - time.time()) < 3600
    first, _ = run.repo.artifacts(run.hash)
    assert (first.type, first.step, first.metadata, first.aliases) == ("checkpoint", 3, {"loss": 0.5}, ["a"])
    assert repr(first) == "<Artifact model:v0 stored>"
    os.remove(file)
    assert (tmp_path / "fetched" / "model.pt").samefile(first.download(tmp_path / "fetched"))
    assert (tmp_path / "fetched" / "model.pt").read_text() == "first"
    assert [one["found"] for one in run.repo.verify_artifacts(run.hash)] == ["intact", "intact"]
    run.repo.alias_artifact(first.reference, "good")
    run.repo.delete_artifact(f"{run.hash}/model:good")
    with pytest.raises(libaim.NotFoundError):
        first.download()
    run.close()


def test_directories(run, tmp_path):
    data = tmp_path / "data"
    (data / "deep").mkdir(parents=True)
    write(data / "x", "1")
    write(data / "deep" / "y", "22")
    run.log_artifact(data, mode="link", block=True)
    assert (run.artifacts["data"].files, run.artifacts["data"].size) == (2, 3)
    run.log_artifacts(data, "all", block=True, type="dataset")
    assert sorted(run.artifacts) == ["all/deep/y", "all/x", "data"]
    with pytest.raises(libaim.InvalidArgumentError):
        run.log_artifacts(data / "x")


def test_lineage_and_queries(run, path, tmp_path):
    run.log_artifact(write(tmp_path / "data.csv", "1,2"), mode="reference", block=True)
    with libaim.Run(repo=path) as user:
        user.use_artifact(run.artifacts["data.csv"])
        user.use_artifact(f"{run.hash}/data.csv")
        found = user.repo.artifact_users(f"{run.hash}/data.csv:latest")
        assert [(one["run"], one["version"]) for one in found] == [(user.hash, 0)] * 2
        with pytest.raises(libaim.NotFoundError):
            user.use_artifact(f"{run.hash}/nothing")
    found = libaim.Repo(path).query_runs("run.artifacts['data.csv'].size == 3")
    assert [of_run.run.hash for of_run in found.iter_runs()] == [run.hash]


def test_where_they_are_pushed(run):
    assert run.artifacts_uri is None
    run.set_artifacts_uri("s3://bucket/path")
    assert run.artifacts_uri == "s3://bucket/path"
    with pytest.raises(libaim.InvalidArgumentError):
        run.set_artifacts_uri("bucket")


def test_what_is_refused(run, tmp_path):
    file = write(tmp_path / "x", "x")
    with pytest.raises(libaim.NotFoundError):
        run.log_artifact(tmp_path / "nothing")
    for wrong in [{"mode": "move"}, {"name": "../x"}, {"aliases": ["latest"]}, {"metadata": [1]}]:
        with pytest.raises(libaim.InvalidArgumentError):
            run.log_artifact(file, **wrong)
    with pytest.raises(TypeError):
        run.log_artifact(file, 5)
    run.close()
    with pytest.raises(libaim.ClosedError):
        run.log_artifact(file)

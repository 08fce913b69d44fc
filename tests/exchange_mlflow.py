"""What `libaim import mlflow` and libaim.export_mlflow exchange with MLflow itself. Speaks TAP.

exchange_mlflow.py PROGRAM SCRATCH"""

import json
import math
import os
import socket
import subprocess
import sys
import time
import urllib.request

os.environ.update(MLFLOW_ALLOW_FILE_STORE="true", MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true")
os.environ.update(MLFLOW_HTTP_REQUEST_MAX_RETRIES="2")

import numpy
from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient

program, scratch = sys.argv[1:]
os.chdir(scratch)
STORE = f"sqlite:///{scratch}/mlflow.db"
tests = 0


def ok(good, what):
    global tests
    tests += 1
    print(("ok" if good else "not ok"), tests, "-", what, flush=True)


def run(*arguments, repo):
    env = {**os.environ, "AIM_REPO": os.path.join(scratch, repo)}
    done = subprocess.run(arguments, env=env, capture_output=True, text=True)
    print("".join(f"# {line}\n" for line in done.stderr.splitlines()[-10:]), end="", flush=True)
    return done


def everything(repo):
    """Heads and points of all runs."""
    heads, points = {}, {}
    for line in run(program, "export", "jsonl", repo=repo).stdout.splitlines():
        row = json.loads(line)
        if "status" in row:
            heads[row["run"]] = row
        elif "value" in row:
            key = row["run"], row["name"]
            points.setdefault(key, []).append((row["step"], repr(float(row["value"])), row["time"]))
    return heads, points


client = MlflowClient(STORE)
experiment = client.create_experiment("digits", artifact_location=f"file://{scratch}/artifacts")
made = client.create_run(experiment, start_time=1_700_000_000_123, run_name="all kinds", tags={"mlflow.note.content": "some notes é"})
run_id = made.info.run_id
client.log_batch(run_id, params=[Param("lr", "0.1"), Param("nested/key", "ü"), Param("flag", "True")])
for name, values in (
    ("loss", [(1 / (s + 1), 1_700_000_000_123 + s, s) for s in range(30_000)]),
    ("special", [(math.nan, 1_700_000_000_123, 0), (math.inf, 1_700_000_000_124, 1), (-math.inf, 1_700_000_000_125, 2)]),
    ("no steps", [(float(s), 1_700_000_000_123 + s, 0) for s in range(5)]),
    ("system/cpu", [(12.5, 1_700_000_000_123, -5), (13.5, 1_700_000_000_123, 1 << 53 | 1)]),
):
    for i in range(0, len(values), 1000):
        client.log_batch(run_id, metrics=[Metric(name, *row) for row in values[i : i + 1000]])
client.log_image(run_id, numpy.zeros((16, 24, 3), dtype=numpy.uint8), key="val/preview", step=7, timestamp=1_700_000_000_130)
client.set_terminated(run_id, "FINISHED", 1_700_000_060_123)
for status in ("FAILED", "KILLED", "RUNNING"):
    other = client.create_run(experiment, start_time=1_700_000_001_000, run_name=status).info.run_id
    if status != "RUNNING":
        client.set_terminated(other, status, 1_700_000_002_000)
client.delete_run(other)

done = run(program, "import", "mlflow", f"{scratch}/mlflow.db", repo="database")
ok(done.returncode == 0 and "imported 4 runs" in done.stderr, "a database is imported")
heads, points = everything("database")
by_name = {head["name"]: head for head in heads.values()}
full = by_name["all kinds"]
ok(full["params"]["lr"] == "0.1" and full["params"]["nested/key"] == "ü", "params")
ok((full["created_at"], full["finalized_at"]) == (1_700_000_000.123, 1_700_000_060.123), "beginning and end")
ok(full["description"] == "some notes é" and full["experiment"] == "digits", "description and experiment")
states = {name: head["status"] for name, head in by_name.items()}
ok(states == {"all kinds": "finished", "FAILED": "failed", "KILLED": "interrupted", "RUNNING": "crashed"}, f"{states}")
ok(by_name["RUNNING"]["archived"], "a deleted run is an archived one")
history = client.get_metric_history(run_id, "loss")
theirs = [(m.step, repr(m.value), m.timestamp / 1000) for m in history]
ok(points[full["run"], "loss"] == theirs and len(theirs) == 30_000, "points as MLflow reads them")
ok([p[1] for p in points[full["run"], "special"]] == ["nan", "inf", "-inf"], "NaN and infinities")
ok([p[:2] for p in points[full["run"], "no steps"]] == [(s, repr(float(s))) for s in range(5)], "points without steps are counted")
ok([p[0] for p in points[full["run"], "__system__cpu"]] == [-5, 1 << 53 | 1], "steps that are odd")
run(program, "export", "directory", "-t", f"{scratch}/all", repo="database")
pictures = [p for _, _, files in os.walk(f"{scratch}/all") for p in files if p.endswith(".png")]
ok(pictures == ["7.png"], "images of steps are objects")
again = run(program, "import", "mlflow", f"{scratch}/mlflow.db", repo="database")
ok("of 4 runs nothing is new" in again.stderr, "what has not changed is not read again")

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
# MLflow's own answers to requests, without the program around them, which wants half a gigabyte of packages.
SERVE = """
import os, sys, mlflow.server as server
os.environ[server.BACKEND_STORE_URI_ENV_VAR], os.environ[server.ARTIFACT_ROOT_ENV_VAR] = sys.argv[1:3]
server.app.run(host="127.0.0.1", port=int(sys.argv[3]), threaded=True)
"""
command = [sys.executable, "-B", "-c", SERVE, STORE, f"{scratch}/artifacts", str(port)]
with open(f"{scratch}/server.log", "w") as log:
    server = subprocess.Popen(command, stdout=log, stderr=log)
try:
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{url}/health", timeout=10).read()
            break
        except OSError:
            time.sleep(0.2)
    done = run(program, "import", "mlflow", url, repo="server")
    ok(done.returncode == 0 and "imported 4 runs" in done.stderr, "a server is imported")
    ok(everything("server") == (heads, points), "a server gives what its database does")
    moved = run(program, "import", "mlflow", "--rewrite-path", f"{scratch}=/nowhere", url, repo="moved")
    artifacts = [head["params"]["mlflow"]["artifacts"] for head in everything("moved")[0].values()]
    ok(moved.returncode == 0 and all(path.startswith("/nowhere/artifacts/") for path in artifacts), "paths are rewritten")

    def export(uri, repo):
        return run(sys.executable, "-B", "-m", "libaim.export_mlflow", uri, "--repo", os.path.join(scratch, repo), repo=repo)

    from libaim import Image, Run

    with Run(repo=f"{scratch}/ours", experiment="exported") as ours:
        ours.name = "the first"
        ours["hparams"] = {"lr": 0.1, "layers": [1, 2], "note": "ü"}
        for step in range(2500):
            ours.track(step / 3, name="loss", step=step, context={"subset": "val"})
        ours.track(Image(numpy.zeros((4, 4), dtype=numpy.uint8), caption="x"), name="../picture", step=3)
    for uri in (f"sqlite:///{scratch}/other.db", url):
        done = export(uri, "ours")
        ok(done.returncode == 0 and "exported 1 runs" in done.stderr, f"a run is exported to {uri.split(':')[0]}")
        there = MlflowClient(uri)
        (found,) = there.search_runs([there.get_experiment_by_name("exported").experiment_id])
        ok(found.data.params == {"hparams.lr": "0.1", "hparams.layers": "[1, 2]", "hparams.note": "ü"}, f"{found.data.params}")
        got = there.get_metric_history(found.info.run_id, "loss/subset:val")
        ok([(m.step, m.value) for m in got] == [(s, s / 3) for s in range(2500)], "with all points")
        about = found.info.run_name, found.info.status, found.info.start_time
        ok(about == ("the first", "FINISHED", round(ours.creation_time * 1000)), f"{about}")
        files = [f.path for f in there.list_artifacts(found.info.run_id, "images/_/picture")]
        ok(files == ["images/_/picture/3.png"], f"objects are artifacts: {files}")
        done = export(uri, "ours")
        ok("left as they are (1)" in done.stderr, "exporting again leaves it as it is")
finally:
    server.terminate()
    server.wait()
none = run(program, "import", "mlflow", f"http://127.0.0.1:{port}", repo="none")
ok(none.returncode == 1 and "the server does not answer" in none.stderr, "a server that is not there is named")
with open(f"{scratch}/no.db", "wb") as file:
    file.write(b"no database " * 100)
none = run(program, "import", "mlflow", f"{scratch}/no.db", repo="none")
ok(none.returncode == 1 and "SQLite cannot read it" in none.stderr, "a file that is no database is refused")
print(f"1..{tests}")

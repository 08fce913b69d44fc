"""Asks the server what Aim 3.29.1 was asked when `fixtures/` was recorded, and compares the shapes of the answers.

    fixtures.py URL HASH...

The repositories differ, so do values; but an answer has the same status, the same kind, and every key that Aim's has,
with a value of the same kind. Keys of params, contexts and hashes are data, not shape.
"""
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

from decode_stream import decode

FIXTURES = Path(__file__).parent / "fixtures"
BASE, HASHES = sys.argv[1], sys.argv[2:]
# The recorded runs, and those of ours that take their part.
RUNS = {
    "5d1fe4a57a2542fb8545a2d3": HASHES[0],
    "62350c50874745debcdda8fd": HASHES[1],
    "b209693e10274eb48d949f85": HASHES[3],
}
# The recorded run also has what the last one of ours has: objects of the same names, steps and captions.
RECORDED = next(iter(RUNS))
KINDS = ("images", "texts", "audios", "figures", "distributions")
# Names of metrics that the recorded repository has and ours has not.
NAMES = {"samples": "loss"}
# What differs on purpose, by fixture.
STATUS = {"run_delete_missing": 400, "images_blobs_bad": 400}
IGNORED = {
    # A stream may hold fewer progress records; a description of a parameter's error is another validator's.
    "search_metric_bad_p": "detail",
    "boards_absent": "detail",
}
# Below these keys stand data.
DATA = {"params", "context", "activity_map", "state", "metric", "args", "images", "texts", "audios", "figures",
        "distributions", "artifacts", "logs", "log_records", "traces.metric"}
# Aim's constant that nothing reads.
UNREAD = {"last_value"}
ids = dict(RUNS)


def ask(method, path, body):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "X-Timezone-Offset": "0"}
    request = urllib.request.Request(BASE + path, data, headers, method=method)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers.get("Content-Type"), answer.read()


def ours(text):
    """A recorded text with our hashes, ids and names."""
    for theirs, mine in ids.items():
        text = text.replace(theirs, mine)
    return text


def kind(value):
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def differences(theirs, mine, path=""):
    """What our answer lacks of the shape of theirs."""
    if theirs is None or mine is None:
        return
    if kind(theirs) != kind(mine):
        yield f"{path}: {kind(mine)} in place of {kind(theirs)}"
    elif isinstance(theirs, dict):
        for key, value in theirs.items():
            if key in UNREAD:
                continue
            if key not in mine:
                yield f"{path}/{key} is missing"
            elif key not in DATA:
                yield from differences(value, mine[key], f"{path}/{key}")
    elif isinstance(theirs, list) and theirs and mine:
        yield from differences(theirs[0], mine[0], f"{path}[0]")


# Of objects, what differs from one repository to another.
OPAQUE = {"blob_uri", "format", "data", "range", "params", "props", "epochs", "timestamps"}


def unequal(theirs, mine, path=""):
    """Where our answer says something else of the same objects."""
    if isinstance(theirs, dict) and isinstance(mine, dict):
        for key in sorted({*theirs, *mine}, key=str):
            if key not in mine or key not in theirs:
                yield f"{path}/{key} is {'missing' if key in theirs else 'too much'}"
            elif key in OPAQUE:
                yield from differences({key: theirs[key]}, mine, path)
            else:
                yield from unequal(theirs[key], mine[key], f"{path}/{key}")
    elif isinstance(theirs, list) and isinstance(mine, list) and len(theirs) == len(mine):
        for number, pair in enumerate(zip(theirs, mine)):
            yield from unequal(*pair, f"{path}[{number}]")
    elif isinstance(theirs, bytes) and isinstance(mine, bytes):
        if theirs[:4] != mine[:4]:
            yield f"{path} begins with {mine[:4]} in place of {theirs[:4]}"
    elif theirs != mine:
        yield f"{path} is {mine!r} in place of {theirs!r}"


def objects(raw):
    """All records of a stream but progress; blobs by their order."""
    tree = {name: value for name, value in (decode(raw) or {}).items() if not str(name).startswith("progress")}
    if any(isinstance(value, bytes) for value in tree.values()):
        return list(tree.values())
    return {"run" if len(str(name)) == 24 else name: value for name, value in tree.items()}


def uris(raw):
    return [one["blob_uri"] for step in objects(raw)["values"] for one in step]


def records(raw):
    """A stream's runs, log lines and other records by kind: one of each."""
    tree = decode(raw) or {}
    found = {}
    for name, value in (tree.items() if isinstance(tree, dict) else []):
        is_run = isinstance(name, str) and len(name) == 24
        if isinstance(name, str) and name.startswith("progress"):
            found["progress"] = list(value)
        else:
            found.setdefault("run" if is_run else "number" if isinstance(name, int) else name, value)
    return found


def learn(name, theirs, mine):
    """Ids that later requests name."""
    if name in ("experiments", "tags"):
        ids[theirs[0]["id"]] = mine[0]["id"]
    elif isinstance(theirs, dict) and isinstance(theirs.get("id"), str) and "id" in mine:
        ids[theirs["id"]] = mine["id"]


def note_path(path):
    # The notes of runs count by run: Aim's count over all.
    return path.replace("/note/2", "/note/1")


failed, count = 0, 0
for fixture in json.loads((FIXTURES / "index.json").read_text()):
    count += 1
    name = fixture["name"]
    recorded = next(FIXTURES.glob(f"{name}.response.*")).read_bytes()
    of_objects = any(kind in name for kind in KINDS)
    ids[RECORDED] = HASHES[-1 if of_objects else 0]
    path, body = note_path(ours(fixture["path"])), fixture["body"]
    for theirs, mine in () if of_objects else NAMES.items():
        path = path.replace(f"%22{theirs}%22", f"%22{mine}%22")
    body = None if body is None else json.loads(ours(json.dumps(body)))
    if name == "experiment_update":
        body["name"] = json.loads(ask("GET", path, None)[2])["name"]
    status, content, raw = ask(fixture["method"], path, body)
    wrong = []
    if status != STATUS.get(name, fixture["status"]):
        wrong.append(f"status {status} in place of {fixture['status']}: {raw[:200]!r}")
    elif fixture["stream"]:
        if content != "application/octet-stream":
            wrong.append(f"a stream of type {content}")
        if of_objects:
            if name in ("images_batch", "audios_batch"):
                ids.update(zip(uris(recorded), uris(raw)))
            wrong += unequal(objects(recorded), objects(raw))
        else:
            wrong += differences(records(recorded), records(raw))
    elif name in STATUS:
        pass
    elif content != "application/json":
        wrong.append(f"JSON of type {content}")
    else:
        theirs, mine = json.loads(recorded), json.loads(raw)
        if name in IGNORED and isinstance(theirs, dict):
            theirs.pop(IGNORED[name], None)
        learn(name, theirs, mine)
        wrong += differences(theirs, mine)
    failed += bool(wrong)
    print(("not ok" if wrong else "ok"), count, "-", name, *(f"\n#   {w}" for w in wrong))
print(f"1..{count}")
sys.exit(failed > 0)

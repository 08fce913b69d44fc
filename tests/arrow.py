"""Arrow export with real consumers: pyarrow and DuckDB read what aim_repo_query_arrow fills. Prints TAP.

usage: arrow.py LIBRARY DIRECTORY
"""
import ctypes as c
import math
import sys

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

library, directory = sys.argv[1:]
aim = c.CDLL(library)
aim.aim_error_message.restype = c.c_char_p
aim.aim_run_hash.restype = c.c_char_p
AUTO = EPOCH_NONE = c.c_int64(-(2**63))
RUNS, METRICS = 1, 2


class RunOptions(c.Structure):
    _fields_ = [("struct_size", c.c_size_t)] + [(n, c.c_char_p) for n in ("repo", "experiment", "run_hash")] + [
        ("repo_options", c.c_void_p)]


def call(name, *args):
    err = c.c_void_p()
    if getattr(aim, name)(*args, c.byref(err)) != 0:
        raise RuntimeError(c.cast(aim.aim_error_message(err), c.c_char_p).value)


def write_run(params, points):
    options = RunOptions(c.sizeof(RunOptions), directory.encode(), b"arrow", None, None)
    run = c.c_void_p()
    call("aim_run_new", c.byref(options), c.byref(run))
    for key, value in params.items():
        call("aim_run_set_param", run, key.encode(), value.encode())
    for name, step, value, epoch in points:
        call("aim_run_track", run, name.encode(), c.c_double(value), c.c_int64(step), epoch, b'{"subset":"train"}')
    hash = aim.aim_run_hash(run).decode()
    call("aim_run_close", run)
    aim.aim_run_free(run)
    return hash


def stream(expression, kind):
    """What the consumers take: any object with __arrow_c_stream__, or here pyarrow's reader over the C struct."""
    memory = c.create_string_buffer(5 * 8)
    call("aim_repo_query_arrow", repo, expression.encode(), kind, memory)
    return pa.RecordBatchReader._import_from_c(c.addressof(memory))


checks = 0


def ok(condition, name):
    global checks
    checks += 1
    print(f"{'ok' if condition else 'not ok'} {checks} - {name}", flush=True)


first = write_run(
    {"hparams": '{"lr": 0.1, "layers": [64, 10], "name": "sgd"}', "seed": "1", "mixed": "1", "flag": "true"},
    [("loss", i, 1.0 / (i + 1), c.c_int64(i // 10)) for i in range(100_000)] + [("acc", 3, math.nan, EPOCH_NONE)],
)
second = write_run({"hparams": '{"lr": 1, "name": "adam"}', "seed": "9007199254740993", "mixed": '"x"', "gone": "null"}, [
    ("loss", 7, 0.5, EPOCH_NONE)])
repo = c.c_void_p()
call("aim_repo_open", directory.encode(), None, c.byref(repo))

points = stream("", METRICS).read_all()
ok(points.num_rows == 100_002, "a row per point")
ok(points.schema.names == ["run", "name", "context", "step", "value", "epoch", "time"], "the columns of points")
rows = points.slice(0, 2).to_pylist()
ok(rows[0]["run"] == second and rows[0]["step"] == 7 and rows[0]["epoch"] is None, "newest run first, epoch none is null")
ok(rows[1]["name"] == "acc" and math.isnan(rows[1]["value"]), "then by name; NaN is a value, not null")
ok(rows[0]["context"] == '{"subset":"train"}' and rows[0]["time"].tzinfo is not None, "context as JSON, time in UTC")
loss = points.filter(pc.equal(points["run"].cast(pa.string()), first)).filter(
    pc.equal(points.filter(pc.equal(points["run"].cast(pa.string()), first))["name"].cast(pa.string()), "loss"))
ok(loss["step"].to_pylist() == list(range(100_000)), "steps in order over batches")
ok(loss["value"].to_pylist() == [1.0 / (i + 1) for i in range(100_000)], "values to the last bit")

runs = stream("", RUNS).read_all()
ok(runs["hash"].to_pylist() == [second, first], "a row per run")
types = {name: str(runs.schema.field(name).type) for name in runs.schema.names}
ok(types["params/hparams/lr"] == "double", "integers and floats make a column of floats")
ok(runs["params/seed"].to_pylist() == [9007199254740993, 1], "integers stay exact")
ok(runs["params/mixed"].to_pylist() == ['"x"', "1"], "mixed types are JSON text")
ok(runs["params/hparams/layers"].to_pylist() == [None, "[64,10]"], "lists are JSON text, what is missing is null")
ok(types["params/flag"] == "bool" and runs["params/hparams/name"].to_pylist() == ["adam", "sgd"], "bools and strings")
ok(runs["status"].to_pylist() == ["finished"] * 2 and runs["experiment"].to_pylist() == ["arrow"] * 2, "properties")
ok(stream("run.seed == 5", RUNS).read_all().num_rows == 0, "an answer without rows")

reader = stream("metric.name == 'loss'", METRICS)
ok(duckdb.sql("SELECT count(*), min(value), max(step) FROM reader").fetchall() == [(100_001, 1e-05, 99_999)], "DuckDB reads points")
reader = stream("run.hparams.name == 'sgd'", RUNS)
ok(duckdb.sql('SELECT hash, "params/hparams/lr" FROM reader').fetchall() == [(first, 0.1)], "DuckDB reads runs")

class QueryOptions(c.Structure):
    _fields_ = [
        ("struct_size", c.c_size_t), ("offset", c.c_uint64), ("limit", c.c_uint64), ("progress", c.c_void_p),
        ("userdata", c.c_void_p), ("no_index", c.c_bool), ("timeout", c.c_double), ("bounds", c.c_uint64 * 5),
        ("json", c.c_int32), ("order_by", c.c_char_p), ("descending", c.c_bool), ("columns", c.POINTER(c.c_char_p)),
        ("columns_len", c.c_size_t)]


def chosen(expression, kind, columns=None, **options):
    """As stream, with options."""
    asked = QueryOptions(struct_size=c.sizeof(QueryOptions), **options)
    if columns is not None:
        asked.columns = (c.c_char_p * (len(columns) + 1))(*(name.encode() for name in columns))
        asked.columns_len = len(columns)
    memory = c.create_string_buffer(5 * 8)
    call("aim_repo_query_arrow_with", repo, expression.encode(), kind, c.byref(asked), memory)
    return pa.RecordBatchReader._import_from_c(c.addressof(memory))


def refused(*args, **options):
    try:
        chosen(*args, **options)
    except RuntimeError as error:
        return error.args[0].decode()


part = chosen("metric.name == 'loss'", METRICS, columns=["value", "step"], offset=1).read_all()
ok(part.schema.names == ["value", "step"] and part["step"].to_pylist() == list(range(100_000)), "columns in the order given; an offset leaves metrics out")
ok(chosen("", METRICS, order_by=b"metric.count", descending=True, limit=1).read_all().num_rows == 100_000, "the longest metric, whole")
sizes = [batch.num_rows for batch in chosen("metric.count > 9", METRICS)]
ok(len(sizes) > 1 and max(sizes) < 80_000 and sum(sizes) == 100_000, "a long metric comes in several batches")
ok(chosen("", METRICS, columns=[]).read_all().num_columns == 0, "no columns")
wanted = ["params/hparams/lr", "hash", "params/hparams", "params/none"]
picked = chosen("", RUNS, columns=wanted, order_by=b"run.hparams.lr").read_all()
ok(picked.schema.names == wanted and picked["hash"].to_pylist() == [first, second], "runs in order, by their columns")
ok(picked["params/hparams/lr"].to_pylist() == [0.1, 1.0] and picked["params/none"].to_pylist() == [None, None], "params by their pointers; nulls where no run has it")
ok(picked["params/hparams"].to_pylist()[1] == '{"lr":1,"name":"adam"}', "a dict is JSON text")
ok("did you mean \"step\"" in refused("", METRICS, columns=["steps"]), "an unknown column of points is named")
ok("hash, name" in refused("", RUNS, columns=["hashes"]), "an unknown column of runs is named, with those there are")
ok("order by" in refused("", RUNS, order_by=b"run."), "a wrong order is an error at once")

early = stream("", METRICS)
aim.aim_repo_free(repo)
ok(early.read_next_batch().num_rows >= 1, "a stream outlives its repository")
del early
print(f"1..{checks}")

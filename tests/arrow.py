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

options = RunOptions(c.sizeof(RunOptions), directory.encode(), b"tables", None, None)
run = c.c_void_p()
call("aim_run_new", c.byref(options), c.byref(run))
TABLES, IMAGES = 9, 3


def sequence(name, kind=TABLES):
    made = c.c_void_p()
    call("aim_run_sequence", run, kind, name.encode(), None, c.byref(made))
    return made


def track(name, reader, kind=TABLES, caption=None):
    """Tracks all that a reader gives as a table; whatever the answer, its stream is released."""
    memory = c.create_string_buffer(5 * 8)
    reader._export_to_c(c.addressof(memory))
    try:
        call("aim_sequence_track_table", sequence(name, kind), memory, caption, None, AUTO, EPOCH_NONE, c.c_double(0))
    finally:
        assert memory.raw[24:32] == bytes(8), "the stream was not released"


def wrong(*args, **options):
    try:
        track(*args, **options)
    except RuntimeError as error:
        return error.args[0].decode()


def tracked(name):
    query, found = c.c_void_p(), c.c_void_p()
    call("aim_repo_query", repo, f"tables.name == {name!r}".encode(), TABLES, c.byref(query))
    call("aim_query_objects", query, c.c_size_t(0), None, c.byref(found))
    place, size = c.c_void_p(), c.c_size_t()
    call("aim_objects_data", found, c.c_size_t(0), c.byref(place), c.byref(size))
    read = pa.ipc.open_file(pa.py_buffer(c.string_at(place, size.value))).read_all()
    read.validate(full=True)
    aim.aim_objects_free(found)
    aim.aim_query_free(query)
    return read


def reader(table, rows=None):
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=rows))


words = ["", "a", "größer", None, "a word that is longer than a view has room for in itself", "z"]
numbers = [0, 1, -1, None, 100, 7]
times = [0, 1, 86_399, None, 5, 3]
dictionary = pa.DictionaryArray.from_arrays(pa.array([2, None, 0, 1, 2, 0], pa.int8()), ["x", None, "zz"])
kinds = {
    **{str(kind): pa.array(numbers, kind) for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.float32(), pa.float64())},
    **{str(kind): pa.array([n and abs(n) for n in numbers], kind) for kind in (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())},
    **{str(kind): pa.array(times, kind) for kind in (
        pa.date32(), pa.time32("ms"), pa.time64("us"), pa.time64("ns"), pa.timestamp("s"), pa.timestamp("ms", "UTC"),
        pa.timestamp("us", "Europe/Berlin"), pa.timestamp("ns"), pa.duration("s"), pa.duration("ns"))},
    **{str(kind): pa.array([n and 86_400_000 * n for n in numbers], pa.int64()).cast(kind) for kind in (pa.date64(),)},
    **{str(kind): pa.array(words, kind) for kind in (pa.string(), pa.large_string(), pa.string_view())},
    **{str(kind): pa.array([w and w.encode() for w in words], kind) for kind in (pa.binary(), pa.large_binary(), pa.binary_view())},
    "time32[s]": pa.array([1, 2, 3, None, 4, 5], pa.time32("s")),
    "bool": pa.array([True, None, False, True, True, False]),
    "null": pa.nulls(6),
    "half": pa.array(numbers, pa.float32()).cast(pa.float16()),
    "interval": pa.array([None, (1, 2, 3), (0, 0, 0), (-1, 5, 7), None, (9, 9, 9)], pa.month_day_nano_interval()),
    **{f"decimal{n}": pa.array([1, None, -2, 3, 4, 99], getattr(pa, f"decimal{n}")(7, 2)) for n in (32, 64, 128, 256)},
    "fixed": pa.array([b"abc", None, b"def", b"ghi", b"jkl", b"mno"], pa.binary(3)),
    "empty": pa.array([b"", None, b"", b"", b"", b""], pa.binary(0)),
    "list": pa.array([[1, 2], None, [], [3, None], [4], [5, 6, 7]], pa.list_(pa.int16())),
    "large list": pa.array([["a"], None, [], ["b", None], ["c"], ["d"]], pa.large_list(pa.string())),
    "pairs": pa.array([[1, 2], None, [3, 4], [5, None], [7, 8], [9, 9]], pa.list_(pa.float64(), 2)),
    "struct": pa.array([{"a": 1, "b": ["x"]}, None, {"a": None, "b": []}, {"a": 4, "b": None}, {"a": 5, "b": ["y", "z"]}, {}],
                       pa.struct([("a", pa.int32()), ("b", pa.list_(pa.string()))])),
    "map": pa.array([[("k", 1)], None, [], [("l", None), ("m", 3)], [("n", 4)], [("o", 5)]], pa.map_(pa.string(), pa.int64())),
}
everything = pa.table(kinds).replace_schema_metadata({"made by": "a test", "": "größer"})
for rows in 6, 2, 1:
    track(f"by {rows}", reader(everything, rows))
    ok(tracked(f"by {rows}").equals(everything, check_metadata=True), f"every type, in batches of {rows}: what came back is equal")
many = pa.concat_tables([everything] * 400).combine_chunks()
for start, length in (0, 2400), (1, 2399), (7, 1000), (801, 17), (2399, 1), (5, 0):
    part = many.slice(start, length)
    track(f"slice {start}", pa.RecordBatchReader.from_batches(part.schema, [
        pa.RecordBatch.from_arrays([c.chunk(0) if c.num_chunks else pa.array([], c.type) for c in part.columns], schema=part.schema)]))
    ok(tracked(f"slice {start}").equals(part), f"rows {start} to {start + length} of a larger table")
rows = pa.StructArray.from_arrays([many["int32"].chunk(0), many["string"].chunk(0), many["list"].chunk(0)], ["a", "b", "c"])
capsule = pa.chunked_array([rows.slice(9, 333)]).__arrow_c_stream__()
c.pythonapi.PyCapsule_GetPointer.restype = c.c_void_p
place = c.c_void_p(c.pythonapi.PyCapsule_GetPointer(c.py_object(capsule), b"arrow_array_stream"))
call("aim_sequence_track_table", sequence("struct"), place, None, None, AUTO, EPOCH_NONE, c.c_double(0))
ok(tracked("struct").to_pylist() == rows.slice(9, 333).to_pylist(), "an offset of all rows")

by_number = {}
for index in (pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()):
    for name in "string", "large_string", "string_view", "double", "bool", "fixed":
        values = kinds[name]
        by_number[f"{name} by {index}"] = pa.DictionaryArray.from_arrays(pa.array([5, 0, None, 3, 2, 4, 1], index), values)
by_number = pa.table(by_number)
plain = pa.table({name: pa.array(column.to_pylist(), column.type.value_type) for name, column in zip(by_number.schema.names, by_number.columns)})
for start in 0, 3:
    track(f"numbers {start}", reader(by_number.slice(start)))
    ok(tracked(f"numbers {start}").equals(plain.slice(start)), f"dictionaries become what they say, from row {start} on")
two = [pa.record_batch({"d": pa.array(part).dictionary_encode()}) for part in (["a", "b", "a"], ["c", "a", None])]
track("two", pa.RecordBatchReader.from_batches(two[0].schema, two))
ok(tracked("two")["d"].to_pylist() == ["a", "b", "a", "c", "a", None], "batches with dictionaries of their own")
nested = pa.table({"l": pa.ListArray.from_arrays(pa.array([0, 2, 6], pa.int32()), dictionary)})
track("nested", reader(nested))
ok(tracked("nested")["l"].to_pylist() == nested["l"].to_pylist(), "a dictionary in a list")

pictures = pa.schema([pa.field("step", pa.int64(), False), pa.field("picture", pa.binary(), metadata={"aim.format": "png"})])
cells = pa.table([[1, 2], [b"\x89PNG\r\n\x1a\n...", None]], schema=pictures)
track("pictures", reader(cells), caption=b"two of them")
ok(tracked("pictures").schema.equals(pictures, check_metadata=True), "cells are images by the metadata of their column; what has no nulls says so")
for name, table in ("no batch", pa.table({"a": pa.array([], pa.int8())})), ("no column", pa.table({})):
    track(name, reader(table))
    ok(tracked(name).equals(table), name)
track("exported", stream("metric.name == 'loss'", METRICS))
ok(tracked("exported").num_rows == 100_001, "what a query gives as a stream becomes a table")
found = tracked("by 6").select(["int64", "string"])
ok(duckdb.sql("SELECT count(*), sum(int64) FROM found").fetchall() == [(6, 107)], "DuckDB reads what pyarrow opened")

union = pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["a", "b"])])
for name, column in (
    ("union", union), ("runs", pa.RunEndEncodedArray.from_arrays([2], ["a"])), ("view", pa.array([[1], [2]], pa.list_view(pa.int8()))),
    ("deep", pa.array([[{"a": [1]}], []], pa.list_(pa.struct([("a", pa.list_view(pa.int8()))])))),
):
    said = wrong("bad", reader(pa.table({"c": column})))
    ok(said and "is not stored" in said and "cast" in said, f"{name}: {said}")
of_lists = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), pa.array([[1]]))
ok("decode it" in wrong("bad", reader(pa.table({"c": of_lists}))), "a dictionary of lists")


def fails():
    yield everything.to_batches()[0]
    raise ValueError("the tap is dry")


said = wrong("bad", pa.RecordBatchReader.from_batches(everything.schema, fails()))
ok("the tap is dry" in said, f"a stream that fails: {said.splitlines()[0]}")
ok("images" in wrong("bad", reader(cells), kind=IMAGES), "a sequence of images holds no tables")
ok("caption" in wrong("bad", reader(cells), caption=b"c" * 4097), "a caption that is too long")
large = pa.foreign_buffer(c.addressof(c.create_string_buffer(8)), 1025 << 20)
large = pa.Array.from_buffers(pa.binary(1 << 20), 1025, [None, large])
ok("more than 1073741824 bytes" in wrong("bad", reader(pa.table({"c": large}))), "more than 1 GiB is refused before it is read")
released = c.create_string_buffer(5 * 8)
try:
    call("aim_sequence_track_table", sequence("bad"), released, None, None, AUTO, EPOCH_NONE, c.c_double(0))
except RuntimeError as error:
    ok("released already" in error.args[0].decode(), "a stream that was released")
query = c.c_void_p()
call("aim_repo_query", repo, b"tables.name == 'bad'", TABLES, c.byref(query))
ok(aim.aim_query_len(query) == 0, "of what was refused nothing is there")
aim.aim_query_free(query)
aim.aim_run_free(run)

early = stream("", METRICS)
aim.aim_repo_free(repo)
ok(early.read_next_batch().num_rows >= 1, "a stream outlives its repository")
del early
print(f"1..{checks}")

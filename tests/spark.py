"""What DuckDB and Spark read of `libaim export parquet`. Speaks TAP.

spark.py PROGRAM SCRATCH MASTER STATUS"""

import csv
import glob
import io
import json
import math
import os
import random
import subprocess
import sys
import time
import urllib.request

import duckdb
from pyspark.sql import SparkSession

program, scratch, master, status = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))
os.chdir(scratch)
tables = os.path.join(scratch, "tables")
tests = 0
failed = 0


def ok(good, what):
    global tests, failed
    tests += 1
    failed += not good
    print(("ok" if good else "not ok"), tests, "-", what, flush=True)


def libaim(*args, code=0):
    env = {**os.environ, "AIM_REPO": os.path.join(scratch, "repo")}
    done = subprocess.run([program, *args], env=env, capture_output=True, text=True)
    print("".join(f"# {line}\n" for line in done.stderr.splitlines()), end="", flush=True)
    assert done.returncode == code, (args, done)
    return done


def export():
    return libaim("export", "parquet", "-t", tables).stderr


def files(table="*"):
    return sorted(glob.glob(os.path.join(tables, table, "**", "*.parquet"), recursive=True))


# Runs of three months, with values that are hard to write, brought in as lines.
seed = random.Random(7)
odd = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 0.1, 2**53 + 1.0]


def number(value):
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def run(index, points=400):
    digits = f"{index + 1:024x}"
    begun = 1_780_000_000.25 + (index % 3) * 32 * 86400 + index
    yield {"run": digits, "name": f"run {index}", "experiment": ["digits", "größe"][index % 2], "description": "", "tags": ["a", "b c"][: index % 3],
           "archived": index == 4, "status": "finished", "created_at": begun, "finalized_at": begun + 60, "exit_code": 0,
           "signal": None, "run_id": None, "notes": [],
           "params": {"hparams": {"lr": 10.0 ** -(index % 5), "layers": [64, index], "name/of": "ü"}, "flag": index % 2 == 0}}
    for subset in ("train", "val"):
        for step in range(points):
            value = odd[step % 7] if subset == "val" and step < 14 else seed.gauss(0, 1)
            yield {"run": digits, "name": "loss", "context": {"subset": subset}, "step": step * 3 - 5, "value": number(value),
                   "epoch": None if step % 11 == 0 else step // 10, "time": begun + step / 8}


def bring(indices):
    path = os.path.join(scratch, "lines.jsonl")
    with open(path, "w") as out:
        for index in indices:
            for line in run(index):
                out.write(json.dumps(line) + "\n")
    libaim("import", "jsonl", path)


os.mkdir(os.path.join(scratch, "repo"))
os.makedirs(os.path.join(scratch, "repo", ".aim", "lmdb"))
bring(range(30))
said = export()
ok("exported 30 runs with 24,000 points" in said, "30 runs are exported")
ok(len(files("points")) == 3 and len(files()) == 12, "into a file in each table for each month")


def expected():
    text = libaim("export", "csv", "-o", os.path.join(scratch, "points.csv")) and open(os.path.join(scratch, "points.csv")).read()
    rows = csv.DictReader(io.StringIO(text))
    return sorted((r["run"], r["name"], json.dumps(json.loads(r["context"]), sort_keys=True), int(r["step"]),
                   exact(float(r["value"])), int(r["epoch"]) if r["epoch"] else None, round(float(r["time"]) * 1e6)) for r in rows)


def exact(value):
    return "NaN" if math.isnan(value) else value.hex()


def plain(rows):
    return sorted((r[0], r[1], json.dumps(json.loads(r[2]), sort_keys=True), r[3], exact(r[4]), r[5], r[6]) for r in rows)


def duck(sql):
    return duckdb.connect().execute(sql.replace("TABLES", tables)).fetchall()


POINTS = "SELECT run, name, context, step, value, epoch, epoch_us(time) FROM 'TABLES/points/**/*.parquet'"
ok(plain(duck(POINTS)) == expected(), "DuckDB reads every point exactly")
ok(duck("SELECT DISTINCT year, month FROM 'TABLES/points/**/*.parquet' ORDER BY ALL") == [(2026, 5), (2026, 6), (2026, 7)]
   or len(duck("SELECT DISTINCT year, month FROM 'TABLES/points/**/*.parquet'")) == 3, "DuckDB knows the months")
best = "SELECT count(*) FROM 'TABLES/runs/**/*.parquet' r JOIN 'TABLES/params/**/*.parquet' p USING (run) " \
       "WHERE p.path = '/hparams/lr' AND p.number < 0.05 AND list_contains(r.tags, 'b c')"
want = sum(1 for i in range(30) if 10.0 ** -(i % 5) < 0.05 and i % 3 == 2)
ok(duck(best) == [(want,)], "DuckDB joins runs and params")
ok(duck("SELECT value FROM 'TABLES/params/**/*.parquet' WHERE path = '/hparams/name~1of' LIMIT 1") == [('"ü"',)], "texts are JSON")
size = sum(os.path.getsize(f) for f in files("points")) / 24000
print(f"# {size:.2f} bytes a point")

# Again, without news: nothing is written.
before = {f: os.stat(f).st_mtime_ns for f in files()}
ok("exported 0 runs" in export() and {f: os.stat(f).st_mtime_ns for f in files()} == before, "without news nothing is written")
# A run of one month changes, one comes, one goes.
libaim("rename", "run 3", "another name")
bring([30])
libaim("rm", "-y", "run 6")
said = export()
after = {f: os.stat(f).st_mtime_ns for f in files()}
kept = set(before.items()) & set(after.items())
ok("exported 10 runs" in said and len(kept) == 8 and len(after) == 12, "of three months only the one with news is written anew")
ok(plain(duck(POINTS)) == expected(), "DuckDB reads what there is now")
ok(duck("SELECT name FROM 'TABLES/runs/**/*.parquet' WHERE run = '000000000000000000000004'") == [("another name",)], "and new names")
# What a killed export left goes; a file that somebody removed comes back.
left = os.path.join(os.path.dirname(files("points")[0]), ".part-0.parquet.part")
open(left, "w").close()
os.remove(files("params")[0])
said = export()
ok(not os.path.exists(left) and len(files()) == 12, "a damaged export is mended by the next")
ok(plain(duck(POINTS)) == expected(), "and has every point once")
refused = libaim("export", "parquet", "-t", scratch, code=1).stderr
ok("is not empty" in refused, "another directory is not exported into")
refused = libaim("export", "parquet", "metric.name == 'loss'", "-t", tables, code=2).stderr
ok("takes whole runs" in refused, "metrics are not selected")


def workers():
    try:
        return json.load(urllib.request.urlopen(status, timeout=5))["aliveworkers"]
    except OSError:
        return 0


until = time.time() + 120
while workers() < 2 and time.time() < until:
    time.sleep(0.2)
ok(workers() == 2, "Spark's master has two workers")
spark = (SparkSession.builder.master(master).appName("libaim").config("spark.executor.memory", "512m")
         .config("spark.driver.host", "127.0.0.1").config("spark.ui.enabled", "false")
         .config("spark.sql.warehouse.dir", os.path.join(scratch, "warehouse")).enableHiveSupport().getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
for name in ("runs", "params", "metrics", "points"):
    spark.read.parquet(os.path.join(tables, name)).createOrReplaceTempView(name)
rows = spark.sql("SELECT run, name, context, step, value, epoch, unix_micros(time) FROM points").collect()
ok(plain(rows) == expected(), "Spark reads every point exactly")
executors = spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
ok(executors == 2, "on both workers")
count = spark.sql("SELECT count(*) FROM runs JOIN params USING (run) WHERE path = '/hparams/lr' AND number < 0.05 AND "
                  "array_contains(tags, 'b c')").collect()[0][0]
ok(count == want, "Spark joins runs and params")
months = spark.sql("SELECT year, month, count(DISTINCT run) FROM points GROUP BY 1, 2").collect()
ok(len(months) == 3 and sum(row[2] for row in months) == 30, "Spark knows the months")
total = spark.sql("SELECT sum(count) FROM metrics").collect()[0][0]
ok(total == 24000, "Spark sums what is known of metrics")
# The statements of the documentation for Hive, in Spark with Hive's catalog.
page = open(os.path.join(here, "..", "docs", "import.md")).read()
statements = page.split("-- Hive, and Spark with Hive's catalog\n")[1].split("```")[0].replace("/data/tables", tables)
for name in ("runs", "params", "metrics", "points"):
    spark.catalog.dropTempView(name)
for statement in filter(str.strip, statements.split(";")):
    spark.sql(statement)
counts = [spark.sql(f"SELECT count(*) FROM {name}").collect()[0][0] for name in ("runs", "metrics", "points")]
ok(counts == [30, 60, 24000], "Hive's statements of the documentation make the tables")
best = spark.sql("SELECT tags FROM runs WHERE year = 2026 AND name = 'another name'").collect()
ok(len(best) == 1, "and their columns are read")
spark.stop()
print(f"1..{tests}")
sys.exit(failed > 0)

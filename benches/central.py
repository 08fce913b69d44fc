"""How fast runs come to a central store on PostgreSQL, how large they are there, and how fast it answers.

usage: central.py PROGRAM SPOOL FILL DIRECTORY [RUNS]
"""
import os
import statistics
import subprocess
import sys
import time

import segments
from postgresql import Server

PROGRAM, SPOOL, FILL, DIRECTORY = sys.argv[1:5]
RUNS = int(sys.argv[5]) if len(sys.argv) > 5 else 100_000
ENVIRONMENT = {**os.environ, "XDG_CACHE_HOME": os.path.join(DIRECTORY, "cache"), "AIM_SYSTEM_TRACKING_INTERVAL": "0"}


def fresh(name):
    path = os.path.join(DIRECTORY, name)
    os.makedirs(path)
    return path


def sync(server, sources, database):
    """Brings all at once; seconds by the clock, of the programs' processors, of the server's."""
    server.database(database)
    url = server.url(database)
    subprocess.run([PROGRAM, "sync", "--init", url], check=True, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    before, start = server.processors(), time.perf_counter()
    running = [subprocess.Popen([PROGRAM, "sync", source, url], env=ENVIRONMENT, stderr=subprocess.DEVNULL) for source in sources]
    used = 0
    for child in running:
        _, status, usage = os.wait4(child.pid, 0)
        assert status == 0, "a sync failed"
        used += usage.ru_utime + usage.ru_stime
    return time.perf_counter() - start, used, server.processors() - before


def told(what, points, took, goal):
    clock, own, servers = took
    print(f"{what}: {clock:.1f} s, {points / clock / 1e6:.2f} million points/s (goal >= {goal}); {own:.1f} s of processors here, "
          f"{servers:.1f} s of the server's: {points / (own + servers) / 1e6:.2f} million points a second of both", flush=True)


def from_a_spool(server):
    one = fresh("one")
    spooled = {**ENVIRONMENT, "AIM_SPOOL": "1"}
    subprocess.run([SPOOL, one, "5", "80", "0"], check=True, env=spooled, stdout=subprocess.DEVNULL)
    spool = fresh("spool")
    segments.multiply_apart(PROGRAM, one, spool, 10_000, spooled)
    took = sync(server, [spool], "spooled")
    told("10,000 segments of 400 points", 4_000_000, took, 1.5)
    with server.connect("spooled") as client:
        count, size = client.execute("SELECT sum(count), pg_total_relation_size('aim.aim_chunk') FROM aim.aim_series").fetchone()
        assert count == 4_000_000, count
        print(f"a point in pieces of 80: {size / count:.1f} bytes with the index (goal <= 12.5)", flush=True)


def by_32(server):
    sources = []
    for n in range(32):
        sources.append(fresh(f"repo {n}"))
        subprocess.run([FILL, "sweep", sources[-1], "20", "1000"], check=True, env=ENVIRONMENT)
    told("32 writers, 640 runs of 5 metrics of 1,000 points", 3_200_000, sync(server, sources, "written"), 3)


def query(client, sql, values, rows):
    times = []
    for _ in range(21):
        start = time.perf_counter()
        found = client.execute(sql, values, binary=True).fetchall()
        times.append(time.perf_counter() - start)
        assert len(found) == rows, len(found)
    return f"{statistics.median(times) * 1e3:.2f} ms, at best {min(times) * 1e3:.2f} ms"


def runs(client, count):
    return [[row[0] for row in client.execute("SELECT run FROM aim.aim_run ORDER BY run LIMIT %s", [count])]]


def answers(server):
    many = fresh("many")
    subprocess.run([FILL, "sweep", many, str(RUNS), "1"], check=True, env=ENVIRONMENT)
    clock, own, servers = sync(server, [many], "many")
    print(f"{RUNS} runs of 10 params and 5 metrics: {clock:.0f} s; processors {own:.0f} s here, {servers:.0f} s of the server", flush=True)
    with server.connect("many") as client:
        client.execute("VACUUM ANALYZE")
        sql = "SELECT hash, name, created_at FROM aim.runs WHERE params @> '{\"rare\": 1}'"
        print(f"10 of {RUNS} runs by a param: {query(client, sql, [], 10)} (goal <= 2)")
        sql = ("SELECT r.hash FROM aim.runs r JOIN aim.aim_param p USING (run) WHERE p.path = '/hparams/lr' AND p.num > 0.0096")
        count = len(client.execute(sql).fetchall())
        print(f"{count} of {RUNS} runs by a range of a param: {query(client, sql, [], count)}", flush=True)
    few = fresh("few")
    subprocess.run([FILL, "sweep", few, "400", "100"], check=True, env=ENVIRONMENT)
    sync(server, [few], "few")
    with server.connect("few") as client:
        client.execute("VACUUM ANALYZE")
        which = runs(client, 400)
        took = query(client, "SELECT * FROM aim.aim_chunk WHERE run = ANY(%s)", which, 2000)
        print(f"2,000 metrics of 100 points read: {took} (goal <= 50)")
        took = query(client, "SELECT run, sid, avg(value) FROM aim.points GROUP BY run, sid", [], 2000)
        print(f"their means by the view points: {took} (goal <= 50)")


def main():
    server = Server(DIRECTORY)
    try:
        from_a_spool(server)
        by_32(server)
        answers(server)
    finally:
        server.stop()


main()

"""The web UI's own requests, asked of `libaim up` and of Aim's server in the same run, over 1000 runs with 10 params and 5
metrics of 100 points. Medians of whole answers, and processor time of the servers, which other load does not change.

usage: web_peers.py PROGRAM FILL AIM DIRECTORY
"""
import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import time

os.environ["TQDM_DISABLE"] = "1"
import aim

import sweep

RUNS, POINTS = 1000, 100
PROGRAM, FILL, AIM, DIRECTORY = sys.argv[1:]
# What the pages ask for: their first requests, all runs, and all metrics with 500 points of each at most.
REQUESTS = {
    "runs page, its first 45 runs": "/api/runs/search/run?limit=45&exclude_params=false&q=",
    "runs page, all runs": "/api/runs/search/run?exclude_params=false&q=",
    "metrics page, all metrics with values": "/api/runs/search/metric?p=500&q=",
}


def ask(port, path):
    """Seconds until the answer is whole, and its size."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", path, headers={"X-Timezone-Offset": "0"})
    answer = connection.getresponse()
    size = len(answer.read())
    assert answer.status == 200, (path, answer.status)
    return time.perf_counter() - start, size


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(command, port):
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    for _ in range(600):
        try:
            ask(port, "/api/projects")
            return server
        except OSError:
            assert server.poll() is None, command
            time.sleep(0.1)
    raise SystemExit(f"{command} does not answer")


def processor_time(session):
    """Seconds that all processes of a session used so far."""
    ticks = 0
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{process}/stat") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue  # It has ended.
        if int(fields[3]) == session:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(command, port, repeats):
    server = serve(command, port)
    try:
        found = {}
        for name, path in REQUESTS.items():
            before = processor_time(server.pid)
            answers = [ask(port, path) for _ in range(repeats)]
            used = (processor_time(server.pid) - before) / repeats
            found[name] = statistics.median(t for t, _ in answers), used, answers[0][1]
        return found
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def main():
    ours, theirs = os.path.join(DIRECTORY, "ours"), os.path.join(DIRECTORY, "theirs")
    os.mkdir(ours), os.mkdir(theirs)
    subprocess.run([FILL, "sweep", ours, str(RUNS), str(POINTS)], check=True)
    sweep.build(theirs, RUNS, POINTS)
    # Without its index Aim would open every run.
    aim.Repo.from_path(theirs)._recreate_index()
    port = free_port()
    mine = measure([PROGRAM, "up", "--repo", ours, "--port", str(port)], port, 25)
    port = free_port()
    peer = measure([AIM, "up", "--repo", theirs, "--port", str(port), "--host", "127.0.0.1"], port, 3)
    for name in REQUESTS:
        (our, our_cpu, size), (their, their_cpu, their_size) = mine[name], peer[name]
        print(f"{name:38} libaim {our * 1e3:7.2f} ms, {our_cpu * 1e3:6.2f} of processors, {size / 1e3:6.0f} kB; "
              f"Aim {their * 1e3:8.1f} ms, {their_cpu * 1e3:7.1f}, {their_size / 1e3:6.0f} kB: "
              f"{their / our:5.0f} x faster, {their_cpu / our_cpu:5.0f} x less work (goal >= 100 x faster)")
    sys.stdout.flush()
    os._exit(0)  # Aim's threads may keep the interpreter from ending


main()

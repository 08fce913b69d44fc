"""The program on much: 100,000 runs in a list and in the browser, 50 live runs on a screen, a million lines, many points.

usage: program.py PROGRAM FILL DIRECTORY [RUNS]
"""
import fcntl
import os
import pty
import resource
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time

PROGRAM, FILL, DIRECTORY = sys.argv[1:4]
RUNS = int(sys.argv[4]) if len(sys.argv) > 4 else 100_000
ENVIRONMENT = {**os.environ, "XDG_STATE_HOME": os.path.join(DIRECTORY, "state"), "TERM": "xterm-256color"}
TICK = os.sysconf("SC_CLK_TCK")


def fresh(name):
    path = os.path.join(DIRECTORY, name)
    shutil.rmtree(path, ignore_errors=True)
    os.mkdir(path)
    return path


def fill(kind, name, runs, more):
    path = fresh(name)
    subprocess.run([FILL, kind, path, str(runs), str(more)], check=True)
    return path


def seconds(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - start


def median_of(count, command):
    return statistics.median(seconds(command) for _ in range(count))


def list_of_many(repo):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = median_of(21, [PROGRAM, "--repo", repo, "ls", "--limit", "20"])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 21
    print(f"ls --limit 20 of {RUNS} runs, start to exit {took * 1e3:6.1f} ms, of processors {used * 1e3:.1f} ms (goal <= 30)")


def first_byte(port, path):
    with socket.create_connection(("127.0.0.1", port)) as s:
        start = time.perf_counter()
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = s.recv(1 << 16)
        took = time.perf_counter() - start
        assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
        # The head may come before the body does.
        while not answer.partition(b"\r\n\r\n")[2]:
            answer += s.recv(1 << 16)
            took = time.perf_counter() - start
    return took


def pages_of_many(repo):
    server = subprocess.Popen([PROGRAM, "up", "--repo", repo, "--port", "0"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    port = int(server.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
    for name, path in {
        "runs page": "/api/runs/search/run?limit=45&exclude_params=false&q=",
        "runs page, all": "/api/runs/search/run?exclude_params=false&q=",
        "metrics page": "/api/runs/search/metric?p=500&q=metric.name+%3D%3D+%22loss%22",
    }.items():
        times = [first_byte(port, path) for _ in range(11)]
        print(f"{name + ',':15} first byte, {RUNS} runs {statistics.median(times) * 1e3:13.1f} ms, "
              f"the first time {times[0] * 1e3:.1f} ms (goal <= 100)")
    server.send_signal(signal.SIGINT)
    server.wait()


def cpu(process):
    """Seconds of processor time of a process and all its threads."""
    with open(f"/proc/{process}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(process):
    """Megabytes: all that is mapped in, and what is the process's own of it."""
    with open(f"/proc/{process}/status") as f:
        found = {line.split(":")[0]: line.split()[1] for line in f if line.startswith("Rss") or line.startswith("VmHWM")}
    return int(found["VmHWM"]) / 1e3, int(found["RssAnon"]) / 1e3


def screen_of_live_runs(runs=50, warm=10, measured=30):
    repo = fresh("live")
    writer = subprocess.Popen([FILL, "live", repo, str(runs), str(warm + measured + 10)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline() == "open\n"
    process, terminal = pty.fork()
    if process == 0:
        os.execve(PROGRAM, [PROGRAM, "--repo", repo, "watch"], ENVIRONMENT)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
    drawn = [0]

    def read():
        try:
            while True:
                drawn[0] += len(os.read(terminal, 1 << 16))
        except OSError:
            pass  # The screen's program has ended.

    threading.Thread(target=read, daemon=True).start()
    time.sleep(warm)
    before, begun, bytes_before = cpu(process), time.perf_counter(), drawn[0]
    time.sleep(measured)
    used = (cpu(process) - before) / (time.perf_counter() - begun)
    peak, own = memory(process)
    assert drawn[0] > bytes_before, "the screen stands still"
    os.write(terminal, b"q")
    os.waitpid(process, 0)
    print(f"watch of {runs} live runs x 20 metrics, 200x60  {used * 100:6.2f} % of a core (goal <= 3), "
          f"{peak:.0f} MB with the database's pages, {own:.0f} MB its own (goal <= 60), "
          f"{(drawn[0] - bytes_before) / measured / 1e3:.1f} kB/s drawn")
    writer.terminate()
    writer.wait()


def million_lines(lines=1_000_000):
    text = os.path.join(DIRECTORY, "lines")
    with open(text, "w") as f:
        f.writelines(f"step {i}: loss {1 / (i + 1):.6f}, accuracy {i % 1000 / 1000}\n" for i in range(lines))
    transcript = os.path.join(DIRECTORY, "transcript")
    relays, plain, matched = [], [], []
    for i in range(5):
        relays.append(seconds(["script", "-q", "-e", "-c", f"cat {text}", transcript]))
        repo = fresh(f"exec{i}")
        plain.append(seconds([PROGRAM, "--repo", repo, "exec", "-q", "--", "cat", text]))
        pattern = r"step (?<step>\d+): loss (?<loss>[^,]+)"
        matched.append(seconds([PROGRAM, "--repo", repo, "exec", "-q", "-m", pattern, "--", "cat", text]))
        shutil.rmtree(repo)
    relay = statistics.median(relays)
    for name, times in ("exec", plain), ("exec with a metric in every line", matched):
        took = statistics.median(times)
        print(f"{name}, {lines} lines  {took:5.2f} s, script {relay:.2f} s: {took / relay:.2f} x (goal <= 2)")


def merge(runs=20, points=500_000):
    source = fill("long", "source", runs, points)
    short = fill("sweep", "short", 1000, 1000)
    for name, repo, count in ("long metrics", source, runs * points), ("short ones", short, 5000 * 1000):
        rates = []
        for _ in range(3):
            rates.append(count / seconds([PROGRAM, "--repo", fresh("target"), "merge", repo]))
        print(f"merge, {name}  {statistics.median(rates) / 1e6:6.1f} million points/s (goal >= 2)")


many = fill("sweep", "many", RUNS, 1)
list_of_many(many)
pages_of_many(many)
shutil.rmtree(many)
screen_of_live_runs()
million_lines()
merge()

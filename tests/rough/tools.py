"""What the parts of the rough suite share: programs, chance, findings."""

import ctypes
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OK, NOT_FOUND, FULL, CORRUPT, BUSY = 0, 3, 7, 9, 11
PATIENCE = 120  # seconds after which a call counts as one that never returns

count = 0
failed = 0
scratch = ""
chance = random.Random()


def ok(name, good, told=""):
    """A check in TAP."""
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)
    if not good:
        for line in str(told).splitlines() or ["nothing told"]:
            print(f"#   {line}", flush=True)
    return good


def compile_programs(*programs):
    for name in programs:
        library = f"{ROOT}/build/lib"
        subprocess.run(
            ["gcc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include", f"{ROOT}/tests/{name}.c"]
            + ["-o", program(os.path.basename(name)), f"-L{library}", "-laim", "-lm", "-lpthread", f"-Wl,-rpath,{library}"],
            check=True,
        )


def program(name):
    return f"{scratch}/{name}"


def die_with_parent():
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(arguments, user=None, **options):
    """A program in the background, which does not outlive this one."""
    options = {"preexec_fn": die_with_parent, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"} | options
    if user is not None:
        options |= {"user": user, "group": user, "extra_groups": []}
    return subprocess.Popen(arguments, **options)


def call(arguments, user=None):
    """Runs a program to its end: its status, or None where it never ends, and its output."""
    process = start(arguments, user)
    try:
        output, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        where = stack(process.pid)
        process.kill()
        process.communicate()
        return None, f"did not end within {PATIENCE} s\n{where}"
    return process.returncode, output


def stack(process):
    """Where a process stands, for a finding."""
    try:
        shown = subprocess.run(
            ["gdb", "-p", str(process), "-batch", "-ex", "thread apply all bt 12"], capture_output=True, text=True, timeout=60
        )
        return shown.stdout[-6000:]
    except (OSError, subprocess.TimeoutExpired):
        return ""


def end(process, number=signal.SIGKILL):
    """Kills a process; its status and the rest of its output."""
    process.send_signal(number)
    output, _ = process.communicate()
    return process.returncode, output


def nap(longest):
    time.sleep(chance.random() * longest)


class Book:
    """The file in which a host notes what it begins and what was acknowledged; see book.h."""

    numbers = 0

    def __init__(self):
        Book.numbers += 1
        self.path = f"{scratch}/book.{Book.numbers}"

    def counts(self):
        """Begun and acknowledged of the four metrics and of params."""
        try:
            with open(self.path, "rb") as file:
                return struct.unpack("32s10Q", file.read(112))[1:]
        except (FileNotFoundError, struct.error):
            return (0,) * 10

    def acknowledged(self):
        return sum(self.counts()[1:8:2])

    def has_run(self):
        try:
            with open(self.path, "rb") as file:
                return file.read(1) not in (b"", b"\0")
        except FileNotFoundError:
            return False

    def check(self, repo, how="all"):
        """Status and output of reading it back."""
        return call([program("check"), how, repo, self.path])

    def forget(self):
        if os.path.exists(self.path):
            os.remove(self.path)


def manners(besides=()):
    """What a host does, by chance."""
    chosen = [one for one in ("rounds", "traps", "flushes") if chance.random() < 0.4]
    chosen += besides
    handler = chance.choice([None, None, "track", "much", "exit", "jump"])
    habit = chance.choice([None, None, "small", "closes", "cancels", "forks", "lean", "logs", "crowd"])
    if handler in ("exit", "jump") and habit in ("logs", "cancels", "crowd", "small", "closes", "lean"):
        habit = None  # they would leave locks, limits and threads of the host behind
    if handler is not None and habit == "closes":
        handler = None
    chosen += [f"handler={handler}"] if handler else []
    chosen += [habit] if habit else []
    chosen += ["ends"] if chance.random() < 0.25 else []
    return chosen


def host(repo, book, given, **options):
    process = start([program("host"), repo, book.path, str(chance.getrandbits(60)), *given], **options)
    process.manners, process.book = given, book
    return process


def keep(path):
    """A repository with a finding outlives the tests where somebody says where."""
    directory = os.environ.get("AIM_TEST_KEEP")
    if directory:
        shutil.copytree(path, f"{directory}/{os.path.basename(path)}.{os.getpid()}", symlinks=True)


def finish():
    print(f"1..{count}")
    sys.exit(failed > 0)

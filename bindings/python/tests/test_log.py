"""The library's messages."""

START = "import logging, os, sys, threading, libaim; from libaim import Repo, Run; path = sys.argv[1]; "

# A journal whose header makes no sense is set aside by whoever opens the repository next, with an error message.
DAMAGE = """
Run(repo=path).close()
def damage(number):
    with open(f"{path}/.aim/journal/{number:032x}", "wb") as journal:
        journal.write(b"no journal" * 1000)
"""


def clean(result):
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.splitlines()


def test_a_callback_gets_messages_in_a_thread_of_its_own(path, python):
    lines = clean(
        python(
            START
            + DAMAGE
            + """
main = threading.get_ident()
def receive(level, message):
    print(level, threading.get_ident() != main, type(message).__name__, message)
libaim.set_log_callback(receive)
damage(7)
Repo(path)
""",
            path,
        )
    )
    assert len(lines) == 1 and lines[0].startswith(f"40 True str journal {7:032x} ")


def test_levels(path, python):
    """What a dead writer left is brought in by whoever opens the repository next, who says so at level INFO."""
    for level, heard in (("INFO", 1), ("WARNING", 0)):
        python(START + "run = Run(repo=path); run.track(1, 'loss'); os.kill(os.getpid(), 9)", path)
        lines = clean(python(START + f"libaim.set_log_callback(print, logging.{level}); Repo(path)", path))
        assert len(lines) == heard and all(line.startswith("20 recovered ") for line in lines)


def test_silence(path, python):
    assert clean(python(START + DAMAGE + "libaim.set_log_callback(None); damage(1); Repo(path)", path)) == []


def test_by_default_warnings_go_to_logging(path, python):
    lines = clean(
        python(
            START
            + DAMAGE
            + """
logging.basicConfig(format="%(levelname)s %(name)s %(message)s", stream=sys.stdout)
damage(1)
Repo(path)
""",
            path,
        )
    )
    assert len(lines) == 1 and lines[0].startswith("ERROR libaim journal ")


def test_a_callback_that_fails_or_calls_the_library(path, python):
    result = python(
        START
        + DAMAGE
        + """
first, second = threading.Event(), threading.Event()
def receive(level, message):
    if not first.is_set():
        first.set()
        raise RuntimeError("not mine")
    libaim.set_log_callback(None)
    print(len(Repo(path).query_runs()))
    second.set()
libaim.set_log_callback(receive)
damage(1); Repo(path); first.wait()
damage(2); Repo(path); second.wait()
""",
        path,
    )
    assert (result.returncode, result.stdout) == (0, "1\n") and "RuntimeError: not mine" in result.stderr


def test_messages_in_a_forked_child(path, python):
    lines = clean(
        python(
            START
            + DAMAGE
            + """
heard = threading.Event()
def receive(level, message):
    print("child" if os.getpid() != parent else "parent", flush=True)
    heard.set()
parent = os.getpid()
libaim.set_log_callback(receive)
damage(1); Repo(path); heard.wait()
child = os.fork()
if child == 0:
    damage(2); Repo(path)
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
""",
            path,
        )
    )
    assert lines == ["parent", "child"]


def test_messages_from_many_threads_at_exit(path, python):
    lines = clean(
        python(
            START
            + DAMAGE
            + """
libaim.set_log_callback(lambda level, message: print(message, flush=True))
for number in range(100):
    damage(number)
threads = [threading.Thread(target=Repo, args=(path,)) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""",
            path,
        )
    )
    assert sorted({line.split()[1] for line in lines}) == [f"{number:032x}" for number in range(100)]

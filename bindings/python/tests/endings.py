"""endings.py REPO WAY - opens a run, prints its hash, tracks, and ends in the given way."""

import gc
import os
import signal
import sys
import time

from libaim import Run


def opened(repo):
    run = Run(repo=repo)
    print(run.hash, flush=True)
    run.track(0.5, name="loss")
    return run


def scope(repo, error):
    with opened(repo):
        raise error


def main(repo, way):
    errors = {
        "error out of scope": RuntimeError("an error"),
        "interrupt out of scope": KeyboardInterrupt(),
        "exit out of scope": SystemExit(3),
    }
    if way in errors:
        try:
            scope(repo, errors[way])
        except BaseException:
            return
    if way == "let go":
        opened(repo)
        gc.collect()
        return
    global run
    run = opened(repo)
    if way.startswith("signal "):
        os.kill(os.getpid(), int(way[7:]))
        time.sleep(10)
    if way in ("close", "close twice", "exit 3 after close", "error after close"):
        run.close()
    if way == "close twice":
        run.close()
    elif way == "close as failed":
        run.close("failed", exit_code=7)
    elif way == "close as interrupted":
        run.close("interrupted")
    elif way.startswith("exit "):
        sys.exit(int(way.split()[1]))
    elif way == "_exit 0":
        os._exit(0)
    elif way == "abort":
        signal.signal(signal.SIGABRT, signal.SIG_DFL)
        os.abort()
    elif way == "exec":
        os.execv("/bin/true", ["true"])
    elif way.startswith("error"):
        raise RuntimeError("an error")


main(*sys.argv[1:])

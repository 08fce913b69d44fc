"""A crowd of rough hosts at one repository: they are killed, stopped and continued at random, while others delete, continue,
query, read without permission to write, and lock all that the kernel lets strangers lock."""

import os
import shutil
import signal
import time

import tools
from tools import Book, call, chance, end, host, nap, ok, program, start

HOSTS = 3
STRANGER = 65534


class Season:
    def __init__(self, number):
        self.repo = f"{tools.scratch}/season.{number}"
        os.mkdir(self.repo, 0o755)
        self.books, self.kills, self.trouble = [], 0, []
        self.hosts = {slot: self.begin(Book()) for slot in range(HOSTS)}
        self.lives = dict.fromkeys(range(HOSTS), 0)
        self.others = {}

    def begin(self, book):
        if book not in self.books:
            self.books.append(book)
        return host(self.repo, book, tools.manners(["stopped"]))

    def finding(self, what, told):
        self.trouble.append(f"{what}: {told.strip()[-3000:]}")

    def look_after(self, process):
        """How a host ended: killed, closed, by exit() in a handler, or as a finding."""
        status, output = end(process)
        allowed = {-signal.SIGKILL, 0}
        if "handler=exit" in process.manners:
            allowed.add(7)
        if "small" in process.manners:
            allowed.add(10 + tools.FULL)
        if status not in allowed:
            self.finding(f"a host with {process.manners} ended with {status}", output)

    def kill(self, slot):
        self.look_after(self.hosts[slot])
        self.kills += 1
        self.lives[slot] += 1
        book = self.hosts[slot].book if self.lives[slot] % 8 else Book()
        self.hosts[slot] = self.begin(book)

    def stop(self, slot):
        process = self.hosts[slot]
        process.send_signal(signal.SIGSTOP)
        nap(1.5 if chance.random() < 0.2 else 0.1)
        process.send_signal(signal.SIGCONT)

    def tend(self, name):
        """Starts one of the others anew, if the last one did not end by itself."""
        process = self.others.pop(name, None)
        if process is not None:
            status, output = end(process)
            # Somebody who does not get on is named: hosts are stopped here.
            if status not in (-signal.SIGKILL, 10 + tools.BUSY):
                self.finding(f"'{name}' ended with {status}", output)
        arguments = {
            "delete": [program("others"), "delete", self.repo],
            "continue": [program("others"), "continue", self.repo],
            "ask": [program("others"), "ask", self.repo, str(chance.getrandbits(60))],
            "lock": [program("stranger"), "lock", self.repo],
        }[name]
        user = STRANGER if name == "lock" else None
        self.others[name] = start(arguments, user, stdin=-1)

    def read_as_a_stranger(self):
        status, output = call([program("others"), "read", self.repo], STRANGER)
        # Before there is a database there is nothing to read, and beside writers a copy may be denied for a while.
        if status not in (0, 10 + tools.NOT_FOUND, 10 + tools.BUSY):
            self.finding(f"a reader without permission to write ended with {status}", output)

    def run(self, steps):
        # The first run makes the repository.
        deadline = time.monotonic() + tools.PATIENCE
        while not any(book.has_run() for book in self.books) and time.monotonic() < deadline:
            time.sleep(0.01)
        for name in ("delete", "continue", "ask", "lock"):
            self.tend(name)
        for _ in range(steps):
            nap(0.1)
            what = chance.random()
            if what < 0.7:
                self.kill(chance.randrange(HOSTS))
            elif what < 0.8:
                self.stop(chance.randrange(HOSTS))
            elif what < 0.97:
                self.tend(chance.choice(list(self.others)))
            else:
                self.read_as_a_stranger()

    def nobody_stands_still(self):
        for process in self.hosts.values():
            before = process.book.counts()
            deadline = time.monotonic() + tools.PATIENCE
            while process.poll() is None and process.book.counts() == before and time.monotonic() < deadline:
                time.sleep(0.05)
            if process.poll() is None and process.book.counts() == before:
                self.finding(f"a host with {process.manners} stands still", tools.stack(process.pid))

    def finish(self):
        """Ends all and reads everything back; how many points there were."""
        self.nobody_stands_still()
        for process in self.others.values():
            end(process)
        for process in self.hosts.values():
            self.look_after(process)
        points = 0
        for book in self.books:
            if not book.has_run():
                continue
            status, output = book.check(self.repo)
            if status == 0:
                points += int(output.split()[-1])
            else:
                self.finding(f"what was acknowledged is not stored ({status})", output)
        good = ok(f"{self.kills} kills, {len(self.books)} runs, {points} points", not self.trouble and points > 0,
                  "\n".join(self.trouble) or "no points")
        if good:
            for book in self.books:
                book.forget()
            shutil.rmtree(self.repo)
        else:
            tools.keep(self.repo)
        return points

"""What happens to a repository under a host: each kind in one of its own, and then everything that was acknowledged is read
back, or, of a file that was damaged, nothing but what was tracked."""

import glob
import os
import re
import shutil
import signal
import stat
import subprocess
import time

import tools
from tools import Book, call, chance, end, host, nap, ok, program, start

numbers = 0


def place():
    global numbers
    numbers += 1
    path = f"{tools.scratch}/accident.{numbers}"
    os.mkdir(path)
    return path


def started(repo, book, given, least=1000):
    """A host that has tracked something."""
    process = host(repo, book, given)
    deadline = time.monotonic() + tools.PATIENCE
    while process.poll() is None and book.acknowledged() < least and time.monotonic() < deadline:
        time.sleep(0.01)
    return process


def modes():
    return [one for one in ("rounds", "traps", "flushes", "handler=track") if chance.random() < 0.3]


def reads_back(name, repo, book):
    status, output = book.check(repo)
    good = ok(f"{name}: {output.strip()[-200:]}", status == 0, f"{status}: {output}")
    if not good:
        tools.keep(repo)


def removed():
    """Removed, replaced by another repository, or without its journals, under a host that goes on."""
    how = chance.choice(["rm", "replace", "journal", "root"])
    outer = place()
    repo, book = f"{outer}/repo", Book()
    os.mkdir(repo)
    process = started(repo, book, ["removed", *modes()])
    nap(0.3)
    # The host makes files meanwhile.
    for _ in range(100):
        try:
            shutil.rmtree({"root": repo, "journal": f"{repo}/.aim/journal"}.get(how, f"{repo}/.aim"))
            break
        except OSError:
            pass
    if how == "replace":
        call([program("host"), repo, Book().path, "1", "ends"])
    try:
        output, _ = process.communicate(timeout=tools.PATIENCE)
    except subprocess.TimeoutExpired:
        where = tools.stack(process.pid)
        end(process)
        ok(f"removed ({how}): the host is told", False, where)
        return
    saved = re.search(r"saved in (\S+)", output)
    if how == "journal" and not saved:
        reads_back(f"removed ({how})", repo, book)
    elif ok(f"removed ({how}): the host is told", process.returncode == 20 and saved, f"{process.returncode}: {output}"):
        reads_back(f"removed ({how})", saved[1], book)


def moved():
    """Moved elsewhere: it goes on there."""
    outer, book = place(), Book()
    repo, elsewhere = f"{outer}/repo", f"{outer}/elsewhere"
    os.mkdir(repo)
    process = started(repo, book, ["slow", *modes()])
    os.rename(repo, elsewhere)
    nap(0.3)
    status, output = end(process)
    ok("moved: it goes on", status == -signal.SIGKILL, f"{status}: {output}")
    reads_back("moved", elsewhere, book)


def restored():
    """A copy from before is put in its place, which does not know the journal of a host that was killed."""
    repo, book = place(), Book()
    end(started(repo, Book(), ["slow"]))
    call([program("others"), "read", repo])
    data = f"{repo}/.aim/lmdb/data.mdb"
    with open(data, "rb") as file:
        before = file.read()
    # What was stored besides would be lost with the database.
    process = started(repo, book, ["unstored", "rounds"], least=200)
    end(process)
    with open(data, "wb") as file:
        file.write(before)
    status, output = call([f"{tools.ROOT}/build/bin/libaim", "--repo", repo, "bring-in"])
    ok("restored: the journal is brought in", status == 0, f"{status}: {output}")
    reads_back("restored", repo, book)


def cut():
    """LMDB's lock file is cut short while it is mapped. In the midst of a transaction that is SIGBUS; nothing is lost then,
    either."""
    repo, book = place(), Book()
    process = started(repo, book, ["cut", *modes()])
    nap(0.2)
    os.truncate(f"{repo}/.aim/lmdb/lock.mdb", chance.choice([0, 1, 64, 4096]))
    try:
        output, _ = process.communicate(timeout=10 + chance.random())
        status = process.returncode
    except subprocess.TimeoutExpired:
        # It was not met by anything that needs what is gone.
        status, output = end(process)
    known = status in (20, -signal.SIGKILL, -signal.SIGBUS)
    ok("lock.mdb cut short: an error, or the signal of the kernel", known, f"{status}: {output}")
    reads_back("lock.mdb cut short", repo, book)


def full():
    """A disk that is full for a while; its hosts are killed, or go on when there is room."""
    disk = place()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={chance.randrange(12, 48)}m", "tmpfs", disk], check=True)
    try:
        books = [Book(), Book()]
        repo = f"{disk}/repo"
        os.mkdir(repo)
        hosts = [started(repo, book, ["full", "stopped", *modes()]) for book in books]
        for _ in range(3):
            try:
                with open(f"{disk}/ballast", "wb") as ballast:
                    while ballast.write(bytes(65536)):
                        ballast.flush()
            except OSError:
                pass
            nap(0.5)
            if chance.random() < 0.5:
                which = chance.randrange(2)
                status, output = end(hosts[which])
                ok("full disk: a host lives", status in (-signal.SIGKILL, 10 + tools.FULL), f"{status}: {output}")
                hosts[which] = host(repo, books[which], ["full", "stopped", *modes()])
                nap(0.3)
            if os.path.exists(f"{disk}/ballast"):
                os.remove(f"{disk}/ballast")
            nap(0.3)
        for process in hosts:
            status, output = end(process)
            ok("full disk: a host lives to the end", status in (-signal.SIGKILL, 10 + tools.FULL), f"{status}: {output}")
        elsewhere = place() + "/copy"
        shutil.copytree(repo, elsewhere)
        for book in books:
            reads_back("full disk", elsewhere, book)
    finally:
        subprocess.run(["umount", "--lazy", disk], check=False)


# ---- Files that were damaged, forged, or are something else


def noise(path):
    size = os.path.getsize(path)
    with open(path, "r+b") as file:
        for _ in range(chance.choice([1, 1, 2, 20])):
            file.seek(chance.randrange(max(size, 1)))
            file.write(chance.randbytes(chance.choice([1, 2, 8, 512, 4096])))


def flip(path):
    size = os.path.getsize(path)
    if size == 0:
        return
    with open(path, "r+b") as file:
        for _ in range(chance.choice([1, 1, 3, 30])):
            at = chance.randrange(min(size, 8192) if chance.random() < 0.4 else size)
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 1 << chance.randrange(8)]))


def shorten(path):
    os.truncate(path, chance.randrange(os.path.getsize(path) + 1))


def lengthen(path):
    os.truncate(path, os.path.getsize(path) + (1 << chance.randrange(0, 38)))


def swap(path):
    """A page in another one's place."""
    pages = os.path.getsize(path) // 4096
    if pages < 2:
        return
    with open(path, "r+b") as file:
        file.seek(chance.randrange(pages) * 4096)
        page = file.read(4096)
        file.seek(chance.randrange(pages) * 4096)
        file.write(page)


def number(path):
    """A number that a length or an index may be."""
    size = os.path.getsize(path) & ~7
    if size == 0:
        return
    with open(path, "r+b") as file:
        file.seek(chance.randrange(size // 8) * 8)
        file.write((chance.choice([0, 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1, chance.getrandbits(20)])).to_bytes(8, "little"))


def empty(path):
    os.truncate(path, 0)


def gone(path):
    os.remove(path)


def pipe(path):
    os.remove(path)
    os.mkfifo(path)


def link(path):
    os.remove(path)
    os.symlink(f"{tools.scratch}/precious", path)


def dangling(path):
    os.remove(path)
    os.symlink(f"{tools.scratch}/nothing", path)


def directory(path):
    os.remove(path)
    os.mkdir(path)


def other(path):
    """What another file of the repository holds."""
    files = [one for one in glob.glob(f"{os.path.dirname(path)}/../*/*") if os.path.isfile(one) and not os.path.islink(one)]
    content = open(chance.choice(files), "rb").read()
    with open(path, "wb") as file:
        file.write(content)


DAMAGES = [noise, flip, flip, shorten, lengthen, swap, number, number, empty, gone, pipe, link, dangling, directory, other]


def damaged(rounds=6):
    """Copies of a repository with journals of killed hosts, of which files are changed: no use of it ends in a signal, or
    never, and whatever is read was tracked."""
    repo, books = place(), [Book(), Book()]
    for process in [started(repo, book, ["slow"] * (chance.random() < 0.5) + modes(), 3000) for book in books]:
        end(process)
    good = glob.glob(f"{repo}/.aim/*/*")
    precious = f"{tools.scratch}/precious"
    with open(precious, "w") as file:
        file.write("precious")
    trouble = []
    for turn in range(rounds):
        copy = f"{repo}.{turn}"
        shutil.copytree(repo, copy)
        done = []
        for _ in range(chance.choice([1, 1, 2])):
            path = copy + chance.choice(good)[len(repo) :]
            damage = chance.choice(DAMAGES)
            keeps = chance.random() < 0.5
            try:
                times = os.lstat(path)
                if not stat.S_ISREG(times.st_mode):
                    continue  # written to, a link would lead out, and a pipe hold up
                damage(path)
                if keeps and stat.S_ISREG(os.lstat(path).st_mode):
                    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            except OSError:
                continue  # an earlier damage was in its way
            done.append(f"{damage.__name__} {path[len(copy):]}")
        uses = [
            [program("others"), "read", copy],
            [program("check"), "some", copy, books[0].path],
            [program("check"), "some", copy, books[1].path],
            [program("host"), copy, Book().path, str(turn), "ends"],
            [program("others"), "salvage", copy, f"{copy}.new"],
        ]
        chance.shuffle(uses)
        for use in uses:
            status, output = call(use)
            wrong = status is None or status < 0 or status in (1, 99) or status == 10 + 5
            if wrong:
                trouble.append(f"{done}: {use[0][-6:]} {use[1]}: {status}: {output[-2000:]}")
        if os.path.isdir(f"{copy}.new/.aim"):
            for book in books:
                status, output = book.check(f"{copy}.new", "some")
                if status is None or status < 0 or status == 1:
                    trouble.append(f"{done}: salvaged: {status}: {output[-2000:]}")
        if open(precious, "rb").read() != b"precious" or os.path.exists(f"{tools.scratch}/nothing"):
            trouble.append(f"{done}: a file outside was written")
            break
        shutil.rmtree(copy)
        shutil.rmtree(f"{copy}.new", ignore_errors=True)
    ok(f"{rounds} damaged copies", not trouble, "\n".join(trouble))


KINDS = [removed, moved, restored, cut, full, damaged]

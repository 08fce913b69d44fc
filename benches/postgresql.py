"""A PostgreSQL server of Debian's, in a directory of its own, with its defaults."""
import glob
import os
import pwd
import shutil
import socket
import subprocess
import time


class Server:
    def __init__(self, directory):
        self.directory = os.path.join(os.path.abspath(directory), "server")
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))[-1]
        for name in "data", "socket":
            path = os.path.join(self.directory, name)
            os.makedirs(path)
            if os.geteuid() == 0:
                user = pwd.getpwnam("postgres")
                os.chown(path, user.pw_uid, user.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        data = os.path.join(self.directory, "data")
        subprocess.run(self.command("initdb", "-U", "aim", "-A", "trust", "-E", "UTF8", "-D", data), check=True,
                       stdout=subprocess.DEVNULL)
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=100"]
        self.process = subprocess.Popen(
            self.command("postgres", "-D", data, "-k", os.path.join(self.directory, "socket"), "-p", str(self.port), *settings),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait()

    def command(self, name, *more):
        user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        return ["setpriv", "--pdeathsig", "KILL", *user, os.path.join(self.programs, name), *more]

    def wait(self):
        import psycopg
        while True:
            try:
                return psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, "the server has ended"
                time.sleep(0.05)

    def url(self, database):
        return f"postgres://aim@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def connect(self, database):
        import psycopg
        return psycopg.connect(self.url(database), autocommit=True)

    def database(self, name):
        with self.connect("postgres") as client:
            client.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def processors(self):
        """Seconds of processors of all its processes, those that have ended too."""
        tick = os.sysconf("SC_CLK_TCK")
        total = 0
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path) as file:
                    fields = file.read().rsplit(") ", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            own = int(path.split("/")[2]) == self.process.pid
            if own or int(fields[1]) == self.process.pid:
                total += sum(map(int, fields[11:15] if own else fields[11:13]))
        return total / tick

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

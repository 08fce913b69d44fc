#!/usr/bin/env python3.11
"""Random repositories and random queries, with the answers of reference.py, as JSON lines.

    differential.py --seed 1 --count 3000 > cases.jsonl

The first kind of line is {"runs": [...]}, a repository in the form of spec.json; it holds until the next such line.
The other kind is {"query", "error"?, "runs", "metrics", "values", "metric_values"}: whether the text is a syntax error;
the indices of the runs and [index of run, index of metric] that the query selects; and per run and per metric what the
expression evaluates to: Python's repr, or "!" and the name of the exception, or null where the repr is not defined.
Any engine that can load such a repository can be held against these lines. Needs Python 3.11 and nothing else.
"""
import argparse, builtins, json, os, random, resource, select, subprocess, sys, types

os.environ["TZ"] = "UTC"
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from grammar import Grammar, repository

# Only a script's builtins are a module, which the reference counts on.
reference = types.ModuleType("reference")
reference.__builtins__ = builtins
exec(compile(open(os.path.join(HERE, "reference.py")).read(), "reference.py", "exec"), reference.__dict__)
reference._Missing.__repr__ = lambda self: "<missing>"
TIMEOUT = 2.0


def shows(v, depth=0):
    """Whether a value's repr is the same wherever Python runs."""
    if v is None or v is reference.Missing or isinstance(v, (bool, int, float, complex, str, bytes, range)): return True
    if depth > 20: return False
    if isinstance(v, (list, tuple)): return all(shows(x, depth + 1) for x in v)
    if isinstance(v, dict): return all(shows(k, depth + 1) and shows(x, depth + 1) for k, x in v.items())
    if isinstance(v, (set, frozenset)):
        return len(v) < 2 and all(shows(x, depth + 1) for x in v) or all(isinstance(x, (int, float)) and x == x for x in v)
    return type(v).__module__ == "datetime" and type(v).__name__ in ("datetime", "date", "time", "timedelta", "timezone")


def value(query, **names):
    """The truth of the query, and its value."""
    try:
        v = eval(reference.compiled(query), {"__builtins__": reference.G}, names)
        truth = bool(v)
    except RecursionError: raise
    except MemoryError: raise
    except Exception as e: return False, "!" + type(e).__name__
    try: return truth, repr(v) if shows(v) else None
    except Exception: return truth, None


def answer(runs, query):
    try: reference.compiled(query)
    except (SyntaxError, ValueError): return {"query": query, "error": True}
    out = {"query": query, "runs": [], "metrics": [], "values": [], "metric_values": []}
    for i, r in enumerate(runs):
        truth, v = value(query, run=reference.Run(r))
        if truth: out["runs"].append(i)
        out["values"].append(v)
        for j, m in enumerate(r["metrics"]):
            run = reference.Run(r)
            truth, v = value(query, run=run, metric=reference.Metric(m, run))
            if truth: out["metrics"].append([i, j])
            out["metric_values"].append(v)
    return out


def work():
    """Answers queries from standard input, one JSON value a line."""
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    sys.setrecursionlimit(900)
    runs = None
    for line in sys.stdin:
        message = json.loads(line)
        if isinstance(message, list): runs = message; continue
        try: out = answer(runs, message)
        except (RecursionError, MemoryError): out = None
        reference.compiled.cache_clear()
        print(json.dumps(out), flush=True)


class Worker:
    """The reference in a process of its own, so that a query that runs away can be given up."""
    def __init__(self, hash_seed): self.process, self.runs, self.seed = None, None, hash_seed
    def start(self):
        command = [sys.executable, "-W", "ignore", os.path.abspath(__file__), "--work"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
                                        env=dict(os.environ, PYTHONHASHSEED=self.seed), stderr=subprocess.DEVNULL)
        if self.runs is not None: self.send(self.runs)
    def send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n"); self.process.stdin.flush()
    def load(self, runs):
        self.runs = runs
        if self.process: self.send(runs)
    def ask(self, query):
        if not self.process: self.start()
        self.send(query)
        if select.select([self.process.stdout], [], [], TIMEOUT)[0]:
            line = self.process.stdout.readline()
            if line: return json.loads(line)
        self.stop()
        return None
    def stop(self):
        if self.process: self.process.kill(); self.process.communicate()
        self.process = None


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--count", type=int, default=3000)
    args.add_argument("--kind", default="all", help="all, or a part of the grammar")
    args.add_argument("--work", action="store_true", help="answer queries from standard input")
    args = args.parse_args()
    if sys.version_info[:2] != (3, 11): sys.exit("the reference answers are those of Python 3.11")
    if args.work: return work()
    rng, done = random.Random(args.seed), 0
    # Hashes of strings and addresses differ between the two: what depends on them has no answer.
    workers = Worker("1"), Worker("2")
    while done < args.count:
        runs = repository(rng)
        for worker in workers: worker.load(runs)
        print(json.dumps({"runs": runs}))
        grammar = Grammar(rng, args.kind)
        for _ in range(min(100, args.count - done)):
            query = grammar.query()
            done += 1
            case, other = (worker.ask(query) for worker in workers)
            if case is not None and case == other: print(json.dumps(case))
    for worker in workers: worker.stop()


if __name__ == "__main__": main()

#!/usr/bin/env python3.11
"""Random repositories and random queries, with the answers of reference.py, as JSON lines.

    differential.py --seed 1 --count 3000 > cases.jsonl

The first kind of line is {"runs": [...]}, a repository in the form of spec.json; it holds until the next such line.
The other kind is {"query", "error"?, "runs", "metrics", "values", "metric_values"}: whether the text is a syntax error;
the indices of the runs and [index of run, index of metric] that the query selects; and per run and per metric what the
expression evaluates to: Python's repr, or "!" and the name of the exception, or null where the repr is not defined.
Any engine that can load such a repository can be held against these lines. Needs Python 3.11 and nothing else.
"""
import argparse, builtins, json, multiprocessing, os, random, resource, sys, types

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
    if not shows(v): return truth, None
    try: return truth, repr(v)
    except Exception as e: return truth, None


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


def work(pipe):
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    sys.setrecursionlimit(900)
    runs = None
    while True:
        message = pipe.recv()
        if message is None: return
        if isinstance(message, list): runs = message; continue
        try: pipe.send(answer(runs, message))
        except (RecursionError, MemoryError): pipe.send(None)
        reference.compiled.cache_clear()


class Worker:
    """The reference in a process of its own, so that a query that runs away can be given up."""
    def __init__(self): self.process = None; self.runs = None
    def start(self):
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=work, args=(other,), daemon=True)
        self.process.start()
        if self.runs is not None: self.pipe.send(self.runs)
    def load(self, runs):
        self.runs = runs
        if self.process: self.pipe.send(runs)
    def ask(self, query):
        if not self.process: self.start()
        self.pipe.send(query)
        try:
            if self.pipe.poll(TIMEOUT): return self.pipe.recv()
        except EOFError: pass
        self.process.kill(); self.process.join(); self.process = None
        return None


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--count", type=int, default=3000)
    args.add_argument("--kind", default="all", help="all, or a part of the grammar")
    args = args.parse_args()
    if sys.version_info[:2] != (3, 11): sys.exit("the reference answers are those of Python 3.11")
    rng = random.Random(args.seed)
    worker, done = Worker(), 0
    while done < args.count:
        runs = repository(rng)
        worker.load(runs)
        print(json.dumps({"runs": runs}))
        grammar = Grammar(rng, args.kind)
        for _ in range(min(100, args.count - done)):
            query = grammar.query()
            done += 1
            case = worker.ask(query)
            if case is not None: print(json.dumps(case))
    if worker.process: worker.pipe.send(None); worker.process.join()


if __name__ == "__main__": main()

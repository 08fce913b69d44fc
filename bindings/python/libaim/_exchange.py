"""What programs that bring runs in or write them out for other tools have in common."""

import argparse
import os
import sys
from collections import Counter

from .errors import Error


class Report:
    """What was done, and what the other side has no place for."""

    def __init__(self, verb):
        self.verb = verb
        self.runs = self.points = self.objects = 0
        self.lost = Counter()
        self.damage = []

    def __str__(self):
        lines = [f"{self.verb} {self.runs} runs with {self.points} points and {self.objects} objects"]
        if self.lost:
            kinds = (f"{what} ({count})" for what, count in sorted(self.lost.items()))
            lines.append("not represented: " + ", ".join(kinds))
        return "\n".join(lines + [f"error: {what}" for what in self.damage])

    def end(self):
        """Prints it, with nothing in it that controls the terminal; the exit status."""
        text = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in str(self))
        print(text, file=sys.stderr)
        return 1 if self.damage else 0


def arguments(doc, *positional):
    """A parser with what all of these programs take."""
    about = doc.strip().splitlines()
    parser = argparse.ArgumentParser(description=about[0], epilog=" ".join(about[1:]))
    for name, what, number in positional:
        parser.add_argument(name, help=what, nargs=number)
    parser.add_argument("--repo", help="the repository of libaim: default: AIM_REPO, or the nearest upwards")
    return parser


def carry_out(work, package):
    """Ends the program with what `work` reports, or with one line that says why it could not be done."""
    try:
        report = work()
    except ImportError as error:
        sys.exit(f"error: the package {package} is needed: pip install {package} ({error})")
    except (Error, OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    sys.exit(report.end())


def rewrites(rules):
    """A function that puts the path of this machine for one of another, by rules `FROM=TO`; the longest FROM counts."""
    pairs = []
    for rule in rules:
        old, equals, new = rule.partition("=")
        if not (old and equals):
            raise ValueError(f"the rule {rule!r} is not FROM=TO")
        pairs.append((old.rstrip("/"), new.rstrip("/")))
    pairs.sort(key=lambda pair: -len(pair[0]))

    def rewrite(path):
        scheme = "file://" if path.startswith("file://") else ""
        path = path[len(scheme) :]
        for old, new in pairs:
            if path == old or path.startswith(old + "/"):
                return scheme + new + path[len(old) :]
        return scheme + path

    return rewrite


def directory(path):
    """The directory that holds `.aim`, of a path that may be that itself."""
    path = os.path.abspath(os.path.expanduser(path))
    return os.path.dirname(path) if os.path.basename(path) == ".aim" else path

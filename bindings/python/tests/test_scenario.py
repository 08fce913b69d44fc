"""The shared scenario, written and read by Python, and told apart from a different one."""

import subprocess
import sys
from pathlib import Path

from conftest import ROOT

PROGRAM = Path(__file__).with_name("scenario.py")
SCENARIO = ROOT / "tests" / "scenario" / "scenario.tsv"


def scenario(*arguments):
    return subprocess.run([sys.executable, PROGRAM, *arguments], capture_output=True, text=True, timeout=300)


def test_round_trip(path):
    path.mkdir()
    written = scenario("write", path, SCENARIO)
    assert written.returncode == 0, written.stderr
    read = scenario("read", path, SCENARIO, written.stdout.strip())
    assert (read.returncode, read.stderr) == (0, "")


def test_differences_are_found(path, tmp_path):
    path.mkdir()
    run_hash = scenario("write", path, SCENARIO).stdout.strip()
    changes = [
        ("archived\tfalse", "archived\ttrue"),
        ("expect-param\tbig\t9007199254740993", "expect-param\tbig\t9007199254740992"),
        ("expect-no-param\tgone", "expect-no-param\tbig"),
        ("-inf,nan,inf,0.75", "-inf,nan,inf,0.5"),
        ("0,none,0,2", "0,none,0,none"),
        ("-4,5,7,10", "-4,5,7,11"),
        ("expect-metric\tacc", "expect-metric\taccuracy"),
        ("expect-metric\tbig", "#"),
        ("expect-param\tempty", "expect-parameter\tempty"),
    ]
    text = SCENARIO.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        changed = tmp_path / "changed.tsv"
        changed.write_text(text.replace(old, new), encoding="utf-8")
        read = scenario("read", path, changed, run_hash)
        assert read.returncode == 1 and read.stderr, (old, new)

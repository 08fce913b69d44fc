"""Pytest's results in TAP, for tests/run, which counts a skipped test as failed."""


def pytest_terminal_summary(terminalreporter):
    results = [
        (name, report.nodeid)
        for name in terminalreporter.stats
        for report in terminalreporter.stats[name]
        if name in ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
    ]
    for number, (name, test) in enumerate(results, 1):
        terminalreporter.write_line(f"{'ok' if name == 'passed' else 'not ok'} {number} - {test}")

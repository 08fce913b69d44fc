"""The logs of a run: what was logged through it, and what its program wrote to the terminal."""

import json
from typing import NamedTuple, Optional

from ._call import call, get_text, text_in
from ._numbers import whole
from ._raw import ffi, lib

_PAGE = 4096  # records that are read at once


class LogRecord(NamedTuple):
    """A message that was logged. `time` is in seconds since 1970-01-01 UTC; what is not known of its origin is None."""

    number: int
    time: float
    text: str
    level: int
    file: Optional[str] = None
    line: Optional[int] = None
    function: Optional[str] = None


class TerminalLine(NamedTuple):
    """A line that was written to file descriptor 1 or 2. `time` is in seconds since 1970-01-01 UTC."""

    number: int
    time: float
    text: str
    descriptor: int


_STREAMS = {LogRecord: lib.AIM_LOGS_RECORDS, TerminalLine: lib.AIM_LOGS_TERMINAL}


def read(repo_handle, run_hash, kind, first, count):
    """Up to `count` records of a log, from number `first` on; all for None."""
    first = whole(first, "first")
    count = None if count is None else whole(count, "count")
    run_hash, stream = text_in(run_hash, "run_hash"), _STREAMS[kind]
    kept, end = ffi.new("uint64_t *"), ffi.new("uint64_t *")
    call(lib.aim_repo_count_logs, repo_handle, run_hash, stream, kept, end)
    last = end[0] if count is None else min(end[0], first + count)
    records = []
    for number in range(max(first, kept[0]), last, _PAGE):
        page = get_text(lib.aim_repo_read_logs, repo_handle, run_hash, stream, number, min(_PAGE, last - number))
        records += (kind(**record) for record in json.loads(page))
    return records

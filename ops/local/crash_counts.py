"""Counts from the supervisor's log which processes crash again and again, with no good while between.

A process that was killed from outside is started again at once. One that ends by itself, with an error, has most likely
the same reason the next time: it is started again after a pause that grows, up to half a minute.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

LOG: Final = "supervisord.log"
#: From here on it is called crashing, and waits.
MANY: Final = 3
LONGEST_PAUSE_S: Final = 30.0
#: Who ran for so long was well.
_A_GOOD_WHILE_S: Final = 60.0
_MOST_READ: Final = 256 * 1024
_LINE: Final = re.compile(
    r"^(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ \w+ "
    r"(?P<what>spawned|exited|stopped): '?(?P<name>[\w-]+)'?(?P<rest>.*)$"
)
_ERROR: Final = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception|Failure)\b.*")


def in_a_row(log: str, name: str, now: datetime) -> int:
    """`now` is in local time without a zone, as the supervisor writes."""
    crashes, began = 0, None
    for at, what, rest in _told(log, name):
        lived = _A_GOOD_WHILE_S if began is None else (at - began).total_seconds()
        match what:
            case "spawned":
                began = at
            case "stopped":
                crashes = 0
            case "exited" if "exit status" in rest and "not expected" in rest:
                crashes = 1 if lived >= _A_GOOD_WHILE_S + LONGEST_PAUSE_S else crashes + 1
                began = None
    is_well = began is not None and (now - began).total_seconds() >= _A_GOOD_WHILE_S + LONGEST_PAUSE_S
    return 0 if is_well else crashes


def pause_s(crashes: int) -> float:
    """How long to wait before the next start."""
    return 0.0 if crashes < MANY else min(LONGEST_PAUSE_S, 2.0 ** min(crashes - MANY, 10))


def read(logs: Path) -> str:
    """The end of the supervisor's log; nothing when there is none."""
    return _end(logs / LOG)


def last_reason(log: Path) -> str:
    """The last error in a process's log, in one line."""
    lines = [line for line in _end(log).splitlines() if line.strip()]
    for line in reversed(lines):
        if line.startswith("{") and (told := _exception(line)):
            return told
        if _ERROR.match(line):
            return line[:300]
    return lines[-1][:300] if lines else "its log is empty"


def _told(log: str, name: str) -> Iterator[tuple[datetime, str, str]]:
    for line in log.splitlines():
        found = _LINE.match(line)
        if found is not None and found["name"] == name:
            yield datetime.fromisoformat(found["at"]), found["what"], found["rest"]


def _exception(line: str) -> str | None:
    try:
        told = json.loads(line)["exception"][0]
        return f"{told['exc_type']}: {told['exc_value']}"[:300]
    except (ValueError, KeyError, IndexError, TypeError):
        return None


def _end(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - _MOST_READ))
            return opened.read().decode(errors="replace")
    except OSError:
        return ""

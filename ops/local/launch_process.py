"""Clears up after a predecessor, then becomes the process: `python -m ops.local.launch_process NAME COMMAND…`.

The workers of a predecessor that was killed must be gone, for they hold its port; and its files of metrics too, for
they would be counted again. One that crashed again and again waits a while.
"""

import os
import shutil
import sys
import time
from datetime import datetime
from pathlib import Path

from ops.local import crash_counts, leftovers


def main(name: str, command: list[str]) -> None:
    run = Path(os.environ[leftovers.MARK]) / "run"
    group = run / f"{name}.group"
    if before := _noted(group):
        leftovers.end_group(before, Path(os.environ[leftovers.MARK]))
    _note(group, os.getpgrp())
    log = crash_counts.read(run.parent / "logs")
    time.sleep(crash_counts.pause_s(crash_counts.in_a_row(log, name, datetime.now())))  # noqa: DTZ005  # as the supervisor writes
    if metrics := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(metrics, ignore_errors=True)
        Path(metrics).mkdir()
    os.execv(command[0], command)  # noqa: S606  # no shell is wanted


def _noted(group: Path) -> int | None:
    """The process group of the predecessor; None when there was none, or its note is no number."""
    text = group.read_text(errors="replace") if group.is_file() else ""
    return int(text) if text.isascii() and text.isdigit() else None


def _note(group: Path, number: int) -> None:
    """In one step: who is killed while it writes leaves the old note, never half of one."""
    fresh = group.with_suffix(".fresh")
    fresh.write_text(str(number))
    fresh.replace(group)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

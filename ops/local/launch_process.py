"""Clears up after a predecessor, then becomes the process: `python -m ops.local.launch_process NAME COMMAND…`.

The workers of a predecessor that was killed must be gone, for they hold its port; and its files of metrics too, for
they would be counted again. One that crashed again and again waits a while. Then this program becomes the process:
`python -m ops.local.launch_process NAME COMMAND…`.
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
    if group.is_file():
        leftovers.end_group(int(group.read_text()), Path(os.environ[leftovers.MARK]))
    group.write_text(str(os.getpgrp()))
    log = crash_counts.read(run.parent / "logs")
    time.sleep(crash_counts.pause_s(crash_counts.in_a_row(log, name, datetime.now())))  # noqa: DTZ005  # as the supervisor writes
    if metrics := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(metrics, ignore_errors=True)
        Path(metrics).mkdir()
    os.execv(command[0], command)  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

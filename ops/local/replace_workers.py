"""Replaces the workers of a server one after the other, so that it takes in what is new and refuses nobody.

It is told to by SIGHUP, keeps its socket, and ends an old worker only when a new one serves.
"""

import os
import signal
import time
from pathlib import Path
from typing import Final

DEADLINE_S: Final = 120.0
_SPAWNED: Final = b"spawn_main"
_PROC: Final = Path("/proc")


def replace(pid: int) -> bool:
    """Whether all workers of the server `pid` are new ones when this comes back."""
    old = of(pid)
    os.kill(pid, signal.SIGHUP)
    deadline = time.monotonic() + DEADLINE_S
    while old & (now := of(pid)) or not now:
        if time.monotonic() > deadline or not (_PROC / str(pid)).exists():
            return False
        time.sleep(0.05)
    return True


def of(pid: int) -> set[int]:
    """The workers there are now."""
    return {int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit() and _is_worker(entry, pid)}


def _is_worker(entry: Path, server: int) -> bool:
    try:
        parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        return parent == server and _SPAWNED in (entry / "cmdline").read_bytes()
    except OSError:
        return False

"""Finds running processes that are certainly ours though nobody supervises them any more, and ends them.

Those that carry the stack's folder in their environment, where only the supervisor puts it; and PostgreSQL's, which
hide their environment, when they work inside the stack's own data folder. Nothing else is ever touched. Where there
is no `/proc` nothing can be proved, and nothing is found.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

MARK = "RUSTOK_SUPERVISED_STACK"
PROC = Path("/proc")
POLITE_S = 20.0


def find(stack: Path) -> list[int]:
    """The process ids that belong to the stack in this folder, without our own ancestors."""
    own = set(_ancestors(os.getpid()))
    pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()] if PROC.is_dir() else []
    return [pid for pid in pids if pid not in own and _belongs(pid, stack)]


def end(stack: Path, *, polite_s: float = POLITE_S) -> list[int]:
    """Ends them, first politely; gives those there were."""
    found = find(stack)
    _signal(found, signal.SIGTERM)
    # TERM lets PostgreSQL wait for its sessions, INT does not.
    _signal([pid for pid in found if _is_postgres(pid, stack)], signal.SIGINT)
    if not _wait_until(lambda: not find(stack), polite_s):
        _signal(find(stack), signal.SIGKILL)
        _wait_until(lambda: not find(stack), 5)
    return found


def end_group(group: int, stack: Path) -> None:
    """Ends what is left of one process group of this stack, at once."""

    def members() -> list[int]:
        return [pid for pid in find(stack) if _group(pid) == group]

    if group != os.getpgrp() and members():
        _signal(members(), signal.SIGKILL)
        _wait_until(lambda: not members(), 5)


def _belongs(pid: int, stack: Path) -> bool:
    try:
        environment = (PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return False
    return f"{MARK}={stack}".encode() in environment.split(b"\0") or _is_postgres(pid, stack)


def _is_postgres(pid: int, stack: Path) -> bool:
    here = PROC / str(pid)
    try:
        return (here / "cwd").readlink() == stack / "postgres" and (here / "exe").readlink().name.startswith("postgres")
    except OSError:
        return False


def _group(pid: int) -> int:
    with suppress(ProcessLookupError):
        return os.getpgid(pid)
    return -1


def _ancestors(pid: int) -> Iterable[int]:
    while pid > 1:
        yield pid
        try:
            stat = (PROC / str(pid) / "stat").read_text()
        except OSError:
            return
        pid = int(stat.rpartition(")")[2].split()[1])


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True

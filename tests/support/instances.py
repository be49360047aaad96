"""Another instance of a process beside the stack's own, as somebody starts it by hand."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops import process_health
from ops.process_health import Watched
from ops.processes import Process, all_processes
from tests.support.stack import Stack
from tests.support.waiting import wait_until

WORKS_WITHIN_S = 60.0


def process_named(name: str) -> Process:
    return next(process for process in all_processes() if process.name == name)


def instances(stack: Stack, name: str) -> list[Watched]:
    return process_health.instances(process_named(name), stack.settings)


def instance(stack: Stack, name: str, pid: int) -> Watched | None:
    return next((one for one in instances(stack, name) if one.pid == pid), None)


@contextmanager
def another(stack: Stack, name: str, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """It works, or stands by, when this is entered."""
    command = [sys.executable, "-m", "ops.cli", *process_named(name).command]
    with log.open("ab") as said:
        running = subprocess.Popen(
            command, env=stack.environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=log.parent
        )
    try:
        wait_until(
            lambda: running.poll() is not None or works(stack, name, running.pid), WORKS_WITHIN_S, f"{name} works"
        )
        assert running.poll() is None, log.read_text()
        yield running
    finally:
        running.kill()
        running.wait()


def works(stack: Stack, name: str, pid: int) -> bool:
    found = instance(stack, name, pid)
    return found is not None and found.works

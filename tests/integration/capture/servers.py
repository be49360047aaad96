"""Doing things to the servers a test runs on."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from ops.local.supervisor import Supervisor
from tests.support.stack import Stack


def pid_of(servers: Stack, name: str) -> int | None:
    return next(state.pid for state in Supervisor(servers.settings.folder).states() if state.name == name)


@contextmanager
def paused(servers: Stack, name: str) -> Iterator[None]:
    """Alive, and doing nothing until the end of the block."""
    pid = pid_of(servers, name)
    assert pid is not None
    os.killpg(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(pid, signal.SIGCONT)

"""Doing things to the servers a test runs on."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.stack import Stack


@contextmanager
def paused(servers: Stack, name: str) -> Iterator[None]:
    """Alive, and doing nothing until the end of the block."""
    pid = servers.pid_of(name)
    assert pid is not None
    os.killpg(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(pid, signal.SIGCONT)

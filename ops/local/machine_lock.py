"""Lets one at a time do a piece of work, of all threads and all processes on this machine.

The lock is the kernel's, on an open file: it ends with whoever holds it, however that one ends, and the file that is
left behind means nothing.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOOK_EVERY_S = 0.05


@contextmanager
def alone(file: Path, *, patience_s: float, on_wait: Callable[[], None] = lambda: None) -> Iterator[bool]:
    """Waits until nobody else holds the file's lock; False when that took longer than the patience.

    `on_wait` is called once, when somebody else holds it. The file may be another user's: a lock needs no right to
    write. Raises `OSError` when it can be neither made nor opened.
    """
    descriptor = _opened(file)
    try:
        yield _locked(descriptor, patience_s, on_wait)
    finally:
        os.close(descriptor)


def _opened(file: Path) -> int:
    with suppress(FileNotFoundError):
        return os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with suppress(FileExistsError):  # somebody made it just now
        descriptor = os.open(file, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.fchmod(descriptor, 0o644)  # whatever the umask is
        return descriptor
    return os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)


def _locked(descriptor: int, patience_s: float, on_wait: Callable[[], None]) -> bool:
    deadline, waiting = time.monotonic() + patience_s, False
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if not waiting:
            waiting = True
            on_wait()
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY_S)

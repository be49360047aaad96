"""Hashes passwords with Argon2id and checks them: a few at once, since each takes 19 MiB and a core.

Who comes while all are busy waits for a bounded time, and only so many wait. No connection is held meanwhile.

They hash in threads of their own: what the allocator once gave to a thread it keeps for that thread, and each of the
many that answer requests would end up with its 19 MiB. Who answers goes before them.
"""

import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

#: As OWASP advises: 2 passes over 19 MiB in one lane.
PASSES, MEMORY_KIB, LANES = 2, 19 * 1024, 1
WAITING_EACH: Final = 16
PATIENCE_S: Final = 5.0
#: Somebody else's hash could ask for any amount of memory.
_MOST_KIB: Final = 128 * 1024
_MOST_PASSES: Final = 16
_NICE: Final = 10
_NICEST: Final = 19


class Busy(Exception):
    """All that hash are busy, and enough are waiting: the same request may succeed in `retry_after_s`."""

    retry_after_s = 2


class PasswordHashes:
    """`at_once` hash at the same time, as many as there are cores."""

    def __init__(
        self,
        at_once: int,
        *,
        passes: int = PASSES,
        memory_kib: int = MEMORY_KIB,
        waiting_each: int = WAITING_EACH,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._argon = PasswordHasher(passes, memory_kib, LANES, type=Type.ID)
        self._working = BoundedSemaphore(at_once)
        self._admitted = BoundedSemaphore(at_once * (1 + waiting_each))
        self._patience_s = patience_s
        self._threads = ThreadPoolExecutor(at_once, "rustok-hash", initializer=_step_aside)

    def make(self, password: str) -> str:
        """Raises `Busy`."""
        with self._turn():
            return self._threads.submit(self._argon.hash, password).result()

    def matches(self, password: str, stored: str | None) -> bool:
        """Takes as long when nothing is stored. Raises `Busy`."""
        with self._turn():
            return self._threads.submit(self._verify, password, stored).result()

    def is_outdated(self, stored: str) -> bool:
        """Whether it was made with other parameters than are asked for today."""
        return self._argon.check_needs_rehash(stored)

    def _verify(self, password: str, stored: str | None) -> bool:
        try:
            return self._argon.verify(self._nobodys if stored is None else _sane(stored), password) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False

    @cached_property
    def _nobodys(self) -> str:
        return self._argon.hash("nobody's")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._admitted.acquire(blocking=False):
            raise Busy
        try:
            if not self._working.acquire(timeout=self._patience_s):
                raise Busy
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._admitted.release()


def _step_aside() -> None:
    """Where each thread has a priority of its own, which is on Linux, that of the calling one is lower from now on."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, min(_NICEST, os.getpriority(os.PRIO_PROCESS, thread) + _NICE))


def _sane(stored: str) -> str:
    """Raises `InvalidHashError` for one that would take more than is ever given."""
    asked = extract_parameters(stored)
    if asked.memory_cost > _MOST_KIB or asked.time_cost > _MOST_PASSES:
        raise InvalidHashError
    return stored

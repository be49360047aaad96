"""Stops asking a neighbour that does not answer for a moment, so that a hung one costs a few threads some seconds, and
then nothing.

After so many failures in a row it is open: `lets_through` says no. When the moment is over one caller may try; who
fails opens it again, who succeeds closes it.
"""

import threading
from collections.abc import Callable
from typing import Final

from ops.metrics import NEIGHBOUR_OPEN

_FAILURES: Final = 3
_OPEN_S: Final = 2.0


class Breaker:
    """Safe to share between threads. `name` is the neighbour's, as a label."""

    def __init__(self, name: str, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until_s = 0.0
        self._gauge = NEIGHBOUR_OPEN.labels(name)

    def lets_through(self) -> bool:
        with self._lock:
            if self._failures < _FAILURES:
                return True
            now_s = self._now_s()
            if now_s < self._open_until_s:
                return False
            self._open_until_s = now_s + _OPEN_S  # one tries, and has so long for it
            return True

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= _FAILURES:
                self._open_until_s = self._now_s() + _OPEN_S
                self._gauge.set(1)

    def succeeded(self) -> None:
        if self._failures:
            with self._lock:
                self._failures = 0
                self._gauge.set(0)

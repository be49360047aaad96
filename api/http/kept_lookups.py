"""Keeps for a short while what requests look up again and again; while the database is away, what was known stays so.

What is not there may be there in a moment, so that is kept for a second only.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from api.store.errors import StoreDown

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_MOST_KEPT: Final = 10_000
_MISSING_S: Final = 1.0


class KeptLookups(Generic[K, V]):
    """`look_up` gives None for what is not there, and raises `StoreDown`."""

    def __init__(self, look_up: Callable[[K], V | None], now_s: Callable[[], float], *, keep_s: float) -> None:
        self._look_up = look_up
        self._now_s = now_s
        self._keep_s = keep_s
        self._kept: dict[K, tuple[float, V | None]] = {}
        self._lock = threading.Lock()

    def find(self, wanted: K) -> V | None:
        """Raises `StoreDown` for what was never looked up."""
        with self._lock:
            kept = self._kept.get(wanted)
        if kept is not None and kept[0] > self._now_s():
            return kept[1]
        try:
            found = self._look_up(wanted)
            keep_s = min(self._keep_s, _MISSING_S) if found is None else self._keep_s
        except StoreDown:
            if kept is None:
                raise
            found, keep_s = kept[1], self._keep_s
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[wanted] = (self._now_s() + keep_s, found)
        return found

"""Keeps something that is read from elsewhere, and reads it again in the background: nobody waits for what is known.

One thread reads, whoever wants to know; no lock is held meanwhile. While the source is away, what was read last goes
on being good, for `longest_s`, and nobody waits for it. Who misses something may have it read, once in `again_s`.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import structlog

from api.store.errors import StoreDown
from ops.metrics import HTTP_REFRESHED, HTTP_SOURCE_AWAY

T = TypeVar("T")
_WAIT_S: Final = 5.0
#: While nothing is known it is tried again sooner.
_FIRST_AGAIN_S: Final = 1.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    read_s: float


class RefreshedValue(Generic[T]):
    """`read` raises `StoreDown` when its source does not answer. `name` is the source's, for the log."""

    def __init__(
        self,
        name: str,
        read: Callable[[], T],
        now_s: Callable[[], float],
        *,
        every_s: float,
        again_s: float,
        longest_s: float = math.inf,
    ) -> None:
        self._name = name
        self._read = read
        self._now_s = now_s
        self._every_s = every_s
        self._again_s = again_s
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._kept: _Kept[T] | None = None
        self._under_way: threading.Event | None = None
        self._not_before_s = -math.inf
        self._source_is_away = False

    def get(self) -> T:
        """As it was not long ago. Raises `StoreDown` when nothing is known, or only what is too old."""
        kept = self._kept
        if kept is None or self._now_s() - kept.read_s > self._longest_s:
            return self.newer()
        if self._now_s() - kept.read_s > self._every_s:
            self._begin()
        return kept.value

    def newer(self) -> T:
        """As it is now, unless that was asked for a moment ago. Raises as `get` does."""
        reading, kept = self._begin(), self._kept
        if reading is not None and (kept is None or not self._source_is_away):
            reading.wait(_WAIT_S)
            kept = self._kept
        if kept is None or self._now_s() - kept.read_s > self._longest_s:
            raise StoreDown
        return kept.value

    def _begin(self) -> threading.Event | None:
        """The reading that is under way, or a new one; None when one was begun a moment ago."""
        with self._lock:
            if self._under_way is not None:
                return self._under_way
            if self._now_s() < self._not_before_s:
                return None
            pause_s = self._again_s if self._kept else min(self._again_s, _FIRST_AGAIN_S)
            self._not_before_s = self._now_s() + pause_s
            self._under_way = done = threading.Event()
        threading.Thread(target=self._read_once, args=(done,), name=f"read {self._name}", daemon=True).start()
        return done

    def _read_once(self, done: threading.Event) -> None:
        try:
            self._kept = _Kept(self._read(), self._now_s())
            self._source_is_away = False
            HTTP_SOURCE_AWAY.labels(self._name).set(0)
            HTTP_REFRESHED.labels(self._name).set_to_current_time()
        except StoreDown as down:
            self._source_is_away = True
            HTTP_SOURCE_AWAY.labels(self._name).set(1)
            _log.warning("not_refreshed", what=self._name, reason=str(down))
        finally:
            with self._lock:
                self._under_way = None
            done.set()

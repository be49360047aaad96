"""Writes refused calls and failed sign-ins into the audit trail, a moment later and never so many that the disk fills.

When somebody is refused something, a row is written within a second and, when the minute is over, one more with how
many more there were of the same. So nobody waits for it, nobody learns from its time whether an account exists, and a
flood comes to two rows a minute for each actor and act in each process; beyond 1,000 of these the rest is only counted.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import structlog

from api.domain.audit import AuditEntry
from api.http.background_writer import BackgroundWriter
from api.store.errors import StoreDown
from api.store.store import Store
from ops import metrics

MINUTE_S: Final = 60.0
MOST: Final = 1000
log = structlog.get_logger(__name__)
_Key = tuple[UUID, str, str]


@dataclass(slots=True)
class _Window:
    """A minute of the same. `entry` is of the first that is not written, `times` how many are not."""

    began_s: float
    entry: AuditEntry
    times: int
    is_told: bool = False


class DeniedCalls:
    """Made once in each process."""

    def __init__(self, store: Store, now_s: Callable[[], float]) -> None:
        self._store = store
        self._now_s = now_s
        self._windows: dict[_Key, _Window] = {}
        self._lock = threading.Lock()
        #: Whoever has flushed knows that all is written, also what somebody else was just writing.
        self._writing = threading.Lock()
        self._is_late = False
        self._writer = BackgroundWriter("denied calls", self.flush, lost="denied_calls_lost")

    def note(self, entry: AuditEntry) -> None:
        """Returns at once."""
        key = (entry.tenant_id, entry.actor_id, f"{entry.act} {entry.outcome}")
        with self._lock:
            window = self._windows.get(key)
            if window is None and len(self._windows) >= MOST:
                metrics.AUDIT_NOT_WRITTEN.inc()
                return
            if window is None:
                self._windows[key] = _Window(self._now_s(), entry, 1)
            else:
                window.entry = window.entry if window.times else entry
                window.times += 1
        self._writer.begin()

    def flush(self, *, last: bool = False) -> None:
        """Writes what is due; `last`: everything. What cannot be written stays for the next time."""
        with self._writing:
            due = self._take(last=last)
            try:
                if due:
                    self._store.record(due)
                    self._is_late = False
            except StoreDown as down:
                if not self._is_late:
                    log.warning("denied_calls_not_written", reason=str(down))
                self._is_late = True
                self._put_back(due)

    def close(self) -> None:
        """Returns when what there is was written, or cannot be."""
        self._writer.close()
        self.flush(last=True)

    def _take(self, *, last: bool) -> list[AuditEntry]:
        due = []
        with self._lock:
            for key, window in list(self._windows.items()):
                over = last or self._now_s() - window.began_s >= MINUTE_S
                if window.times and (over or not window.is_told):
                    due.append(replace(window.entry, detail={**window.entry.detail, "times": window.times}))
                    window.is_told, window.times = True, 0
                if over:
                    del self._windows[key]
        return due

    def _put_back(self, entries: list[AuditEntry]) -> None:
        with self._lock:
            for entry in entries:
                key = (entry.tenant_id, entry.actor_id, f"{entry.act} {entry.outcome}")
                times = int(entry.detail["times"])
                window = self._windows.get(key)
                if window is None and len(self._windows) >= MOST:
                    metrics.AUDIT_NOT_WRITTEN.inc(times)
                elif window is None:
                    self._windows[key] = _Window(self._now_s(), entry, times)
                else:
                    window.entry, window.times, window.is_told = entry, window.times + times, False

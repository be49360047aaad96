"""Notes what is searched for and clicked, and writes it into the log a moment later: no search waits for it or fails.

What came in within a second leaves as one event for each shop. A process keeps 10,000 notes at most; what is more is
only counted, and so is what a process that is killed has not written yet: its last second.
"""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from api.domain.changes import DatedEvent, Decision
from api.http.background_writer import BackgroundWriter
from api.store.errors import SchemasNotPinned, StoreDown
from api.store.job_cause import job_cause
from api.store.store import Store
from ops import metrics
from schemas.events.search_log import LoggedAction, LoggedSearch, SearchLog, SearchLogRecorded

ACTOR: Final = "rustok:search-log"
MOST: Final = 10_000
#: Of one event.
_MOST_TOGETHER: Final = 1000
log = structlog.get_logger(__name__)
Note = LoggedSearch | LoggedAction


@dataclass(slots=True)
class _Notes:
    of: dict[UUID, list[Note]] = field(default_factory=dict)
    number: int = 0

    def add(self, tenant_id: UUID, notes: list[Note], room: int) -> int:
        """How many of them found no room."""
        fitting = notes[: max(0, room)]
        if fitting:
            self.of.setdefault(tenant_id, []).extend(fitting)
            self.number += len(fitting)
        return len(notes) - len(fitting)


class SearchLogs:
    """Made once in each process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._notes = _Notes()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._is_late = False
        self._writer = BackgroundWriter("search log", self.flush, lost="searches_lost")

    def note(self, tenant_id: UUID, *notes: Note) -> None:
        """Returns at once."""
        with self._lock:
            lost = self._notes.add(tenant_id, list(notes), MOST - self._notes.number)
        self._writer.begin()
        if lost:
            metrics.SEARCHES_NOT_LOGGED.inc(lost)

    def flush(self) -> None:
        """Writes what there is; what cannot be written stays for the next time, as far as there is room."""
        with self._writing:
            with self._lock:
                due, self._notes = self._notes, _Notes()
            if not due.number:
                return
            try:
                self._store.tell(
                    [one for tenant_id, notes in due.of.items() for one in _events(tenant_id, notes)],
                    job_cause(ACTOR, "searches"),
                )
                self._is_late = False
            except (StoreDown, SchemasNotPinned) as down:
                if not self._is_late:
                    log.warning("searches_not_written", reason=str(down))
                self._is_late = True
                self._put_back(due)

    def close(self) -> None:
        """Returns when what there is was written, or cannot be."""
        self._writer.close()
        self.flush()

    def _put_back(self, due: _Notes) -> None:
        """Before what came meanwhile."""
        with self._lock:
            for tenant_id, notes in self._notes.of.items():
                lost = due.add(tenant_id, notes, MOST - due.number)
                metrics.SEARCHES_NOT_LOGGED.inc(lost)
            self._notes = due


def _events(tenant_id: UUID, notes: list[Note]) -> list[tuple[UUID, Decision[SearchLog]]]:
    parts = [notes[start : start + _MOST_TOGETHER] for start in range(0, len(notes), _MOST_TOGETHER)]
    return [(tenant_id, _event(part)) for part in parts]


def _event(notes: list[Note]) -> Decision[SearchLog]:
    made = SearchLog(
        id=uuid7(),
        searches=tuple(one for one in notes if isinstance(one, LoggedSearch)),
        actions=tuple(one for one in notes if isinstance(one, LoggedAction)),
    )
    recorded = DatedEvent(SearchLogRecorded(search_log=made), datetime.now(UTC))
    return Decision(aggregate_id=made.id, value=made, happened=(recorded,))

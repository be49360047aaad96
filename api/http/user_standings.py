"""Knows of who signed in what they may do: read at most a second ago, so that what is taken from them is gone at once.

While the database is away, what was known stays known: nobody can be shut out there then, either.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol
from uuid import UUID

from api.store import standings
from api.store.errors import StoreDown
from api.store.standings import Standing
from api.store.store import NO_TENANT, Store

KEPT_S: Final = 1.0
_MOST_KEPT: Final = 10_000
_Key = tuple[UUID, UUID, UUID]


class Standings(Protocol):
    def of(self, tenant_id: UUID | None, user_id: UUID, session_id: UUID) -> Standing | None:
        """None: they are not to be let in."""


class StoredStandings:
    def __init__(self, store: Store, now_s: Callable[[], float]) -> None:
        self._store = store
        self._now_s = now_s
        self._kept: OrderedDict[_Key, tuple[float, Standing | None]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, tenant_id: UUID | None, user_id: UUID, session_id: UUID) -> Standing | None:
        """Raises `StoreDown` for somebody nobody asked about before."""
        key = (tenant_id or NO_TENANT, user_id, session_id)
        with self._lock:
            kept = self._kept.get(key)
        # What is read counts from when it was asked for.
        asked_at = self._now_s()
        if kept is not None and asked_at < kept[0] + KEPT_S:
            return kept[1]
        try:
            found = self._read(*key)
        except StoreDown:
            if kept is None:
                raise
            return kept[1]
        self._keep(key, asked_at, found)
        return found

    def _read(self, tenant_id: UUID, user_id: UUID, session_id: UUID) -> Standing | None:
        with self._store.reading(tenant_id, platform=tenant_id == NO_TENANT) as connection:
            return standings.read(connection, tenant_id, user_id, session_id)

    def _keep(self, key: _Key, asked_at: float, found: Standing | None) -> None:
        """What was asked for later stays."""
        with self._lock:
            known = self._kept.pop(key, None)
            self._kept[key] = (asked_at, found) if known is None or known[0] <= asked_at else known
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)

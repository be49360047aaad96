"""Knows of who signed in what they may do: read at most a second ago, so that what is taken from them is gone at once.

While the database is away, what was known stays known for an hour: nobody can be shut out there then, either.
"""

from collections.abc import Callable
from typing import Final, Protocol
from uuid import UUID

from api.http.kept_lookups import Keeping, KeptLookups
from api.store import standings
from api.store.standings import Standing
from api.store.store import NO_TENANT, Store

KEPT_S: Final = 1.0
_Key = tuple[UUID, UUID, UUID]


class Standings(Protocol):
    def of(self, tenant_id: UUID | None, user_id: UUID, session_id: UUID) -> Standing | None:
        """None: they are not to be let in."""


class StoredStandings:
    def __init__(self, store: Store, now_s: Callable[[], float]) -> None:
        self._store = store
        self._kept: KeptLookups[_Key, Standing] = KeptLookups(self._read, now_s, Keeping(fresh_s=KEPT_S))

    def of(self, tenant_id: UUID | None, user_id: UUID, session_id: UUID) -> Standing | None:
        """Raises `StoreDown` for somebody nobody asked about before."""
        return self._kept.find((tenant_id or NO_TENANT, user_id, session_id))

    def _read(self, wanted: _Key) -> Standing | None:
        tenant_id, user_id, session_id = wanted
        with self._store.reading(tenant_id, platform=tenant_id == NO_TENANT) as connection:
            return standings.read(connection, tenant_id, user_id, session_id)

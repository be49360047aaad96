"""Knows what a shop says of its search, read at most three seconds ago, so that a change is in effect within five.

While the database is away, what was known stays known for an hour; a shop nobody asked about before is searched as if
it had said nothing. They lead and rank, and are no wall.
"""

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID

from api.http.kept_lookups import Keeping, KeptLookups
from api.store.errors import StoreDown
from api.store.search_settings import SearchSettingRows
from api.store.store import Store
from sinks.search.best_sellers import NOTHING_SOLD, BestSellers
from sinks.search.search_settings import NO_SETTINGS, SearchSettings

#: Whoever asks after the first second is answered with what is known while it is read again; after the third they wait.
KEEPING: Final = Keeping(fresh_s=1.0, stale_s=3.0)


class StoredSearchSettings:
    def __init__(
        self,
        store: Store,
        now_s: Callable[[], float],
        sold: Callable[[UUID], BestSellers] = lambda _: NOTHING_SOLD,
    ) -> None:
        self._store = store
        self._sold = sold
        self._kept: KeptLookups[UUID, SearchSettings] = KeptLookups(self._read, now_s, KEEPING)

    def of(self, tenant_id: UUID) -> SearchSettings:
        """Those that are in effect by the clock of the database."""
        try:
            return self._kept.find(tenant_id) or NO_SETTINGS
        except StoreDown:
            return NO_SETTINGS

    def _read(self, tenant_id: UUID) -> SearchSettings:
        with self._store.reading(tenant_id) as connection:
            found = SearchSettingRows(connection, tenant_id).in_effect()
        return SearchSettings(found, partial(self._sold, tenant_id))

"""Knows which products of a shop sell best, as it was an hour ago at most, so that search need not ask the other store.

Nobody waits for them: until they are known, or where analytics is away, nothing is lifted by what it sold.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from api.http.kept_lookups import Keeping, KeptLookups
from api.store.errors import StoreDown
from api.use_cases.read_models.question import Revenue
from sinks.search.best_sellers import NOTHING_SOLD, BestSellers
from sinks.sink import Unavailable

KEEPING: Final = Keeping(fresh_s=3600.0, stale_s=7200.0, hard_s=86_400.0, wait_s=0.1)


class KeptBestSellers:
    def __init__(self, sales: Revenue, clock: Callable[[], datetime], now_s: Callable[[], float]) -> None:
        self._sales = sales
        self._clock = clock
        self._kept: KeptLookups[UUID, BestSellers] = KeptLookups(self._read, now_s, KEEPING)

    def of(self, tenant_id: UUID) -> BestSellers:
        try:
            return self._kept.find(tenant_id) or NOTHING_SOLD
        except StoreDown:
            return NOTHING_SOLD

    def _read(self, tenant_id: UUID) -> BestSellers | None:
        """None, which is kept for a second only, when nobody can say."""
        try:
            return self._sales.best_sellers(tenant_id, self._clock())
        except Unavailable:
            return None

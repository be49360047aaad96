"""Knows which queries of a shop are asked often, as they were a minute ago, so that suggesting them costs nothing.

They are suggestions, and nobody waits for them: what is not known in time is left out.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from api.http.kept_lookups import Keeping, KeptLookups
from api.store.errors import StoreDown
from api.use_cases.read_models.question import SearchReports
from sinks.analytics.often_asked import NOTHING_ASKED, OftenAsked
from sinks.sink import Unavailable

KEEPING: Final = Keeping(fresh_s=60.0, stale_s=600.0, wait_s=0.1)


class KeptOftenAsked:
    def __init__(self, reports: SearchReports, now_s: Callable[[], float]) -> None:
        self._reports = reports
        self._kept: KeptLookups[UUID, OftenAsked] = KeptLookups(self._read, now_s, KEEPING)

    def of(self, tenant_id: UUID) -> OftenAsked:
        try:
            return self._kept.find(tenant_id) or NOTHING_ASKED
        except StoreDown:
            return NOTHING_ASKED

    def _read(self, tenant_id: UUID) -> OftenAsked | None:
        """None, which is kept for a second only, when nobody can say."""
        try:
            return self._reports.often_asked(tenant_id)
        except Unavailable:
            return None

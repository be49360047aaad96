"""Knows which customer group somebody is in, read at most a second ago: search shows the prices they pay by now.

While the database is away, what was known stays known for an hour.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from api.http.kept_lookups import Keeping, KeptLookups
from api.store.store import Store
from api.store.users import UserRows, user_id_of

KEPT_S: Final = 1.0


class StoredCustomerGroups:
    def __init__(self, store: Store, now_s: Callable[[], float]) -> None:
        self._store = store
        self._kept: KeptLookups[tuple[UUID, str], str] = KeptLookups(self._read, now_s, Keeping(fresh_s=KEPT_S))

    def of(self, tenant_id: UUID, who: str) -> str | None:
        """None: they are in none, or are no user of this shop; who cannot be one costs no look-up.

        Raises `StoreDown` for somebody nobody asked about before.
        """
        return None if user_id_of(who) is None else self._kept.find((tenant_id, who)) or None

    def _read(self, wanted: tuple[UUID, str]) -> str:
        """Empty for none: that is known of somebody, too."""
        tenant_id, who = wanted
        with self._store.reading(tenant_id) as connection:
            return UserRows(connection, tenant_id).customer_group(who) or ""

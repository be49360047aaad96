"""Finds the tenant of a request: by its id (from a token), or by the host that was asked (a storefront without one).

Kept for a short while in the process: every request needs it, and it hardly ever changes. While the database is away,
what was known stays known, also that a host is no shop's: what is read from the read models goes on being read.
"""

import re
import threading
from collections.abc import Callable
from typing import Final, Protocol
from uuid import UUID

from api.store.errors import StoreDown
from api.store.store import Store
from api.store.tenants import TenantRows
from schemas.events.tenant import Tenant

KEPT_S: Final = 15.0
_MOST_KEPT: Final = 10_000
_HOST: Final = re.compile(r"[a-z0-9.-]{1,253}")


class Tenants(Protocol):
    """None: there is no such tenant."""

    def by_id(self, tenant_id: UUID) -> Tenant | None: ...

    def by_host(self, host: str) -> Tenant | None: ...


class StoredTenants:
    def __init__(self, store: Store, now_s: Callable[[], float]) -> None:
        self._store = store
        self._now_s = now_s
        self._kept: dict[UUID | str, tuple[float, Tenant | None]] = {}
        self._lock = threading.Lock()

    def by_id(self, tenant_id: UUID) -> Tenant | None:
        return self._find(tenant_id)

    def by_host(self, host: str) -> Tenant | None:
        """`host` as in the header, with or without a port."""
        name = host.rsplit(":", 1)[0].lower().rstrip(".")
        return self._find(name) if _HOST.fullmatch(name) else None

    def _look_up(self, wanted: UUID | str) -> Tenant | None:
        with self._store.reading(platform=True) as connection:
            rows = TenantRows(connection)
            held = rows.get(wanted) if isinstance(wanted, UUID) else rows.by_domain(wanted)
        return None if held is None else held.value

    def _find(self, wanted: UUID | str) -> Tenant | None:
        with self._lock:
            kept = self._kept.get(wanted)
        if kept is not None and kept[0] > self._now_s():
            return kept[1]
        # What is not there may be there in a moment; what is there stays as it is for a while.
        try:
            tenant = self._look_up(wanted)
            keep_s = KEPT_S if tenant else 1.0
        except StoreDown:
            if kept is None:
                raise
            tenant, keep_s = kept[1], KEPT_S
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[wanted] = (self._now_s() + keep_s, tenant)
        return tenant

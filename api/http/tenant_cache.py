"""Finds the tenant of a request: by its id (from a token), or by the host that was asked (a storefront without one).

Kept for a short while in the process: every request needs it, and it hardly ever changes. While the database is away,
what was known stays known, also that a host is no shop's: what is read from the read models goes on being read.
"""

import re
from collections.abc import Callable
from typing import Final, Protocol
from uuid import UUID

from api.http.kept_lookups import KeptLookups
from api.store.store import Store
from api.store.tenants import TenantRows
from schemas.events.tenant import Tenant

KEPT_S: Final = 15.0
_HOST: Final = re.compile(r"[a-z0-9.-]{1,253}")


class Tenants(Protocol):
    """None: there is no such tenant."""

    def by_id(self, tenant_id: UUID) -> Tenant | None: ...

    def by_host(self, host: str) -> Tenant | None: ...


class StoredTenants:
    def __init__(self, store: Store, now_s: Callable[[], float]) -> None:
        self._store = store
        self._kept: KeptLookups[UUID | str, Tenant] = KeptLookups(self._look_up, now_s, keep_s=KEPT_S)

    def by_id(self, tenant_id: UUID) -> Tenant | None:
        return self._kept.find(tenant_id)

    def by_host(self, host: str) -> Tenant | None:
        """`host` as in the header, with or without a port."""
        name = host.rsplit(":", 1)[0].lower().rstrip(".")
        return self._kept.find(name) if _HOST.fullmatch(name) else None

    def _look_up(self, wanted: UUID | str) -> Tenant | None:
        with self._store.reading(platform=True) as connection:
            rows = TenantRows(connection)
            held = rows.get(wanted) if isinstance(wanted, UUID) else rows.by_domain(wanted)
        return None if held is None else held.value

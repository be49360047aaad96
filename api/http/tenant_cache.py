"""Finds the tenant of a request: by its id (from a token), or by the host that was asked (a storefront without one).

Kept in the process: every request needs it, and it hardly ever changes. When it does, the database says so and it is
looked up anew; whatever is missed is found out a little later. While the database is away, what was known stays known
for an hour, also that a host is no shop's: what is read from the read models goes on being read.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol
from uuid import UUID

from api.domain.host_names import host_name
from api.http.kept_lookups import Keeping, KeptLookups
from api.store.store import Store
from api.store.tenants import TenantRows
from ops.metrics import TENANT_HITS, TENANT_MISSES, TENANT_SECONDS
from schemas.events.tenant import Tenant

KEEPING: Final = Keeping(fresh_s=15.0, stale_s=30.0)


class Tenants(Protocol):
    """None: there is no such tenant."""

    def by_id(self, tenant_id: UUID) -> Tenant | None: ...

    def by_host(self, host: str) -> Tenant | None: ...

    def changed(self, what: str) -> None:
        """The id of a tenant that is different now, or a host that has become somebody's or nobody's."""


class StoredTenants:
    def __init__(self, store: Store, now_s: Callable[[], float], keeping: Keeping = KEEPING) -> None:
        self._store = store
        self._kept: KeptLookups[UUID | str, Tenant] = KeptLookups(self._look_up, now_s, keeping, count=_count)

    def by_id(self, tenant_id: UUID) -> Tenant | None:
        return self._find(tenant_id)

    def by_host(self, host: str) -> Tenant | None:
        """`host` as in the header, with or without a port."""
        name = host_name(host)
        return None if name is None else self._find(name)

    def changed(self, what: str) -> None:
        self._kept.forget(lambda key, tenant: str(key) == what or (tenant is not None and str(tenant.id) == what))

    def anything_changed(self) -> None:
        """For a while nobody could have said what did."""
        self._kept.doubt_all()

    def _find(self, wanted: UUID | str) -> Tenant | None:
        began = time.perf_counter()
        try:
            return self._kept.find(wanted)
        finally:
            TENANT_SECONDS.observe(time.perf_counter() - began)

    def _look_up(self, wanted: UUID | str) -> Tenant | None:
        with self._store.reading(platform=True) as connection:
            rows = TenantRows(connection)
            held = rows.get(wanted) if isinstance(wanted, UUID) else rows.by_domain(wanted)
        return None if held is None else held.value


def _count(known: bool) -> None:
    (TENANT_HITS if known else TENANT_MISSES).inc()

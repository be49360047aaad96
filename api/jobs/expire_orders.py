"""Cancels orders that reserve stock and were not paid for in time, for the reason "expired".

Each is a transaction of its own: who pays at the same moment wins or loses as a whole, and so do two schedulers.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from api.domain.errors import StaleVersion
from api.domain.permissions import Role, Scope
from api.domain.scope import Access, Actor
from api.store import reservations
from api.store.job_cause import job_cause
from api.store.store import Store
from api.store.tenants import TenantRows
from api.use_cases.orders.expire_order import expire_order
from ops.scheduler.jobs import Job
from ops.settings import Settings

ACTOR: Final = "rustok:expire"
_BATCH: Final = 500
_EVERY_S: Final = 30.0
log = structlog.get_logger(__name__)


def expire_all(store: Store, before: datetime, *, batch: int = _BATCH) -> int:
    """How many orders were cancelled of those that reserve something since before then; it looks at `batch` at most."""
    with store.reading(platform=True) as connection:
        late = reservations.overdue(connection, before, batch)
    return sum(_expired(store, tenant_id, order_id, before) for tenant_id, order_id in late)


def turn(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    store = Store(settings.postgres_scheduler_url, connections=1, clock=clock)
    store.open()
    try:
        before = clock() - timedelta(hours=settings.order_expires_h)
        while (expired := expire_all(store, before)) > 0:
            log.info("orders_expired", orders=expired)
    finally:
        store.close()


JOB: Final = Job("expire", lambda settings: _EVERY_S if settings.order_expires_h > 0 else 0, turn)


def _expired(store: Store, tenant_id: UUID, order_id: UUID, before: datetime) -> bool:
    access = _access(store, tenant_id)
    if access is None:
        return False
    try:
        return store.carry_out(access, job_cause(ACTOR, "expire"), lambda work: expire_order(work, order_id, before))
    except StaleVersion:  # somebody moves it on just now; the next turn looks again
        return False


def _access(store: Store, tenant_id: UUID) -> Access | None:
    with store.reading(tenant_id) as connection:
        held = TenantRows(connection).get(tenant_id)
    if held is None:
        return None
    tenant = held.value
    actor = Actor(tenant_id=tenant.id, tenant_slug=tenant.slug, actor_id=ACTOR, role=Role.INTEGRATION)
    return Access(actor=actor, resource="orders", scope=Scope.ALL, tenant=tenant)

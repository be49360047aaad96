"""Tells prices again when the clock has changed them, so that a sale is in search when it begins and gone when it ends.

The clock is the database's, for every scheduler alike. Who was down over the moment does it when it is back; two at
once pass over what the other one holds. Nobody who reads a price or orders waits for this: they compute it themselves.
"""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog

from api.domain.permissions import Role, Scope
from api.domain.scope import Access, Actor
from api.store import told_prices
from api.store.job_cause import job_cause
from api.store.store import Store
from api.store.tenants import TenantRows
from api.use_cases.prices.renew_prices import renew_due
from ops.scheduler.jobs import Job
from ops.settings import Settings

ACTOR: Final = "rustok:prices"
_BATCH: Final = 500
_EVERY_S: Final = 1.0
log = structlog.get_logger(__name__)


def renew_all(store: Store, *, batch: int = _BATCH) -> int:
    """How many products were looked at: all that are due, of every shop."""
    with store.reading(platform=True) as connection:
        tenants = told_prices.tenants_with_due(connection)
    return sum(_renewed(store, tenant_id, batch) for tenant_id in tenants)


def turn(settings: Settings) -> None:
    store = Store(settings.postgres_scheduler_url, connections=1, clock=lambda: datetime.now(UTC))
    store.open()
    try:
        looked_at = renew_all(store)
        if looked_at:
            log.info("prices_renewed", products=looked_at)
    finally:
        store.close()


JOB: Final = Job("prices", lambda _: _EVERY_S, turn)


def _renewed(store: Store, tenant_id: UUID, batch: int) -> int:
    access = _access(store, tenant_id)
    if access is None:
        return 0
    total = 0
    while looked_at := store.carry_out(access, job_cause(ACTOR, "prices"), lambda work: renew_due(work, batch)):
        total += looked_at
    return total


def _access(store: Store, tenant_id: UUID) -> Access | None:
    with store.reading(tenant_id) as connection:
        held = TenantRows(connection).get(tenant_id)
    if held is None:
        return None
    tenant = held.value
    actor = Actor(tenant_id=tenant.id, tenant_slug=tenant.slug, actor_id=ACTOR, role=Role.INTEGRATION)
    return Access(actor=actor, resource="product_prices", scope=Scope.ALL, tenant=tenant)

"""Erases the shops whose erasure was asked for: everything in them, and everything that was made of it.

It begins a minute after it was asked for, when every worker knows that the shop is closed. It may be killed at any
moment: what is deleted is told in the same transaction, and the next turn goes on.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from api.store import erasures
from api.store.errors import Collided
from api.store.job_cause import job_cause
from api.store.store import Store
from ops.scheduler.jobs import Job
from ops.settings import Settings

AFTER: Final = timedelta(minutes=1)
BATCH: Final = 200
_EVERY_S: Final = 20.0
log = structlog.get_logger(__name__)


def erase_tenant(store: Store, tenant_id: UUID, now: datetime, *, batch: int = BATCH) -> int:
    """Returns how many things were deleted. Raises `StoreDown`; whoever calls it again goes on."""
    cause, encoder, deleted = job_cause(erasures.ACTOR, "erase", about=tenant_id), store.encoder(), 0
    while True:
        try:
            with store.reading(tenant_id) as connection:
                some = erasures.ErasureRows(connection, tenant_id).delete_some(batch, cause, encoder, now)
            deleted += some
            if some:
                continue
            with store.reading(tenant_id) as connection:
                if erasures.ErasureRows(connection, tenant_id).finish(cause, encoder, now):
                    return deleted
        except Collided:
            continue


def erase_all(store: Store, now: datetime, *, after: timedelta = AFTER) -> list[UUID]:
    """Every shop whose erasure was asked for long enough ago."""
    with store.reading(platform=True) as connection:
        asked_for = erasures.begun_before(connection, now - after)
    for tenant_id in asked_for:
        deleted = erase_tenant(store, tenant_id, now)
        log.info("tenant_erased", tenant_id=tenant_id, deleted=deleted)
    return asked_for


def turn(settings: Settings) -> None:
    store = Store(settings.postgres_scheduler_url, connections=1, clock=lambda: datetime.now(UTC))
    store.open()
    try:
        erase_all(store, datetime.now(UTC))
    finally:
        store.close()


JOB: Final = Job("erase", lambda settings: _EVERY_S, turn)

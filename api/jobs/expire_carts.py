"""Throws open carts away that nobody changed for long: they name what somebody wanted, and nobody wants it any more.

Who orders one at the same moment keeps it; two schedulers do no more than one.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from api.store import carts
from api.store.store import Store
from ops import metrics
from ops.scheduler.jobs import Job
from ops.settings import Settings

BATCH: Final = 5000
_EVERY_S: Final = 3600.0
log = structlog.get_logger(__name__)


def expire_all(store: Store, before: datetime, *, batch: int = BATCH) -> int:
    """How many carts went of those that were last changed before then; `batch` at most in a transaction."""
    with store.reading(platform=True) as connection:
        shops = carts.left_alone(connection, before)
    return sum(_expired(store, tenant_id, before, batch) for tenant_id in shops)


def _expired(store: Store, tenant_id: UUID, before: datetime, batch: int) -> int:
    removed = 0
    while True:
        with store.reading(tenant_id) as connection:
            gone = carts.CartRows(connection, tenant_id).remove_unchanged_since(before, batch)
        metrics.ROWS_PRUNED.labels("carts").inc(gone)
        removed += gone
        if gone < batch:
            return removed


def turn(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    store = Store(settings.postgres_scheduler_url, connections=1, clock=clock)
    store.open()
    try:
        gone = expire_all(store, clock() - timedelta(days=settings.cart_expires_days))
    finally:
        store.close()
    if gone:
        log.info("carts_expired", carts=gone)


JOB: Final = Job("expire-carts", lambda settings: _EVERY_S if settings.cart_expires_days > 0 else 0, turn)

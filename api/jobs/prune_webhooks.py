"""Removes what became of webhooks when it is old, what waits for webhooks that are off, and events that nobody gets."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg

from api.jobs.batched_deletes import BATCH, delete_all
from ops.clients import database_roles
from ops.scheduler.jobs import Job
from ops.settings import Settings

# A parked one is kept: it is delivered when the code knows it.
_DELIVERIES: Final = """
    DELETE FROM webhook_deliveries WHERE ctid = ANY (ARRAY(
        SELECT d.ctid FROM webhook_deliveries d
            JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id
        WHERE d.made_at < %(before)s
            AND (d.state IN ('delivered', 'failed', 'dead') OR (d.state = 'waiting' AND NOT w.active))
        ORDER BY d.made_at LIMIT %(batch)s
    ))
"""
# One that is taken in just now has its delivery in the same transaction.
_EVENTS: Final = """
    DELETE FROM webhook_events WHERE ctid = ANY (ARRAY(
        SELECT e.ctid FROM webhook_events e
        WHERE e.taken_at < %(before)s AND NOT EXISTS (
            SELECT FROM webhook_deliveries d WHERE d.tenant_id = e.tenant_id AND d.stored_as = e.id
        ) LIMIT %(batch)s
    ))
"""


def prune(connection: psycopg.Connection[Any], before: datetime, *, batch: int = BATCH) -> int:
    """What was made before that moment; returns how many deliveries. `connection` is in autocommit mode."""
    removed = delete_all(connection, "webhook_deliveries", _DELIVERIES, {"before": before}, batch=batch)
    delete_all(connection, "webhook_events", _EVENTS, {"before": before}, batch=batch)
    return removed


def turn(settings: Settings) -> None:
    with database_roles.connect(settings, "scheduler", name="rustok scheduler") as connection:
        prune(connection, datetime.now(UTC) - timedelta(hours=settings.webhook_keep_h))


JOB: Final = Job("webhooks", lambda settings: settings.prune_every_s if settings.webhook_keep_h > 0 else 0, turn)

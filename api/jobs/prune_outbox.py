"""Removes outbox rows that are old, once the capture has confirmed the log up to behind their commit.

Answers kept for an Idempotency-Key go when they are old: whoever asks again does so within minutes.

The rows of a batch are seen first, then the end of the log is asked for: their commits lie before it. When the slot has
confirmed that place they are in Kafka for good. Nothing is remembered between batches, so nothing can be out of date;
without a slot, or while nobody confirms, nothing goes. Deletions stay: they are all that is known of what is gone.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog

from api.reemit.write_model_tables import ACTOR
from api.store import column_arrays
from ops import metrics
from ops.clients import database_roles
from ops.scheduler.jobs import Job
from ops.settings import Settings

BATCH: Final = 5000
PATIENCE_S: Final = 15.0
_POLL_S: Final = 0.1
_MAY_GO: Final = f"NOT (type LIKE '%%.deleted' AND actor_id <> '{ACTOR}')"

Connection = psycopg.Connection[Any]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pruned:
    """`kept_back`: why it ended before all that is old was gone; empty when it was."""

    rows: int
    kept_back: str = ""


def prune(
    connection: Connection, slot: str, before: datetime, *, batch: int = BATCH, patience_s: float = PATIENCE_S
) -> Pruned:
    """Removes what was written before that moment. `connection` is in autocommit mode."""
    removed, after = 0, UUID(int=0)
    until = first_id_of(before)
    while True:
        ids, log_end = _seen(connection, after, until, batch)
        if not ids:
            return Pruned(removed)
        why_not = _until_confirmed(connection, slot, log_end, patience_s)
        if why_not:
            return Pruned(removed, why_not)
        with _as_keeper(connection):
            removed += connection.execute(
                "DELETE FROM outbox WHERE id = ANY (%s::uuid[])", (column_arrays.ids(ids),)
            ).rowcount
        after = ids[-1]


def prune_keys(connection: Connection, before: datetime, *, batch: int = BATCH) -> int:
    """Removes the answers that were kept before that moment, the oldest first; returns how many.

    In autocommit mode. A row never moves after the transaction it came with, so its place names it.
    """
    removed = 0
    while True:
        with _as_keeper(connection):
            gone = connection.execute(
                "DELETE FROM idempotency_keys WHERE made_at < %(before)s AND ctid = ANY (ARRAY("
                " SELECT ctid FROM idempotency_keys WHERE made_at < %(before)s ORDER BY made_at LIMIT %(batch)s))",
                {"before": before, "batch": batch},
            ).rowcount
        removed += gone
        if gone < batch:
            return removed


def first_id_of(moment: datetime) -> UUID:
    """No id that was made at or after this moment is smaller: ids begin with the milliseconds since 1970."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def moment_of(id_: UUID) -> datetime:
    """When an id was made."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)


def turn(settings: Settings) -> None:
    """What the scheduler does: one round, and how much there is now."""
    with database_roles.connect(settings, "scheduler", name="rustok scheduler") as connection:
        now = datetime.now(UTC)
        if settings.idempotency_keep_h > 0:
            before = now - timedelta(hours=settings.idempotency_keep_h)
            metrics.IDEMPOTENCY_PRUNED.inc(prune_keys(connection, before))
        if settings.outbox_keep_h > 0:
            done = prune(connection, settings.capture_slot, now - timedelta(hours=settings.outbox_keep_h))
            metrics.OUTBOX_PRUNED.inc(done.rows)
            if done.kept_back:
                log.warning("outbox_kept", reason=done.kept_back, removed=done.rows)
        measure(connection)


def measure(connection: Connection) -> None:
    """The number of rows is PostgreSQL's own estimate: counting would read them all."""
    row = connection.execute(
        "SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = to_regclass('outbox')"
    ).fetchone()
    metrics.OUTBOX_ROWS.set(row[0] if row else 0)
    with _as_keeper(connection):
        oldest = connection.execute(
            f"SELECT id FROM outbox WHERE {_MAY_GO} ORDER BY id LIMIT 1"  # noqa: S608  # constants
        ).fetchone()
    metrics.OUTBOX_OLDEST.set(moment_of(oldest[0]).timestamp() if oldest else 0)


JOB: Final = Job("prune", lambda settings: settings.prune_every_s if _anything(settings) else 0, turn)


def _anything(settings: Settings) -> bool:
    return settings.outbox_keep_h > 0 or settings.idempotency_keep_h > 0


def _seen(connection: Connection, after: UUID, until: UUID, batch: int) -> tuple[list[UUID], str]:
    with _as_keeper(connection):
        rows = connection.execute(
            f"SELECT id FROM outbox WHERE id > %s AND id < %s AND {_MAY_GO} ORDER BY id LIMIT %s",  # noqa: S608
            (after, until, batch),
        ).fetchall()
    end = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
    return [id_ for (id_,) in rows], str(end[0] if end else "")


def _until_confirmed(connection: Connection, slot: str, log_end: str, patience_s: float) -> str:
    """Empty when it is; else why not."""
    deadline = time.monotonic() + patience_s
    while True:
        row = connection.execute(
            "SELECT confirmed_flush_lsn >= %s::pg_lsn FROM pg_replication_slots"
            " WHERE slot_name = %s AND database = current_database()",
            (log_end, slot),
        ).fetchone()
        if row is None:
            return f"there is no slot {slot}, so nothing says what is in Kafka"
        if row[0]:
            return ""
        if time.monotonic() > deadline:
            return f"slot {slot} has not confirmed {log_end}"
        time.sleep(_POLL_S)


@contextmanager
def _as_keeper(connection: Connection) -> Iterator[None]:
    with connection.transaction():
        database_roles.act_as(connection, database_roles.KEEPER)
        yield

"""Gives the rows of the audit trail their places in the chain of their tenant, and anchors the heads in Kafka.

Rows are chained by the number of their transaction, once every smaller one is over, so what has its place keeps it and
nobody who writes a row waits for anybody. The places and the event that anchors the last of them are one transaction.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import psycopg

from api.domain.changes import DatedEvent, Decision
from api.store import audit_chains, outbox, schema_ids
from api.store.audit_chains import Head
from api.store.job_cause import job_cause
from ops import metrics
from ops.clients import database_roles
from ops.scheduler.jobs import Job
from ops.settings import Settings
from schemas.event_codec import Encoder
from schemas.events.audit import Audit, AuditAnchored, anchor_id

ACTOR: Final = "rustok:audit"
BATCH: Final = 5000
Connection = psycopg.Connection[Any]


def chain_all(connection: Connection, *, batch: int = BATCH) -> int:
    """How many rows got their place. `connection` is in autocommit mode; each batch is a transaction."""
    done = 0
    while made := _chain_batch(connection, batch):
        done += made
    return done


def turn(settings: Settings) -> None:
    """What the scheduler does: one round, and for how long rows wait by now."""
    with database_roles.connect(settings, "scheduler", name="rustok scheduler") as connection:
        metrics.AUDIT_CHAINED.inc(chain_all(connection))
        with connection.transaction():
            database_roles.act_as(connection, database_roles.KEEPER)
            metrics.AUDIT_WAITS_SINCE.set(audit_chains.waiting_since(connection))


JOB: Final = Job("audit", lambda settings: settings.audit_chain_every_s, turn)


def _chain_batch(connection: Connection, batch: int) -> int:
    with connection.transaction():
        database_roles.act_as(connection, database_roles.KEEPER)
        heads = audit_chains.chain_waiting(connection, batch)
        if heads:
            database_roles.act_as(connection, "rustok_app")
            connection.execute("SELECT set_config('rustok.platform', 'on', true)")
            _anchor(connection, heads)
        return sum(head.given for head in heads)


def _anchor(connection: Connection, heads: Sequence[Head]) -> None:
    encoder, cause, now = Encoder(schema_ids.pins(connection)), job_cause(ACTOR, "audit"), datetime.now(UTC)
    for head in heads:
        audit = Audit(id=anchor_id(head.chain_id, head.seq), chain_id=head.chain_id, seq=head.seq, head=head.hash.hex())
        anchored = Decision(aggregate_id=audit.id, value=audit, happened=(DatedEvent(AuditAnchored(audit=audit), now),))
        outbox.append(connection, outbox.rows(anchored, head.chain_id, cause, encoder))

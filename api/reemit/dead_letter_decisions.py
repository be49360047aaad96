"""Emits again what people decided about dead letters, where no feed has done it yet.

A record that is to be tried again, and whose feed never heard of it, would stay `replayed` for ever. Emitting it twice
harms nobody: a read model takes a version once. What is applied needs no decision any more.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import dead_letters as domain
from api.domain.changes import Decision
from api.domain.dead_letters import StoredDeadLetter
from api.store import outbox
from api.store.dead_letters import DeadLetterRows
from api.store.outbox import Cause
from api.store.store import NO_TENANT
from schemas.event_codec import Encoder
from schemas.outbox_row import OutboxRow

AGGREGATE: Final = "dead_letter"
_DECIDED: Final = """
    FROM dead_letters WHERE state IN ('replayed', 'discarded')
      AND (%(only)s::uuid[] IS NULL OR tenant_id = ANY (%(only)s::uuid[]))
"""
Connection = psycopg.Connection[Any]


def count(connection: Connection, only: Sequence[UUID] | None) -> int:
    row = connection.execute(f"SELECT count(*) {_DECIDED}", {"only": only and list(only)}).fetchone()
    return 0 if row is None else int(row[0])


def next_ids(connection: Connection, only: Sequence[UUID] | None, after: UUID | None, limit: int) -> list[UUID]:
    """In order of id, of all tenants or of these."""
    rows = connection.execute(
        f"SELECT id {_DECIDED} AND (%(after)s::uuid IS NULL OR id > %(after)s) ORDER BY id LIMIT %(limit)s",
        {"only": only and list(only), "after": after, "limit": limit},
    ).fetchall()
    return [id_ for (id_,) in rows]


def rows(connection: Connection, ids: Sequence[UUID], cause: Cause, encoder: Encoder) -> list[OutboxRow]:
    """Each as it left, under the version it has; they are locked, so that the next decision comes behind."""
    found = DeadLetterRows(connection)
    told: list[OutboxRow] = []
    for id_ in ids:
        held = found.get(id_, lock=True)
        change = None if held is None else _again(found, held)
        if held is not None and change is not None:
            told += outbox.rows(change, held.tenant_id or NO_TENANT, cause, encoder)
    return told


def _again(found: DeadLetterRows, held: StoredDeadLetter) -> Decision[StoredDeadLetter] | None:
    before, now = replace(held, version=held.version - 1), datetime.now(UTC)
    match held.state:
        case "replayed":
            return domain.replay(before, now)
        case "discarded":
            reasons = [done.detail.get("reason", "") for done in found.told(held.id) if done.action == "discarded"]
            return domain.discard(before, reasons[-1] if reasons else "", now)
        case "open" | "applied":  # by now
            return None

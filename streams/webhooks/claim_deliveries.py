"""Claims deliveries that are due: of each aggregate at a webhook the oldest, and none that somebody else has.

A claim ends by itself, so that whoever is killed holds nothing back for long. Several processes never claim the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from ops.clients.database_roles import WEBHOOKS_GROUP
from schemas.subscribed_events import PING
from streams.as_duty import as_duty

# `room` is how many more a webhook may get at a time: one while it fails. What is behind one of its aggregate waits.
_CLAIM: Final = """
    WITH wanted AS MATERIALIZED (
        SELECT w.tenant_id, w.id, CASE WHEN w.failing_since IS NULL THEN %(each)s ELSE 1 END
            - coalesce((%(busy)s::jsonb ->> w.id::text)::int, 0) AS room
        FROM webhooks w
        WHERE (w.failing_since IS NOT NULL) = %(failing)s AND (w.paused_until IS NULL OR w.paused_until <= now())
            AND EXISTS (
                SELECT FROM webhook_deliveries d WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id
                    AND d.state = 'waiting' AND d.next_try_at <= now() AND (w.active OR d.event_type = %(ping)s)
            )
    ), due AS MATERIALIZED (
        SELECT d.tenant_id, d.id FROM wanted w CROSS JOIN LATERAL (
            SELECT d.tenant_id, d.id, d.next_try_at FROM webhook_deliveries d
                JOIN webhooks h ON h.tenant_id = d.tenant_id AND h.id = d.webhook_id
            WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id AND d.state = 'waiting' AND d.next_try_at <= now()
                AND (d.claimed_until IS NULL OR d.claimed_until <= now())
                AND (h.active OR d.event_type = %(ping)s)
                AND NOT EXISTS (
                    SELECT FROM webhook_deliveries e WHERE e.tenant_id = d.tenant_id AND e.webhook_id = d.webhook_id
                        AND e.aggregate_id = d.aggregate_id AND e.state = 'waiting'
                        AND (e.aggregate_order, e.event_id) < (d.aggregate_order, d.event_id)
                )
            ORDER BY d.next_try_at, d.id LIMIT greatest(w.room, 0) FOR UPDATE OF d SKIP LOCKED
        ) d
        ORDER BY d.next_try_at LIMIT %(limit)s
    ), claimed AS (
        UPDATE webhook_deliveries d SET claim = %(claim)s, claimed_until = now() + make_interval(secs => %(lease_s)s)
        FROM due WHERE d.tenant_id = due.tenant_id AND d.id = due.id
        RETURNING d.*
    )
    SELECT d.tenant_id, d.id, d.webhook_id, d.event_id, d.stored_as, d.aggregate_id, d.attempts, d.first_failed_at,
        coalesce(now() - d.first_failed_at, interval '0'),
        d.replay, d.replay_attempts, d.replay_first_failed_at, e.body, d.event_type = %(ping)s, w.url, w.secret,
        CASE WHEN w.old_secret_until > now() THEN w.old_secret END, w.failing_since IS NOT NULL
    FROM claimed d
        JOIN webhook_events e ON e.tenant_id = d.tenant_id AND e.id = d.stored_as
        JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that is ours under `claim`. `secrets` are sealed, the newest first. `is_ping`: it is tried once."""

    claim: UUID
    tenant_id: UUID
    id: UUID
    webhook_id: UUID
    event_id: UUID
    stored_as: UUID
    aggregate_id: UUID
    attempts: int
    first_failed_at: datetime | None
    failed_for: timedelta
    replay: int | None
    replay_attempts: int
    replay_first_failed_at: datetime | None
    body: bytes
    is_ping: bool
    url: str
    secrets: tuple[bytes, ...]
    is_failing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many are wanted, at receivers that are well or at those that fail; `each`: at one that is well; `busy`: how
    many are under way here by webhook.
    """

    limit: int
    each: int
    busy: Mapping[UUID, int]
    failing: bool


def claim(connection: psycopg.Connection[Any], room: Room, lease_s: float) -> list[Claimed]:
    number = uuid7()
    given = {
        "limit": room.limit,
        "each": room.each,
        "busy": Jsonb({str(id_): count for id_, count in room.busy.items()}),
        "failing": room.failing,
        "claim": number,
        "lease_s": lease_s,
        "ping": PING,
    }
    with as_duty(connection, WEBHOOKS_GROUP):
        rows = connection.execute(_CLAIM, given).fetchall()
    return [_claimed(number, *row) for row in rows]


def _claimed(number: UUID, *row: Any) -> Claimed:
    *facts, body, is_ping, url, secret, old_secret, is_failing = row
    names = (
        "tenant_id id webhook_id event_id stored_as aggregate_id attempts first_failed_at failed_for replay"
        " replay_attempts replay_first_failed_at"
    )
    return Claimed(
        claim=number,
        **dict(zip(names.split(), facts, strict=True)),
        body=bytes(body),
        is_ping=is_ping,
        url=url,
        secrets=tuple(bytes(one) for one in (secret, old_secret) if one is not None),
        is_failing=is_failing,
    )

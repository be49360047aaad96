"""Writes dead letters into the table by their ids, so that one that comes again changes nothing.

One that comes back from the replay it was given is open again; any other repetition leaves what people decided as it
is. Whose it is, is looked up: a tenant nobody knows has no people, so the platform's own look after it.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from ops.clients.database_roles import DEAD_LETTERS_GROUP
from streams.as_duty import as_duty
from streams.dead_letters.causes import cause, pattern
from streams.dead_letters.read_dead_letter import CollectedRecord

_UPSERT = """
    INSERT INTO dead_letters AS held (
        id, tenant_id, feed, topic, "partition", "offset", record_key, record_value, headers, committed_at, parked,
        event_type, error, reason, pattern, cause, attempts, first_failed_at, last_failed_at, state
    ) VALUES (
        %(id)s, (SELECT id FROM tenants WHERE id = %(tenant_id)s), %(feed)s, %(topic)s, %(partition)s, %(offset)s,
        %(key)s, %(value)s, %(headers)s, %(committed_at)s, %(parked)s, %(event_type)s, %(error)s, %(reason)s,
        %(pattern)s, %(cause)s, %(attempts)s, %(first)s, %(last)s, %(state)s
    )
    ON CONFLICT (id) DO UPDATE SET
"""
_REFUSED_AGAIN = """
        attempts = greatest(held.attempts, excluded.attempts),
        first_failed_at = least(held.first_failed_at, excluded.first_failed_at),
        last_failed_at = greatest(held.last_failed_at, excluded.last_failed_at),
        parked = excluded.parked,
        error = excluded.error,
        reason = excluded.reason,
        pattern = excluded.pattern,
        cause = excluded.cause,
        state = CASE WHEN held.state = 'replayed' AND held.version = %(replay)s THEN 'open' ELSE held.state END
    WHERE excluded.last_failed_at >= held.last_failed_at
"""
_SETTLED = "state = 'applied' WHERE held.state IN ('open', 'replayed')"


@dataclass(frozen=True, slots=True)
class Depth:
    """How many dead letters of a feed wait for somebody, and since when."""

    feed: str
    open: int
    oldest: datetime | None


def take_in(connection: psycopg.Connection[Any], arrived: Sequence[CollectedRecord]) -> None:
    """All or none of them are in the table when this returns or raises."""
    with as_duty(connection, DEAD_LETTERS_GROUP):
        for one in arrived:
            connection.execute(_UPSERT + (_SETTLED if one.kind == "settled" else _REFUSED_AGAIN), _values(one))


def depths(connection: psycopg.Connection[Any]) -> list[Depth]:
    with as_duty(connection, DEAD_LETTERS_GROUP):
        rows = connection.execute(
            "SELECT feed, count(*), min(first_failed_at) FROM dead_letters WHERE state = 'open' GROUP BY feed"
        ).fetchall()
    return [Depth(*row) for row in rows]


def _values(one: CollectedRecord) -> dict[str, Any]:
    record = one.record
    headers = [[_text(name), None if value is None else b64encode(value).decode()] for name, value in record.headers]
    return {
        "id": one.id,
        "tenant_id": one.tenant_id,
        "feed": one.feed,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key,
        "value": record.value,
        "headers": Jsonb(headers),
        "committed_at": datetime.fromtimestamp(record.timestamp / 1000, UTC),
        "parked": one.kind == "parked",
        "event_type": _text(one.event_type),
        "error": _text(one.error),
        "reason": _text(one.reason),
        "pattern": _text(pattern(one.reason)),
        "cause": cause(one.feed, _text(one.event_type), _text(one.error), _text(one.reason)),
        "attempts": one.attempts,
        "first": record.first_failed_at,
        "last": one.last_failed_at,
        "state": "applied" if one.kind == "settled" else "open",
        "replay": record.replay,
    }


def _text(text: str) -> str:
    """Postgres has no NUL in a text."""
    return text.replace("\0", "�")

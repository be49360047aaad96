"""Reads and writes `dead_letters`, filled by the collector, and `dead_letter_actions`, what people did about them.

Row-level security says which of them a transaction sees: a tenant its own, the platform all.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from api.domain.changes import Decision
from api.domain.dead_letters import Content, Headers, State, StoredDeadLetter
from api.domain.errors import StaleVersion
from api.store.list_pages import ListTable, PageWanted, SortedBy

Action = Literal["edited", "replayed", "discarded", "exported"]

_COLUMNS: Final = """
    id, tenant_id, feed, topic, "partition", "offset", record_key, record_value, headers, edited_key, edited_value,
    edited_headers, committed_at, parked, event_type, error, reason, pattern, cause, attempts, first_failed_at,
    last_failed_at, state, version
"""
_FAILED: Final = SortedBy[StoredDeadLetter]("first_failed_at", datetime, lambda one: one.first_failed_at)
#: `feed` is the id of a read model, or its name: then those of each version match. `since` and `until` are about the
#: last failure.
LIST: Final = ListTable[StoredDeadLetter](
    name="dead_letters",
    id="id",
    id_of=lambda one: one.id,
    filters={
        "feed": "(feed = %(feed)s::text OR regexp_replace(feed, '-v[0-9]+$', '') = %(feed)s::text)",
        "state": {
            "any": "true",
            **{one: f"state = '{one}'" for one in get_args(State)},
        },
        "cause": "cause = %(cause)s::text",
        "event_type": "event_type = %(event_type)s::text",
        "error": "error = %(error)s::text",
        "since": "last_failed_at >= %(since)s::timestamptz",
        "until": "last_failed_at < %(until)s::timestamptz",
    },
    sorts={"oldest": _FAILED, "newest": _FAILED.turned()},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Dead letters with one cause; `example` is the one that failed last."""

    cause: str
    feed: str
    event_type: str
    error: str
    pattern: str
    count: int
    first_failed_at: datetime
    last_failed_at: datetime
    example: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What somebody did about a dead letter."""

    action: Action
    actor_id: str
    at: datetime
    correlation_id: str
    detail: Mapping[str, Any]


class DeadLetterRows:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def get(self, dead_letter_id: UUID, *, lock: bool = False) -> StoredDeadLetter | None:
        query = f"SELECT {_COLUMNS} FROM dead_letters WHERE id = %s {'FOR UPDATE' if lock else ''}"  # noqa: S608  # literals
        row = self._connection.execute(query, (dead_letter_id,)).fetchone()
        return None if row is None else _stored(row)

    def page(self, wanted: PageWanted, *, lock: bool = False) -> list[StoredDeadLetter]:
        text, values = LIST.page(wanted)
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM dead_letters WHERE true {text} {'FOR UPDATE' if lock else ''}",  # noqa: S608
            values,
        )
        return [_stored(row) for row in rows]

    def groups(self, filters: Mapping[str, Any], limit: int) -> list[Group]:
        """The largest first."""
        text, values = LIST.matching(filters)
        rows = self._connection.execute(
            f"""
            SELECT cause, feed, event_type, error, min(pattern), count(*), min(first_failed_at), max(last_failed_at),
                   (array_agg(id ORDER BY last_failed_at DESC, id))[1]
            FROM dead_letters WHERE true {text}
            GROUP BY cause, feed, event_type, error ORDER BY 6 DESC, 1 LIMIT %(limit)s
            """,  # noqa: S608  # of the table
            {**values, "limit": limit},
        )
        names = Group.__slots__
        return [Group(**dict(zip(names, row, strict=True))) for row in rows]

    def write(self, changes: Sequence[Decision[StoredDeadLetter]]) -> None:
        for change in changes:
            written = self._connection.execute(
                "UPDATE dead_letters SET state = %s, version = %s WHERE id = %s AND version = %s",
                (change.value.state, change.version, change.aggregate_id, change.was_at),
            )
            if written.rowcount != 1:
                raise StaleVersion(change.was_at)

    def write_edit(self, dead_letter: StoredDeadLetter) -> None:
        content = dead_letter.content
        self._connection.execute(
            "UPDATE dead_letters SET edited_key = %s, edited_value = %s, edited_headers = %s WHERE id = %s",
            (content.key, content.value, Jsonb(_as_json(content.headers)), dead_letter.id),
        )

    def tell(self, dead_letter: StoredDeadLetter | None, done: Done, tenant_id: UUID | None) -> None:
        """For whoever asks later who did what; `tenant_id` is whose people may ask."""
        self._connection.execute(
            "INSERT INTO dead_letter_actions (dead_letter_id, tenant_id, action, actor_id, at, correlation_id, detail)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (
                None if dead_letter is None else dead_letter.id,
                tenant_id,
                done.action,
                done.actor_id,
                done.at,
                done.correlation_id,
                Jsonb(dict(done.detail)),
            ),
        )

    def told(self, dead_letter_id: UUID) -> list[Done]:
        """All that was done about it, oldest first."""
        rows = self._connection.execute(
            "SELECT action, actor_id, at, correlation_id, detail FROM dead_letter_actions"
            " WHERE dead_letter_id = %s ORDER BY id",
            (dead_letter_id,),
        )
        return [Done(action=a, actor_id=by, at=at, correlation_id=c, detail=d) for a, by, at, c, d in rows]


def _stored(row: Sequence[Any]) -> StoredDeadLetter:
    id_, tenant_id, feed, topic, partition, offset, *content, committed_at, parked, event_type = row[:15]
    key, value, headers, edited_key, edited_value, edited_headers = content
    error, reason, pattern, cause, attempts, first, last, state, version = row[15:]
    edited = None
    if edited_headers is not None:
        edited = Content(key=edited_key, value=edited_value, headers=_from_json(edited_headers))
    return StoredDeadLetter(
        id=id_,
        tenant_id=tenant_id,
        feed=feed,
        topic=topic,
        partition=partition,
        offset=offset,
        original=Content(key=key, value=value, headers=_from_json(headers)),
        edited=edited,
        committed_at=committed_at,
        parked=parked,
        event_type=event_type,
        error=error,
        reason=reason,
        pattern=pattern,
        cause=cause,
        attempts=attempts,
        first_failed_at=first,
        last_failed_at=last,
        state=state,
        version=version,
    )


def _as_json(headers: Headers) -> list[list[str | None]]:
    return [[name, None if value is None else b64encode(value).decode()] for name, value in headers]


def _from_json(stored: Sequence[Sequence[Any]]) -> Headers:
    return tuple((name, None if value is None else b64decode(value)) for name, value in stored)

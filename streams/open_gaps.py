"""Reads and closes open gaps: rows of PostgreSQL, opened by capture and closed by people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from schemas import gaps
from schemas.gaps import Kind

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGap:
    """What is emitted again after `since` is behind it; None: capture has not begun to read again yet.

    `times`: it was opened so often; whoever closes it means this opening and no later one.
    """

    id: int
    kind: Kind
    topics: tuple[str, ...]
    detail: str
    opened_at: datetime
    since: datetime | None
    times: int
    closed_at: datetime | None = None
    closed_by: str | None = None


def listed(connection: Connection, *, closed_too: bool = False) -> list[OpenGap]:
    """Oldest first."""
    rows = connection.execute(
        "SELECT id, kind, topics, detail, opened_at, nullif(since, 'infinity'), times, closed_at, closed_by"  # noqa: S608
        f" FROM {gaps.TABLE} WHERE %s OR closed_at IS NULL ORDER BY id",
        (closed_too,),
    ).fetchall()
    return [
        OpenGap(
            id=id_,
            kind=kind,
            topics=tuple(topics),
            detail=detail,
            opened_at=opened_at,
            since=since,
            times=times,
            closed_at=closed_at,
            closed_by=closed_by,
        )
        for id_, kind, topics, detail, opened_at, since, times, closed_at, closed_by in rows
    ]


def close(connection: Connection, these: Sequence[OpenGap], by: str) -> int:
    """How many of them were closed: one that was opened once more meanwhile stays open."""
    closed = 0
    with connection.transaction():
        for one in these:
            closed += connection.execute(
                f"UPDATE {gaps.TABLE} SET closed_at = clock_timestamp(), closed_by = %s"  # noqa: S608  # a name of ours
                " WHERE id = %s AND times = %s AND since <> 'infinity' AND closed_at IS NULL",
                (by, one.id, one.times),
            ).rowcount
    return closed

"""Finds the schemas of events by their ids, and the ids that a deploy has pinned for our own events."""

from typing import Any

from psycopg import Connection

Pins = dict[tuple[str, int], int]


def pins(connection: Connection[Any]) -> Pins:
    """The id of each version of each event."""
    rows = connection.execute("SELECT subject, version, schema_id FROM schema_versions").fetchall()
    return {(subject, version): schema_id for subject, version, schema_id in rows}


def content_of(connection: Connection[Any], schema_id: int) -> str | None:
    row = connection.execute("SELECT content FROM schemas WHERE id = %s", (schema_id,)).fetchone()
    return None if row is None else str(row[0])

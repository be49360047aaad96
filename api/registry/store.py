"""Where do schemas and their ids live? In two tables: a content has one id for ever, a subject has numbered versions.

Used twice: `rustok api migrate` registers what the code knows, and the API pins those ids to write events.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from psycopg import Connection

from schemas import rendering

Pins = dict[tuple[str, int], int]


class SchemasDiffer(Exception):
    """The registry holds other content under the number of a version than the code has."""


@dataclass(frozen=True, slots=True)
class Registered:
    """Version `version` of `subject` has the content `schema`, known everywhere as `schema_id`."""

    subject: str
    version: int
    schema_id: int
    schema: str


def register_known(connection: Connection) -> int:
    """Registers every version of every event; returns how many were new. Raises `SchemasDiffer` and changes nothing."""
    made = 0
    with connection.transaction():
        connection.execute("LOCK TABLE schema_versions IN SHARE ROW EXCLUSIVE MODE")
        there = {(row.subject, row.version): row for row in _all(connection)}
        for history, version in rendering.every_version():
            content = compact(rendering.text(history, version))
            held = there.get((history.event_type, version))
            if held is None:
                _register(connection, history.event_type, version, content)
                made += 1
            elif held.schema != content:
                raise SchemasDiffer(
                    f"{history.event_type} v{version} is registered with another schema than this code has: "
                    "a published version never changes, make a new one"
                )
    return made


def pins(connection: Connection) -> Pins:
    """The id of each version of each event."""
    return {(row.subject, row.version): row.schema_id for row in _all(connection)}


def subjects(connection: Connection) -> list[str]:
    rows = connection.execute("SELECT DISTINCT subject FROM schema_versions ORDER BY subject").fetchall()
    return [subject for (subject,) in rows]


def versions_of(connection: Connection, subject: str) -> Sequence[Registered]:
    """All versions of a subject, oldest first; empty when there is no such subject."""
    rows = connection.execute(f"{_SELECT} WHERE subject = %s ORDER BY version", (subject,)).fetchall()
    return [Registered(*row) for row in rows]


def content_of(connection: Connection, schema_id: int) -> str | None:
    row = connection.execute("SELECT content FROM schemas WHERE id = %s", (schema_id,)).fetchone()
    return None if row is None else str(row[0])


def uses_of(connection: Connection, schema_id: int) -> Sequence[Registered]:
    """Every version of every subject that has this schema."""
    rows = connection.execute(f"{_SELECT} WHERE schema_id = %s ORDER BY subject, version", (schema_id,)).fetchall()
    return [Registered(*row) for row in rows]


def compact(text: str) -> str:
    """One content, one text: whitespace does not make another schema."""
    return json.dumps(json.loads(text), separators=(",", ":"))


_SELECT = "SELECT subject, version, schema_id, content FROM schema_versions JOIN schemas ON schemas.id = schema_id"


def _all(connection: Connection) -> Sequence[Registered]:
    return [Registered(*row) for row in connection.execute(_SELECT).fetchall()]


def _register(connection: Connection, subject: str, version: int, content: str) -> None:
    connection.execute(
        """
        WITH known AS (
            SELECT id FROM schemas WHERE digest = %(digest)s
        ), made AS (
            INSERT INTO schemas (content, digest) SELECT %(content)s, %(digest)s
            WHERE NOT EXISTS (SELECT FROM known) RETURNING id
        )
        INSERT INTO schema_versions (subject, version, schema_id)
        SELECT %(subject)s, %(version)s, id FROM (SELECT id FROM known UNION ALL SELECT id FROM made) AS found
        """,
        {"content": content, "digest": sha256(content.encode()).digest(), "subject": subject, "version": version},
    )

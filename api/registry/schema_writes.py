"""Gives a content its id, and a subject its next version: one after the other, for all who write take one lock.

An id belongs to a content for ever, and a number of a version to its subject, also when it is deleted for good.
"""

from typing import Any, Final

from psycopg import Connection

from api.registry.schema_content import SchemaContent, StoredContent
from api.registry.schema_rows import SchemaRows
from api.registry.subject_names import Subject

#: The number is arbitrary and ours.
_LOCK: Final = 7_305_042


def take_turns(connection: Connection[Any]) -> None:
    """Waits until everybody else who writes to the registry is done; lasts as long as the transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def stored(connection: Connection[Any], content: SchemaContent, schema_id: int | None = None) -> StoredContent:
    """The content under its id: the one it has, else `schema_id`, else the next."""
    rows = SchemaRows(connection)
    found = rows.by_digest(content.digest)
    if found is not None:
        return found
    values = {
        "id": schema_id,
        "content": content.schema,
        "digest": content.digest,
        "metadata": content.metadata,
        "rule_set": content.rule_set,
    }
    if schema_id is None:
        made = connection.execute(
            "INSERT INTO schemas (content, digest, metadata, rule_set)"
            " VALUES (%(content)s, %(digest)s, %(metadata)s, %(rule_set)s) RETURNING id",
            values,
        ).fetchone()
    else:
        made = connection.execute(
            "INSERT INTO schemas (id, content, digest, metadata, rule_set) OVERRIDING SYSTEM VALUE"
            " VALUES (%(id)s, %(content)s, %(digest)s, %(metadata)s, %(rule_set)s) RETURNING id",
            values,
        ).fetchone()
        connection.execute(
            "SELECT setval('schemas_id_seq', greatest(%s, last_value)) FROM schemas_id_seq", (schema_id,)
        )
    if made is None:
        raise RuntimeError("an INSERT … RETURNING gave nothing back")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO schema_references (schema_id, position, name, subject, version) VALUES (%s, %s, %s, %s, %s)",
            [(made[0], at, one.name, one.subject, one.version) for at, one in enumerate(content.references)],
        )
    found = rows.by_digest(content.digest)
    if found is None:
        raise RuntimeError("a schema that was just stored is not there")
    return found


def last_version(connection: Connection[Any], subject: Subject) -> int:
    """0: there never was one."""
    row = connection.execute(
        "SELECT last_version FROM registry_subjects WHERE subject = %s", (str(subject),)
    ).fetchone()
    return 0 if row is None else int(row[0])


def add_version(connection: Connection[Any], subject: Subject, version: int, schema_id: int) -> None:
    connection.execute(
        "INSERT INTO registry_subjects AS s (subject, last_version) VALUES (%s, %s)"
        " ON CONFLICT (subject) DO UPDATE SET last_version = greatest(s.last_version, excluded.last_version)",
        (str(subject), version),
    )
    connection.execute(
        "INSERT INTO schema_versions (subject, version, schema_id) VALUES (%s, %s, %s)",
        (str(subject), version, schema_id),
    )


def is_deployed(connection: Connection[Any], subject: Subject) -> bool:
    """Whether its versions come with our own code, and from nowhere else."""
    row = connection.execute("SELECT deployed FROM registry_subjects WHERE subject = %s", (str(subject),)).fetchone()
    return row is not None and bool(row[0])

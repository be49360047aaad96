"""Registers and pins the schemas of our own events, which come from the code with a deploy.

Used twice: `rustok api migrate` registers what the code knows, and the API pins those ids to write events.
"""

import json
from typing import Any

from psycopg import Connection

from api.registry import audit_trail, schema_writes
from api.registry.audit_trail import AuditRows
from api.registry.avro.compatibility import Level
from api.registry.avro.schema_text import parse
from api.registry.rules import Mode, RuleRows, Rules
from api.registry.schema_content import SchemaContent
from api.registry.schema_rows import SchemaRows
from api.registry.subject_names import DEFAULT, Subject
from schemas import avro_schema

#: Nobody adds a version from outside, and every consumer goes on reading with a schema it already has.
OURS = Rules(compatibility=Level.FORWARD_TRANSITIVE, mode=Mode.READONLY)


class SchemasDiffer(Exception):
    """The registry holds other content under the number of a version than the code has."""


def register_known(connection: Connection[Any]) -> int:
    """Registers every version of every event; returns how many were new. Raises `SchemasDiffer` and changes nothing."""
    made = 0
    with connection.transaction():
        connection.execute("SELECT set_config('rustok.platform', 'on', true)")
        schema_writes.take_turns(connection)
        for history, version in avro_schema.every_version():
            made += _register(connection, history.event_type, version, avro_schema.text(history, version))
    return made


def _register(connection: Connection[Any], event_type: str, version: int, text: str) -> bool:
    """Whether it was new."""
    subject, content = Subject(DEFAULT, event_type), SchemaContent(schema=parse(text, {}).canonical)
    held = SchemaRows(connection).version(subject, version, deleted=True)
    if held is None:
        stored = schema_writes.stored(connection, content)
        schema_writes.add_version(connection, subject, version, stored.id)
        written = AuditRows(connection, actor_id="deploy", role="deploy", tenant_id=None)
        written.write(audit_trail.DEPLOYED, event_type, version=version, schema_id=stored.id)
    elif held.stored.content != content:
        if json.loads(held.stored.content.schema) != json.loads(text):
            raise SchemasDiffer(
                f"{event_type} v{version} is registered with another schema than this code has: "
                "a published version never changes, make a new one"
            )
        _write_canonically(connection, held.stored.id, content)
    connection.execute(
        "UPDATE registry_subjects SET deployed = true WHERE subject = %s AND NOT deployed", (event_type,)
    )
    if RuleRows(connection).of(subject) != OURS:
        RuleRows(connection).put(subject, OURS)
    return held is None


def _write_canonically(connection: Connection[Any], schema_id: int, content: SchemaContent) -> None:
    """Registered when texts were kept as they came: the same schema under the same id, in the words clients compare."""
    connection.execute(
        "UPDATE schemas SET content = %s, digest = %s WHERE id = %s", (content.schema, content.digest, schema_id)
    )

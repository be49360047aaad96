"""Registers and pins the schemas of our own events, which come from the code with a deploy.

Used twice: `rustok api migrate` registers what the code knows, and the API pins those ids to write events.
"""

import json
from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from api.registry import audit_trail, lost_schemas, schema_writes
from api.registry.audit_trail import AuditRows
from api.registry.avro.compatibility import Level
from api.registry.avro.schema_text import parse
from api.registry.lost_schemas import VersionName
from api.registry.rules import Mode, RuleRows, Rules
from api.registry.schema_content import SchemaContent
from api.registry.schema_rows import SchemaRows
from api.registry.subject_names import DEFAULT, Subject
from api.store import schema_ids
from schemas import avro_schema
from schemas.event_history import History

#: Nobody adds a version from outside, and every consumer goes on reading with a schema it already has.
OURS = Rules(compatibility=Level.FORWARD_TRANSITIVE, mode=Mode.READONLY)


class SchemasDiffer(Exception):
    """The registry holds other content under the number of a version than the code has."""


class IdsAreLost(Exception):
    """Events were written with ids that the registry does not have any more; a next id would mean something else."""


def content_of(history: History, version: int) -> SchemaContent:
    """As the registry keeps it."""
    return SchemaContent(schema=parse(avro_schema.text(history, version), {}).canonical)


def register_known(connection: Connection[Any], ids: Mapping[VersionName, int] | None = None) -> int:
    """Registers every version of every event; returns how many were new.

    `ids` says which id a version gets that is not there; what it does not name gets the next. Raises `SchemasDiffer`,
    and without `ids` also `IdsAreLost`; both change nothing.
    """
    made = 0
    with connection.transaction():
        connection.execute("SELECT set_config('rustok.platform', 'on', true)")
        schema_writes.take_turns(connection)
        if ids is None:
            _refuse_what_was_lost(connection)
        for history, version in avro_schema.every_version():
            made += _register(connection, history, version, (ids or {}).get((history.event_type, version)))
    return made


def _register(connection: Connection[Any], history: History, version: int, schema_id: int | None) -> bool:
    """Whether it was new."""
    event_type = history.event_type
    subject, content = Subject(DEFAULT, event_type), content_of(history, version)
    held = SchemaRows(connection).version(subject, version, deleted=True)
    if held is None:
        stored = schema_writes.stored(connection, content, schema_id)
        schema_writes.add_version(connection, subject, version, stored.id)
        action = audit_trail.DEPLOYED if schema_id is None else audit_trail.RECOVERED
        written = AuditRows(connection, actor_id="deploy", role="deploy", tenant_id=None)
        written.write(action, event_type, version=version, schema_id=stored.id)
    elif held.stored.content != content:
        if json.loads(held.stored.content.schema) != avro_schema.schema(history, version):
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


def _refuse_what_was_lost(connection: Connection[Any]) -> None:
    pinned = schema_ids.pins(connection)
    names = [(history.event_type, version) for history, version in avro_schema.every_version()]
    lost = lost_schemas.written(connection, [name for name in names if name not in pinned])
    if lost:
        shown = ", ".join(f"{event_type} v{version}" for event_type, version in lost[:3])
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        raise IdsAreLost(f"events of {shown}{more} were written, and the registry does not have their schemas any more")

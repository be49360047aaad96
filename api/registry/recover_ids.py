"""Gives the schemas of our events back the ids that their records bear, when the registry has lost them.

Looked at as a whole first, then written, all or nothing. An id that could mean two things is told and left alone.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from psycopg import Connection

from api.registry.deployed_schemas import content_of, register_known
from api.registry.ids_in_records import IdsInRecords
from api.registry.schema_rows import SchemaRows
from api.registry.subject_names import DEFAULT, Subject
from schemas import avro_schema
from schemas.event_history import History

#: Ids that nobody remembers, of schemas of others, are not given to anything else: the next are so far away.
APART: Final = 1_000

State = Literal["there", "recovered", "new", "differs"]
STATES: Final[tuple[State, ...]] = get_args(State)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredVersion:
    """`recovered` has the id of its records, `new` had no record and gets a next id; `differs` says `why`."""

    event_type: str
    version: int
    state: State
    schema_id: int | None = None
    why: str = ""


def plan(connection: Connection[Any], seen: IdsInRecords) -> list[RecoveredVersion]:
    """What is to be done for each version of each event."""
    connection.execute("SELECT set_config('rustok.platform', 'on', true)")
    return [_planned(SchemaRows(connection), *one, seen) for one in avro_schema.every_version()]


def carry_out(connection: Connection[Any], planned: list[RecoveredVersion], seen: IdsInRecords) -> None:
    """Only for a plan in which nothing differs."""
    ids = {
        (one.event_type, one.version): one.schema_id
        for one in planned
        if one.state == "recovered" and one.schema_id is not None
    }
    with connection.transaction():
        if ids:
            connection.execute(
                "SELECT setval('schemas_id_seq', greatest(last_value, %s)) FROM schemas_id_seq",
                (seen.largest + APART,),
            )
        register_known(connection, ids)


def _planned(rows: SchemaRows, history: History, version: int, seen: IdsInRecords) -> RecoveredVersion:
    name = history.event_type, version

    def found(state: State, schema_id: int | None = None, why: str = "") -> RecoveredVersion:
        return RecoveredVersion(
            event_type=history.event_type, version=version, state=state, schema_id=schema_id, why=why
        )

    borne = seen.ids.get(name, set())
    if len(borne) > 1:
        return found("differs", why=f"its records bear the ids {', '.join(map(str, sorted(borne)))}")
    (wanted,) = borne or (None,)
    content = content_of(history, version)
    held = rows.version(Subject(DEFAULT, history.event_type), version, deleted=True)
    stored = held.stored if held is not None else rows.by_digest(content.digest)
    if stored is not None and wanted not in (None, stored.id):
        return found("differs", wanted, f"it has the id {stored.id}, and its records bear {wanted}")
    if held is not None:
        return found("there", held.stored.id)
    if wanted is None:
        return found("new")
    taken = rows.by_any_id(wanted)
    if taken is not None and taken.content != content:
        return found("differs", wanted, f"its records bear the id {wanted}, which is another schema's by now")
    return found("recovered", wanted)

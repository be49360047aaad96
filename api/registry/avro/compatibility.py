"""Checks a schema against earlier ones by level: who has to be able to read whose data, and how far back.

| Level | The new schema | Compared with |
|---|---|---|
| `BACKWARD` | reads what the old one wrote | the newest |
| `FORWARD` | is read by the old one | the newest |
| `FULL` | both | the newest |
| `…_TRANSITIVE` | the same | every one |
| `NONE` | whatever it is | none |
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.registry.avro.reader_differences import (
    FIXED_SIZE_MISMATCH,
    MISSING_ENUM_SYMBOLS,
    MISSING_UNION_BRANCH,
    NAME_MISMATCH,
    READER_FIELD_MISSING_DEFAULT_VALUE,
    TYPE_MISMATCH,
    SchemaDifference,
    differences,
)
from api.registry.avro.schema_text import Parsed
from api.registry.avro.step_limit import StepLimit


class Level(StrEnum):
    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def is_transitive(self) -> bool:
        return self.value.endswith("_TRANSITIVE")

    @property
    def new_reads_old(self) -> bool:
        return self.value.startswith(("BACKWARD", "FULL"))

    @property
    def old_reads_new(self) -> bool:
        return self.value.startswith(("FORWARD", "FULL"))


@dataclass(frozen=True, slots=True)
class SchemaConflict:
    """`place` in the sequence of existing schemas, and what is wrong between that one and the new one."""

    place: int
    messages: tuple[str, ...]


#: The sentences of Confluent's registry, which people search the web for.
_SENTENCES: Final = {
    NAME_MISMATCH: "The name of the schema has changed (path '{path}')",
    FIXED_SIZE_MISMATCH: (
        "The size of FIXED type field at path '{path}' in the {reader} schema does not match with the {writer} schema"
    ),
    MISSING_ENUM_SYMBOLS: (
        "The {reader} schema is missing enum symbols '{detail}' at path '{path}' in the {writer} schema"
    ),
    READER_FIELD_MISSING_DEFAULT_VALUE: (
        "The field '{detail}' at path '{path}' in the {reader} schema has no default value "
        "and is missing in the {writer} schema"
    ),
    TYPE_MISMATCH: (
        "The type (path '{path}') of a field in the {reader} schema does not match with the {writer} schema"
    ),
    MISSING_UNION_BRANCH: (
        "The {reader} schema is missing a type inside a union field at path '{path}' in the {writer} schema"
    ),
}


def check(
    level: Level, new: Parsed, existing_oldest_first: Sequence[Parsed], steps: StepLimit | None = None
) -> list[str]:
    """Empty when it may; else what is wrong with the newest schema it does not go with, as Confluent words it.

    Raises `TooCostly`: the steps are counted over all comparisons.
    """
    found = conflict(level, new, existing_oldest_first, steps)
    if found is None:
        return []
    old = existing_oldest_first[found.place]
    return [*found.messages, f"{{oldSchema: '{old.canonical}'}}", f"{{compatibility: '{level.value}'}}"]


def conflict(
    level: Level, new: Parsed, existing_oldest_first: Sequence[Parsed], steps: StepLimit | None = None
) -> SchemaConflict | None:
    """The newest of the existing schemas, of those that the level looks at, that the new one does not go with."""
    if level is Level.NONE:
        return None
    steps = steps or StepLimit()
    last = len(existing_oldest_first) - 1
    for place in range(last, -1 if level.is_transitive else last - 1, -1):
        if messages := tuple(_messages(level, new, existing_oldest_first[place], steps)) if place >= 0 else ():
            return SchemaConflict(place, messages)
    return None


def _messages(level: Level, new: Parsed, old: Parsed, steps: StepLimit) -> Iterator[str]:
    if level.new_reads_old:
        yield from (_told(one, "new", "old") for one in differences(new, old, steps))
    if level.old_reads_new:
        yield from (_told(one, "old", "new") for one in differences(old, new, steps))


def _told(one: SchemaDifference, reader: str, writer: str) -> str:
    sentence = _SENTENCES[one.kind].format(path=one.path, detail=one.detail, reader=reader, writer=writer)
    return f"{{errorType:'{one.kind}', description:'{sentence}', additionalInfo:'{one.detail}'}}"

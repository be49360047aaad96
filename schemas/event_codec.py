"""Encodes events to Confluent-framed Avro, and decodes bytes of any published version to the newest class.

`0x00`, the schema id as four bytes big-endian, then the Avro body. The reader goes the same way for every age of event:
the writer's schema by its id → the class of that version → upcasts → the newest class.
"""

import io
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, Protocol
from uuid import UUID

import fastavro
from fastavro.read import LOGICAL_READERS

from schemas import avro_schema
from schemas.avro_records import from_record, to_record
from schemas.event_catalogue import BY_TYPE, history_of
from schemas.event_history import History
from schemas.schema_equality import spelled_out

MAGIC: Final = 0
#: What is in front of every body: `MAGIC` and the id of the schema.
FRAME: Final = struct.Struct(">bI")
#: Half of what the topics take: a larger event is refused where it is made, long before it could stop the log.
LARGEST_EVENT: Final = 4 * 1024 * 1024
#: Shops, products and variants are named again and again, and making an id of its text is a third of reading an order.
_uuid_of: Final = lru_cache(maxsize=1 << 15)(UUID)
LOGICAL_READERS["string-uuid"] = lambda text, *_: _uuid_of(text)


class Undecodable(ValueError):
    """These bytes are no event; the message says what is wrong with them."""


class NewerThanKnown(ValueError):
    """A well-formed record of an event, or a version of one, that this code does not know yet."""


class InvalidEvent(ValueError):
    """An event that does not fit its own schema, or is too large to travel."""


class SchemaIds(Protocol):
    """Where a schema is found by the id in the frame. May wait and raise if its source is away, but never guesses."""

    def text_of(self, schema_id: int) -> str | None:
        """The schema as JSON text; None when no schema has this id."""


@dataclass(frozen=True, slots=True)
class _Writer:
    """All that is the same for every event of a class."""

    event_type: str
    frame: bytes
    schema: Any
    to_record: Callable[[Any], Any]


class Encoder:
    """Events to bytes. `ids` maps (event type, version) to the schema id pinned at deploy time."""

    def __init__(self, ids: Mapping[tuple[str, int], int]) -> None:
        self._ids = ids
        self._writers: dict[type, _Writer] = {}

    def encode(self, event: Any) -> bytes:
        """Framed bytes of an event of a newest version. Raises `InvalidEvent` for a wrong type or too many bytes."""
        writer = self._writers.get(type(event)) or self._writer(event)
        out = io.BytesIO(writer.frame)
        out.seek(FRAME.size)
        try:
            fastavro.schemaless_writer(out, writer.schema, writer.to_record(event), strict=True)
        except (ValueError, TypeError, AttributeError, OverflowError) as wrong:
            raise InvalidEvent(f"{writer.event_type}: {wrong}") from wrong
        if out.tell() > LARGEST_EVENT:
            raise InvalidEvent(f"{writer.event_type}: {out.tell():,} bytes are more than {LARGEST_EVENT:,}")
        return out.getvalue()

    def _writer(self, event: Any) -> _Writer:
        history = history_of(event)
        id_ = self._ids[history.event_type, history.newest_version]
        schema = parsed(history, history.newest_version)
        made = _Writer(history.event_type, FRAME.pack(MAGIC, id_), schema, to_record(history.newest))
        self._writers[type(event)] = made
        return made


@dataclass(frozen=True, slots=True)
class VersionReader:
    """Reads bytes that were written by one schema: asks nobody, so whatever it raises is about the bytes."""

    history: History
    version: int
    schema: Any
    to_class: Callable[[Any], Any]
    is_newest: bool

    def read(self, framed: bytes) -> Any:
        """The event in its newest version. Raises `Undecodable`, and what an upcast makes of what nobody foresaw."""
        return self.newest(self.as_written(framed))

    def as_written(self, framed: bytes) -> Any:
        """The event in the version it was written in. Raises `Undecodable`."""
        body = io.BytesIO(framed)
        body.seek(FRAME.size)
        try:
            event = self.to_class(fastavro.schemaless_reader(body, self.schema, None))
        except (ValueError, TypeError, EOFError, IndexError, KeyError, OverflowError) as wrong:
            raise Undecodable(f"the body is not {self.history.event_type} v{self.version}: {wrong}") from wrong
        if body.tell() != len(framed):
            raise Undecodable(f"{len(framed) - body.tell()} bytes too many after {self.history.event_type}")
        return event

    def newest(self, event: Any) -> Any:
        return event if self.is_newest else self.history.upcast(event, self.version)


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A schema of no class here. `what` is the same whatever its id: dead letters are grouped by it."""

    what: str


class Decoder:
    """Bytes to events of the newest version. Keeps what it learned about an id for ever: an id never changes."""

    def __init__(self, schemas: SchemaIds) -> None:
        self._schemas = schemas
        self._readers: dict[int, VersionReader | _Unknown] = {}

    def decode(self, framed: bytes) -> Any:
        """The event. Raises `Undecodable` or `NewerThanKnown`, and whatever the source of schemas raises."""
        return self.reader_of(framed).read(framed)

    def reader_of(self, framed: bytes) -> VersionReader:
        """What can read these bytes. Raises `Undecodable`, `NewerThanKnown`, and what the source of schemas raises."""
        if len(framed) < FRAME.size:
            raise Undecodable(f"{len(framed)} bytes are too short for a frame")
        magic, schema_id = FRAME.unpack_from(framed)
        if magic != MAGIC:
            raise Undecodable(f"the first byte is {magic:#04x}, not {MAGIC:#04x}")
        if schema_id not in self._readers:
            self._readers[schema_id] = self._reader(schema_id)
        reader = self._readers[schema_id]
        if isinstance(reader, _Unknown):
            raise NewerThanKnown(reader.what)
        return reader

    def forget(self) -> None:
        """Asks again for every schema: what was learned may have come from the wrong registry."""
        self._readers.clear()

    def _reader(self, schema_id: int) -> VersionReader | _Unknown:
        text = self._schemas.text_of(schema_id)
        if text is None:
            raise Undecodable(f"no schema has the id {schema_id}")
        try:
            said = spelled_out(json.loads(text))
        except (TypeError, KeyError, AttributeError, ValueError, RecursionError):
            # Somebody else's, of a shape we never use.
            return _Unknown("the schema is not that of an event")
        name = said.get("name", "") if isinstance(said, dict) else ""
        history = BY_TYPE.get(name)
        if history is None:
            return _Unknown(f"{name} is no event known here" if name else "the schema is not that of an event")
        for version in range(1, history.newest_version + 1):
            if spelled_out(avro_schema.schema(history, version)) == said:
                return reader_of_version(history, version)
        known = "v1" if history.newest_version == 1 else f"v1 to v{history.newest_version}"
        return _Unknown(f"{name} with another schema than those known here: {known}")


def reader_of_version(history: History, version: int) -> VersionReader:
    """What reads bytes of this version (from 1), whatever id is in front of them."""
    to_class = from_record(history.versions[version - 1])
    return VersionReader(history, version, parsed(history, version), to_class, version == history.newest_version)


@cache
def parsed(history: History, version: int) -> Any:
    """The schema of a version as fastavro wants it."""
    return fastavro.parse_schema(avro_schema.schema(history, version))

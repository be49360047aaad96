"""Tells which schema ids the records of our events bear: in the outbox, and in Kafka from the beginning to the end.

Only a record that the code's own schema of its version can read is believed: rubbish has a first byte, too.
"""

from typing import Any, Final

from psycopg import Connection

from api.registry.lost_schemas import VersionName
from ops.clients import whole_topics
from ops.clients.client_credentials import KafkaAccess
from schemas import topics
from schemas.event_catalogue import BY_TYPE
from schemas.event_codec import FRAME, MAGIC, Undecodable, VersionReader, reader_of_version

#: Without one more record for so long Kafka is taken to be away.
DEADLINE_S: Final = 30.0
_HEADERS: Final = ("ce_type", "ce_schemaversion")


class IdsInRecords:
    """What was seen so far. A version has several ids when the registry was lost before and nobody saw it."""

    def __init__(self) -> None:
        self.ids: dict[VersionName, set[int]] = {}
        #: Written by a newer code, or by nobody of ours: their schema is not here.
        self.unknown: dict[VersionName, set[int]] = {}
        self._readers: dict[VersionName, VersionReader | None] = {}

    @property
    def largest(self) -> int:
        """0: none."""
        return max((one for found in (self.ids, self.unknown) for ids in found.values() for one in ids), default=0)

    def see(self, event_type: str, version: str, framed: bytes) -> None:
        if len(framed) < FRAME.size or not version.isascii() or not version.isdecimal():
            return
        magic, schema_id = FRAME.unpack_from(framed)
        name = event_type, int(version)
        if magic != MAGIC or schema_id in self.ids.get(name, ()) or schema_id in self.unknown.get(name, ()):
            return
        reader = self._reader(name)
        if reader is None:
            self.unknown.setdefault(name, set()).add(schema_id)
        elif _can_read(reader, framed):
            self.ids.setdefault(name, set()).add(schema_id)

    def _reader(self, name: VersionName) -> VersionReader | None:
        if name not in self._readers:
            history = BY_TYPE.get(name[0])
            is_known = history is not None and 1 <= name[1] <= history.newest_version
            self._readers[name] = reader_of_version(history, name[1]) if history is not None and is_known else None
        return self._readers[name]


def _can_read(reader: VersionReader, framed: bytes) -> bool:
    try:
        reader.as_written(framed)
    except Undecodable:
        return False
    return True


def see_outbox(seen: IdsInRecords, connection: Connection[Any]) -> None:
    """Of what begins alike, with the id in it, one row of each length: some may be rubbish behind it."""
    rows = connection.execute(
        "SELECT DISTINCT ON (type, schema_version, substring(payload FROM 1 FOR %s), length(payload))"
        " type, schema_version, payload FROM outbox",
        (FRAME.size,),
    )
    for event_type, version, payload in rows:
        seen.see(event_type, version, payload)


def see_kafka(seen: IdsInRecords, brokers: KafkaAccess) -> int:
    """How many records there are. Raises `KafkaException` when Kafka does not give all of every topic of events."""
    count = 0
    names = [topic.name for topic in topics.CAPTURED]
    for message in whole_topics.records(brokers, "rustok-registry-recover", names, DEADLINE_S):
        count += 1
        told = dict(message.headers() or ())
        event_type, version = (_text(told.get(name)) for name in _HEADERS)
        seen.see(event_type, version, message.value() or b"")
    return count


def _text(header: str | bytes | None) -> str:
    return header.decode(errors="replace") if isinstance(header, bytes) else ""

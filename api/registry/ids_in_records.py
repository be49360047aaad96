"""Tells which schema ids the records of our events bear: in the outbox, and in Kafka from the beginning to the end.

Only a record that the code's own schema of its version can read is believed: rubbish has a first byte, too.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message
from psycopg import Connection

from api.registry.lost_schemas import VersionName
from ops.clients import kafka, topic_partitions
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
    config = {
        "group.id": "rustok-registry-recover",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "log_level": 0,
    }
    with closing(kafka.consumer(brokers, config)) as consumer:
        for message in _records(consumer, [topic.name for topic in topics.CAPTURED]):
            count += 1
            told = dict(message.headers() or ())
            event_type, version = (_text(told.get(name)) for name in _HEADERS)
            seen.see(event_type, version, message.value() or b"")
    return count


def _text(header: str | bytes | None) -> str:
    return header.decode(errors="replace") if isinstance(header, bytes) else ""


def _records(consumer: Consumer, names: Iterable[str]) -> Iterator[Message]:
    partitions = [one for name in names for one in topic_partitions.from_the_beginning(consumer, name, DEADLINE_S)]
    consumer.assign(partitions)
    left = {(one.topic, one.partition) for one in partitions}
    deadline = time.monotonic() + DEADLINE_S
    while left:
        for message in consumer.consume(5_000, timeout=1.0):
            error = message.error()
            if error is None:
                deadline = time.monotonic() + DEADLINE_S
                yield message
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # the client's own names begin so
                left.discard((message.topic(), message.partition()))
            else:
                raise KafkaException(error)
        if time.monotonic() > deadline:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "reading the topics of events"))  # noqa: SLF001

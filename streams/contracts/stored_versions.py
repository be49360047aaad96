"""Counts which versions of which events are in the log now, by what the records' own headers say."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers
from schemas import avro_schema
from schemas.topics import CAPTURED, of_aggregate
from sinks.sink import Unavailable
from streams.fallback_reader import ReadRecord, headers_of, record_of
from streams.kafka_record import header

_MANY: Final = 10_000
_ANSWER_S: Final = 10.0
#: Below it the client tells each attempt to connect; that none succeeded is said once, by what is raised.
_CRITICAL: Final = 2
_POLL_S: Final = 0.2
_QUIET_POLLS: Final = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    """`records` is None where nobody counted. `version` 0: the record does not say one."""

    event_type: str
    version: int
    topic: str
    records: int | None


def by_code() -> tuple[StoredVersion, ...]:
    """Every version that code like this may ever have stored."""
    return tuple(
        StoredVersion(
            event_type=history.event_type, version=version, topic=of_aggregate(history.aggregate), records=None
        )
        for history, version in avro_schema.every_version()
    )


def counted(bootstrap: Brokers, report: Callable[[int], None] = lambda read: None) -> tuple[StoredVersion, ...]:
    """In the order of the topics, then by name. `report` is told how many were read. Raises `Unavailable`."""
    topics = [topic.name for topic in CAPTURED]
    found: Counter[tuple[str, str, int]] = Counter()
    for number, record in enumerate(everything(bootstrap, topics), start=1):
        found[record.topic, _text(record, "ce_type"), _number(record, "ce_schemaversion")] += 1
        if number % _MANY == 0:
            report(number)
    ordered = sorted(found.items(), key=lambda item: (topics.index(item[0][0]), *item[0][1:]))
    return tuple(
        StoredVersion(event_type=event_type, version=version, topic=topic, records=records)
        for (topic, event_type, version), records in ordered
        if event_type
    )


def everything(bootstrap: Brokers, topics: Collection[str], answer_s: float = _ANSWER_S) -> Iterator[ReadRecord]:
    """All that is committed in these topics now, from their beginning. Raises `Unavailable`."""
    config = {
        "group.id": "rustok-contracts",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
        "fetch.wait.max.ms": 50,
        "fetch.message.max.bytes": 9_000_000,
        "log_level": _CRITICAL,
    }
    with closing(kafka_clients.consumer(bootstrap, config)) as consumer:
        try:
            there = consumer.list_topics(timeout=answer_s).topics
            left = {(topic, number) for topic in topics if topic in there for number in there[topic].partitions}
            consumer.assign([TopicPartition(topic, number, 0) for topic, number in left])
            yield from _to_the_end(consumer, left)
        except KafkaException as away:
            raise Unavailable(f"Kafka does not answer: {away.args[0].str()}") from away


def _to_the_end(consumer: Consumer, left: set[tuple[str, int]]) -> Iterator[ReadRecord]:
    quiet = 0
    while left:
        messages: list[Any] = consumer.consume(_MANY, _POLL_S)
        quiet = 0 if messages else quiet + 1
        if quiet > _QUIET_POLLS:
            raise Unavailable(f"Kafka does not give {min(left)[0]}")
        for message in messages:
            error = message.error()
            if error is None:
                yield record_of(message, headers_of(message) or ())
            elif error.name() == "_PARTITION_EOF":
                left.discard((message.topic(), message.partition()))
            else:
                raise Unavailable(f"Kafka does not give {message.topic()}: {error.str()}")


def _text(record: ReadRecord, name: str) -> str:
    return (header(record, name) or b"").decode(errors="replace")


def _number(record: ReadRecord, name: str) -> int:
    text = _text(record, name)
    return int(text) if text.isascii() and text.isdigit() else 0

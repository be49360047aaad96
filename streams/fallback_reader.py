"""Reads records that the feed's own client cannot, by another client, a few at a time, from a given offset.

Only the name of a header can be beyond both: the record then comes without its headers, which makes it a dead letter,
with its key and its value as they are.
"""

import operator
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import structlog
from confluent_kafka import OFFSET_BEGINNING, KafkaException, TopicPartition

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers

log = structlog.get_logger(__name__)

MOST: Final = 500
_WAIT_S: Final = 10.0

#: The client gives a broken list back *and* raises. Python notices both at once when C makes the call, not always when
#: our own code does: then the list would be used, and the process would end.
_headers: Final = operator.methodcaller("headers")

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecord:
    """A `streams.kafka_record.KafkaRecord`."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int


def read(bootstrap: Brokers, topic: str, partition: int, start: int | None) -> list[ReadRecord]:
    """What is there from `start` (None: from the beginning), committed, 500 at most; nothing while Kafka is away."""
    config = {
        "group.id": "feed-other-reader",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
        "log_level": 0,
    }
    found: list[ReadRecord] = []
    with closing(kafka_clients.consumer(bootstrap, config)) as consumer:
        try:
            consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING if start is None else start)])
            while len(found) < MOST:
                message: Any = consumer.poll(_WAIT_S)
                if message is None or message.error() is not None:
                    break
                headers = headers_of(message)
                if headers is None:
                    place = {"topic": topic, "partition": partition, "offset": message.offset()}
                    log.warning("headers_not_readable", **place)
                found.append(record_of(message, headers or ()))
        except KafkaException as away:
            log.warning("other_reader_stopped", reason=str(away)[:500])
    return found


def headers_of(message: Any) -> Headers | None:
    """None when the client has no words for one of their names."""
    try:
        return tuple(_headers(message) or ())
    except (SystemError, UnicodeDecodeError):  # the client's own way to say that a name is not UTF-8
        return None


def record_of(message: Any, headers: Headers) -> ReadRecord:
    """As Kafka gave it. The headers are handed in, for the client can be asked for them once only: `headers_of`."""
    return ReadRecord(
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        key=message.key(),
        value=message.value(),
        headers=headers,
        timestamp=message.timestamp()[1],
    )

"""Reads the anchored heads of the audit trail from Kafka: all there are, from the beginning to the end."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException

from ops.clients import kafka, topic_partitions
from ops.clients.client_credentials import KafkaAccess
from schemas import topics
from schemas.event_codec import Decoder, NewerThanKnown, Undecodable
from schemas.events import audit
from schemas.events.audit import Audit, AuditAnchored

TOPIC: Final = topics.topic_of(audit.AGGREGATE)
DEADLINE_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class ReadAnchors:
    """In the order they were written; `foreign` counts records that are nothing of ours."""

    heads: tuple[Audit, ...]
    foreign: int


class _Schemas:
    def __init__(self, text_of: Callable[[int], str | None]) -> None:
        self.text_of = text_of


def read_anchors(brokers: KafkaAccess, text_of: Callable[[int], str | None]) -> ReadAnchors:
    """Raises `KafkaException` when Kafka does not give all of them."""
    decoder = Decoder(_Schemas(text_of))
    heads, foreign = [], 0
    with closing(_consumer(brokers)) as consumer:
        for value in _values(consumer):
            try:
                event = decoder.decode(value)
            except (Undecodable, NewerThanKnown):
                event = None
            if isinstance(event, AuditAnchored):
                heads.append(event.audit)
            else:
                foreign += 1
    return ReadAnchors(tuple(heads), foreign)


def _consumer(brokers: KafkaAccess) -> Consumer:
    return kafka.consumer(
        brokers,
        {
            "group.id": "rustok-audit-verify",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "log_level": 0,
        },
    )


def _values(consumer: Consumer) -> Iterator[bytes]:
    partitions = topic_partitions.from_the_beginning(consumer, TOPIC.name, DEADLINE_S)
    consumer.assign(partitions)
    left = {each.partition for each in partitions}
    deadline = time.monotonic() + DEADLINE_S
    while left:
        for message in consumer.consume(5_000, timeout=1.0):
            error = message.error()
            if error is None:
                deadline = time.monotonic() + DEADLINE_S
                yield message.value() or b""
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # the client's own names begin so
                left.discard(message.partition())
            else:
                raise KafkaException(error)
        if time.monotonic() > deadline:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"reading {TOPIC.name}"))  # noqa: SLF001

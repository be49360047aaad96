"""Reads the newest event of every aggregate, from all topics of events to their ends."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from ops.clients import kafka as kafka_clients
from ops.clients import whole_topics
from ops.clients.client_credentials import Brokers
from schemas import topics
from schemas.aggregates import LAST
from schemas.envelope import Envelope, MalformedHeaders, from_headers
from schemas.topics import Topic
from streams.fallback_reader import headers_of

DEADLINE_S: Final = 60.0
_GROUP: Final = "rustok-after-restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """Where the newest event of an aggregate is, and what its envelope says of it."""

    aggregate: str
    tenant_id: UUID
    id: UUID
    version: int
    epoch: int
    order: int
    is_gone: bool
    partition: int
    offset: int


def newest(bootstrap: Brokers, declared: Sequence[Topic] = topics.AGGREGATES) -> list[Recalled]:
    """Of each key of the topics; what has no envelope of ours is passed over."""
    found: dict[tuple[str, UUID], Recalled] = {}
    for message in whole_topics.records(bootstrap, _GROUP, [topic.name for topic in declared], DEADLINE_S):
        one = _recalled(message)
        held = None if one is None else found.get((one.aggregate, one.id))
        if one is not None and (held is None or held.order <= one.order):
            found[one.aggregate, one.id] = one
    return list(found.values())


def values(bootstrap: Brokers, these: Sequence[Recalled]) -> Iterator[tuple[Recalled, bytes]]:
    """What their records hold."""
    with closing(_consumer(bootstrap)) as consumer:
        for one in these:
            topic = topics.of_aggregate(one.aggregate)
            consumer.assign([TopicPartition(topic, one.partition, one.offset)])
            deadline = time.monotonic() + DEADLINE_S
            while True:
                message = consumer.poll(1.0)
                if message is not None and message.error() is None and message.offset() == one.offset:
                    yield one, message.value() or b""
                    break
                if time.monotonic() > deadline:
                    raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"reading {topic}"))  # noqa: SLF001


def _consumer(bootstrap: Brokers) -> Consumer:
    return kafka_clients.consumer(
        bootstrap,
        {
            "group.id": _GROUP,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        },
    )


def _recalled(message: Message) -> Recalled | None:
    headers: Any = headers_of(message) or []
    try:
        envelope: Envelope = from_headers(headers)
    except MalformedHeaders:
        return None
    if message.value() is None:
        return None
    return Recalled(
        aggregate=(message.topic() or "").removeprefix(topics.PREFIX),
        tenant_id=envelope.tenant_id,
        id=envelope.aggregate_id,
        version=envelope.aggregate_version,
        epoch=envelope.epoch,
        order=envelope.order,
        is_gone=envelope.event_type in LAST,
        partition=message.partition() or 0,
        offset=message.offset() or 0,
    )

"""Which parked records are a feed's own, and still to be tried? Asked at its start: its code may know them by now."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Final
from uuid import UUID

import structlog
from confluent_kafka import Consumer, KafkaException, TopicPartition

from schemas.topics import LETTERS, PARKED, SETTLED, Topic
from sinks.sink import Unavailable
from streams import dead_letters
from streams.feeding import Feeding
from streams.letters.again import Again
from streams.letters.arriving import NotALetter, read

#: Records that are applied at once.
PART: Final = 500
_QUIET_S: Final = 30.0
_DISCARDED: Final = b"letter.discarded"

log = structlog.get_logger(__name__)


def revive(bootstrap: str, feeding: Feeding) -> int:
    """Applies what the feed knows by now of what it parked, and returns how much. Doing it again changes nothing.

    Raises `Unavailable` when Kafka or the store is.
    """
    topics = {topic.name for topic in feeding.model.topics}
    waiting = [record for record in own(bootstrap, feeding.model.name) if record.topic in topics]
    applied = sum(feeding.revive(waiting[start : start + PART]) for start in range(0, len(waiting), PART))
    if waiting:
        log.info("parked_revived", feed=feeding.model.name, parked=len(waiting), applied=applied)
    return applied


def own(bootstrap: str, feed: str) -> list[Again]:
    """What `feed` parked, without what is applied since then or what somebody gave up."""
    try:
        parked = {arrived.id: arrived.record for arrived in _told(bootstrap, PARKED, feed)}
        if not parked:
            return []
        done = {arrived.id for arrived in _told(bootstrap, SETTLED, feed)} | set(_discarded(bootstrap))
    except KafkaException as away:
        raise Unavailable(f"Kafka does not answer: {away}") from away
    return [record for id_, record in parked.items() if id_ not in done]


def _told(bootstrap: str, topic: Topic, feed: str) -> Iterator[Any]:
    for key, value, headers, timestamp in _records(bootstrap, topic):
        if (dead_letters.FEED, feed.encode()) in headers:
            try:
                yield read(topic.name, key, value, headers, timestamp)
            except NotALetter:
                continue  # the collector says so


def _discarded(bootstrap: str) -> Iterator[UUID]:
    decided = {key: dict(headers).get("ce_type") for key, _, headers, _ in _records(bootstrap, LETTERS)}
    return (UUID(key.decode()) for key, what in decided.items() if what == _DISCARDED)


def _records(bootstrap: str, topic: Topic) -> Iterator[tuple[Any, Any, Sequence[Any], int]]:
    """All there is in a topic now, from its beginning."""
    config = {
        "bootstrap.servers": bootstrap,
        "group.id": "parked",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 50,
        "fetch.message.max.bytes": 9_000_000,
    }
    with closing(Consumer(config)) as consumer:
        consumer.assign([TopicPartition(topic.name, number, 0) for number in range(topic.partitions)])
        left, heard_at = topic.partitions, time.monotonic()
        while left:
            messages: list[Any] = consumer.consume(500, 0.2)
            if messages:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > _QUIET_S:
                raise Unavailable(f"Kafka does not give {topic.name}")
            for message in messages:
                if message.error() is None:
                    yield message.key(), message.value(), message.headers() or (), message.timestamp()[1]
                elif message.error().name() == "_PARTITION_EOF":
                    left -= 1
                else:
                    raise Unavailable(f"Kafka does not give {topic.name}: {message.error().str()}")

"""What people decided about dead letters, put into Kafka as capture does, and what feeds said about it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID

from confluent_kafka import Consumer, Producer, TopicPartition

from schemas.events.dead_letter import (
    DeadLetter,
    DeadLetterDiscarded,
    DeadLetterEvent,
    DeadLetterReplayed,
    RecordHeader,
    dead_letter_id,
)
from schemas.topics import DEAD_LETTER_DECISIONS, Topic
from streams.dead_letters.read_dead_letter import CollectedRecord, read
from streams.fallback_reader import headers_of
from streams.kafka_record import KafkaRecord
from tests.support.examples import MOMENT, envelope
from tests.support.records import record


def id_of(feed: str, of: KafkaRecord) -> UUID:
    return dead_letter_id(feed, of.topic, of.partition, of.offset, of.timestamp)


def discard(bootstrap: str, feed: str, of: KafkaRecord) -> None:
    id_ = id_of(feed, of)
    _decide(bootstrap, [(id_, 1, DeadLetterDiscarded(dead_letter_id=id_, feed=feed, reason="made by a test"))])


def replay(bootstrap: str, feed: str, records: Sequence[KafkaRecord], version: int = 1) -> None:
    """Each has been tried `version` times."""
    dead_letters = [
        DeadLetter(
            id=id_of(feed, of),
            feed=feed,
            topic=of.topic,
            partition=of.partition,
            offset=of.offset,
            key=of.key,
            value=of.value,
            headers=tuple(RecordHeader(name=name, value=value) for name, value in of.headers),
            committed_ms=of.timestamp,
            attempts=version,
            first_failed_ms=int(MOMENT.timestamp() * 1000),
        )
        for of in records
    ]
    _decide(
        bootstrap,
        [(dead_letter.id, version, DeadLetterReplayed(dead_letter=dead_letter)) for dead_letter in dead_letters],
    )


def _decide(bootstrap: str, decided: Iterable[tuple[UUID, int, DeadLetterEvent]]) -> None:
    producer = Producer({"bootstrap.servers": bootstrap})
    for id_, version, event in decided:
        what = "dead_letter.replayed" if isinstance(event, DeadLetterReplayed) else "dead_letter.discarded"
        told = record(envelope(what, aggregate_id=id_, aggregate_version=version), event)
        producer.produce(DEAD_LETTER_DECISIONS.name, told.value, told.key, headers=list(told.headers))
    assert producer.flush(10) == 0


class Hearing:
    """What is said about the dead letters of one topic from now on."""

    def __init__(self, consumer: Consumer, about: str) -> None:
        self._consumer = consumer
        self._about = about
        self.heard: list[CollectedRecord] = []

    def listen(self) -> list[CollectedRecord]:
        """All that was heard so far; waits a moment for more."""
        for message in self._consumer.consume(1000, 0.05):
            told: Any = message
            if told.error() is None:
                arrived = read(told.topic(), told.key(), told.value(), headers_of(told) or (), told.timestamp()[1])
                self.heard += [arrived] if arrived.record.topic == self._about else []
        return self.heard


@contextmanager
def hearing(bootstrap: str, topics: Sequence[Topic], about: str) -> Iterator[Hearing]:
    config = {"bootstrap.servers": bootstrap, "group.id": about, "fetch.wait.max.ms": 10}
    with closing(Consumer(config)) as consumer:
        consumer.list_topics(timeout=10)
        places = [TopicPartition(topic.name, 0) for topic in topics]
        for place in places:
            bounds: Any = consumer.get_watermark_offsets(place, 10)
            place.offset = bounds[1]
        consumer.assign(places)
        yield Hearing(consumer, about)

"""Reading what is in a topic, from its beginning."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from streams.bench.scratch_world import Scratch

POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Read:
    """A record, and where it was."""

    partition: int
    key: bytes
    value: bytes
    timestamp_ms: int
    headers: list[tuple[str, bytes | None]]

    @classmethod
    def of(cls, message: Message) -> "Read":
        headers: Any = message.headers() or []
        partition, key, value, (_, timestamp_ms) = _body(message)
        return cls(partition, key, value, timestamp_ms, headers)


def _body(message: Message) -> tuple[int, bytes, bytes, tuple[int, int]]:
    body: Any = (message.partition(), message.key(), message.value(), message.timestamp())
    return body  # type: ignore[no-any-return]  # nothing of it is missing in a record that was read


class Reader:
    """Reads on where it stopped."""

    def __init__(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._consumer = consumer
        self._partitions = partitions
        self.records: list[Read] = []

    def read_until(self, enough: Callable[[list[Read]], bool], deadline_s: float, what: str) -> list[Read]:
        deadline = time.monotonic() + deadline_s
        while not enough(self.records):
            if time.monotonic() > deadline:
                raise AssertionError(f"after {deadline_s:g} s still not so: {what} ({len(self.records)} records)")
            self.records += [
                Read.of(message) for message in self._consumer.consume(1000, POLL_S) if not message.error()
            ]
        return self.records

    def count_in_kafka(self) -> int:
        """How many records Kafka has now, read or not."""
        return sum(self._end(partition) for partition in self._partitions)

    def _end(self, partition: TopicPartition, deadline_s: float = 30) -> int:
        """A topic that has just been made may still be without a leader for a moment."""
        deadline = time.monotonic() + deadline_s
        while True:
            try:
                _, end = self._consumer.get_watermark_offsets(partition, timeout=POLL_S * 50)
            except KafkaException:
                if time.monotonic() > deadline:
                    raise
                self._consumer.list_topics(timeout=POLL_S * 50)
            else:
                return end

    def read_count(self, count: int, deadline_s: float = 30) -> list[Read]:
        return self.read_until(lambda records: len(records) >= count, deadline_s, f"{count} records")


@contextmanager
def reading(world: Scratch, topic: str, partitions: int) -> Iterator[Reader]:
    config = {
        "bootstrap.servers": world.bootstrap,
        "group.id": world.name,
        "enable.auto.commit": False,
        "fetch.wait.max.ms": 50,
    }
    with closing(Consumer(config)) as consumer:
        assigned = [TopicPartition(topic, number, 0) for number in range(partitions)]
        consumer.assign(assigned)
        yield Reader(consumer, assigned)


@contextmanager
def reading_events(world: Scratch) -> Iterator[Reader]:
    with reading(world, world.topic, world.partitions) as reader:
        yield reader


@contextmanager
def reading_watermarks(world: Scratch) -> Iterator[Reader]:
    with reading(world, world.watermark_topic, 1) as reader:
        yield reader

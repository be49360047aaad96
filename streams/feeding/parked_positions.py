"""Keeps in Kafka, as the places of a consumer group, how far a read model has come in what is parked and in what was
said about it: a start reads only what came since, and what still waits.

A place that is lost or not there any more is the beginning: what is read twice is only slower.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers
from schemas.topics import Topic
from sinks.read_model import ReadModel
from sinks.sink import Unavailable
from streams.fallback_reader import headers_of

Place = tuple[str, int]
QUIET_S: Final = 30.0
#: So long the client waits for 500 records, and takes what there is then.
POLL_S: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A record of Kafka's own, at `place`: topic and partition."""

    place: Place
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp: int


class Places:
    """`ends` are the places behind what was read; nothing is kept before `keep`."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self.ends: dict[Place, int] = {}
        self.read = 0

    def rest(self, topic: Topic) -> Iterator[Message]:
        """From its place to what is there now. Raises `Unavailable` when that cannot be had."""
        wanted = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        for partition in (kept := self._consumer.committed(wanted, QUIET_S)):
            if partition.offset < 0:
                partition.offset = OFFSET_BEGINNING
        self._consumer.assign(kept)
        left, heard_at = topic.partitions, monotonic()
        while left:
            messages: list[Any] = self._consumer.consume(500, POLL_S)
            if messages:
                heard_at = monotonic()
            elif monotonic() - heard_at > QUIET_S:
                raise Unavailable(f"Kafka does not give {topic.name}")
            for message in messages:
                place = (message.topic(), message.partition())
                if message.error() is None:
                    self.read += 1
                    yield _message(place, message)
                elif message.error().name() == "_PARTITION_EOF":
                    self.ends[place] = message.offset()
                    left -= 1
                else:
                    raise Unavailable(f"Kafka does not give {topic.name}: {message.error().str()}")

    def keep(self, places: Mapping[Place, int]) -> None:
        """From here the next start reads."""
        offsets = [TopicPartition(topic, number, offset) for (topic, number), offset in places.items()]
        self._consumer.commit(offsets=offsets, asynchronous=False)


@contextmanager
def places(bootstrap: Brokers, model: ReadModel) -> Iterator[Places]:
    """Those of this version of the model: another one begins at the beginning. Raises `Unavailable` when Kafka is."""
    config = {
        "group.id": f"parked-{model.id}",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
        "fetch.wait.max.ms": 50,
        "fetch.message.max.bytes": 9_000_000,
    }
    with closing(kafka_clients.consumer(bootstrap, config)) as consumer:
        try:
            # Asked for topic by topic, the client waits a second for each.
            consumer.list_topics(timeout=QUIET_S)
            yield Places(consumer)
        except KafkaException as away:
            raise Unavailable(f"Kafka does not answer: {away}") from away


def _message(place: Place, message: Any) -> Message:
    return Message(
        place=place,
        offset=message.offset(),
        key=message.key(),
        value=message.value(),
        headers=tuple(headers_of(message) or ()),
        timestamp=message.timestamp()[1],
    )

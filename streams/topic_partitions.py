"""Lists the partitions that topics have in Kafka: more than are declared, where somebody has made more."""

from collections.abc import Iterable
from typing import Final, Protocol

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import ClusterMetadata  # type: ignore[attr-defined]  # public all the same

from streams.kafka_unavailable import KafkaUnavailable

_ANSWER_S: Final = 10.0


class Client(Protocol):
    """A consumer, a producer or an admin."""

    def list_topics(self, *, timeout: float) -> ClusterMetadata: ...


def listed(client: Client, topics: Iterable[str], offset: int = 0) -> list[TopicPartition]:
    """Of those that are there. Raises `KafkaUnavailable`."""
    there = counted(client)
    return [TopicPartition(name, number, offset) for name in topics for number in range(there.get(name, 0))]


def counted(client: Client) -> dict[str, int]:
    """How many each topic has that is there. Raises `KafkaUnavailable`."""
    try:
        found = client.list_topics(timeout=_ANSWER_S).topics
    except KafkaException as away:
        raise KafkaUnavailable(f"Kafka does not answer: {away.args[0].str()}") from away
    return {name: len(topic.partitions) for name, topic in found.items()}

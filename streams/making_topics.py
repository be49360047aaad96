"""Are the topics there, as they were declared? What is missing is made; what differs is said, never changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from schemas.topics import Topic

MAX_MESSAGE_BYTES: Final = 8 * 1024 * 1024
CLUSTER_DEFAULT: Final = -1
TIMEOUT_S: Final = 20.0


class KafkaUnavailable(Exception):
    """No broker answers."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`found`: how many partitions it has. A number other than the declared one cannot be put right in place:
    keys would go to other partitions and lose their order."""

    topic: Topic
    found: int
    action: Literal["created", "kept", "differs"]


def make(bootstrap: str, declared: Iterable[Topic], *, replication_factor: int = CLUSTER_DEFAULT) -> list[Outcome]:
    """Creates what is missing, and says for each topic what was done. Running it twice is running it once."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    wanted = list(declared)
    partitions = _partitions(admin)
    missing = [topic for topic in wanted if topic.name not in partitions]
    created = _create(admin, missing, replication_factor)
    if len(created) < len(missing):  # somebody else made the others meanwhile
        partitions = _partitions(admin)
    return [
        Outcome(topic, topic.partitions, "created")
        if topic.name in created
        else Outcome(topic, partitions[topic.name], "kept" if partitions[topic.name] == topic.partitions else "differs")
        for topic in wanted
    ]


def config(topic: Topic) -> dict[str, str]:
    """The topic's settings, as Kafka names them."""
    settings = {
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "max.message.bytes": str(MAX_MESSAGE_BYTES),
    }
    if topic.retention_ms is not None:
        settings["retention.ms"] = str(topic.retention_ms)
    elif not topic.compacted:
        settings["retention.ms"] = "-1"
    if topic.segment_bytes is not None:
        settings["segment.bytes"] = str(topic.segment_bytes)
    return settings


def _partitions(admin: AdminClient) -> dict[str, int]:
    try:
        found = admin.list_topics(timeout=TIMEOUT_S).topics
    except KafkaException as unavailable:
        raise KafkaUnavailable(f"Kafka does not answer: {unavailable.args[0].str()}") from unavailable
    return {name: len(topic.partitions) for name, topic in found.items()}


def _create(admin: AdminClient, missing: Sequence[Topic], replication_factor: int) -> set[str]:
    if not missing:
        return set()
    new = [
        NewTopic(
            topic.name,
            num_partitions=topic.partitions,
            replication_factor=replication_factor,
            config=config(topic),
        )
        for topic in missing
    ]
    created = set()
    for name, future in admin.create_topics(new, operation_timeout=TIMEOUT_S).items():
        try:
            future.result(timeout=TIMEOUT_S)
        except KafkaException as refused:
            if refused.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
        else:
            created.add(name)
    return created

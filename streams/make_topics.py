"""Makes the topics that are missing as they were declared; says what differs, and puts it right when asked.

Settings can be put right while everything goes on. The number of partitions cannot: keys would go to other ones. That
takes `streams.repartition`.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public all the same
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)
from confluent_kafka.cimpl import NewTopic

from ops.clients.client_credentials import Brokers
from schemas.topics import Topic
from streams import topic_descriptions, topic_settings
from streams.kafka_unavailable import KafkaUnavailable
from streams.topic_settings import SettingDifference

CLUSTER_DEFAULT: Final = -1
TIMEOUT_S: Final = 20.0
HEARD_S: Final = 10.0
LOOK_AGAIN_S: Final = 0.2


class TopicRefused(Exception):
    """Kafka does not make a topic as it is declared, for instance because it has fewer brokers than there are to be
    copies."""

    def __init__(self, topic: str, why: str) -> None:
        super().__init__(f"Kafka does not make {topic}: {why}")


@dataclass(frozen=True, slots=True)
class TopicOutcome:
    """`found`: how many partitions it has. `differences` are those of settings that are left."""

    topic: Topic
    found: int
    action: Literal["created", "kept", "fixed", "differs"]
    differences: tuple[SettingDifference, ...] = ()


def make(bootstrap: Brokers, declared: Iterable[Topic], *, fix: bool = False) -> list[TopicOutcome]:
    """Creates what is missing, and says for each topic what was done. Running it twice is running it once.

    With `fix` settings that differ are set as declared. Raises `KafkaUnavailable`, and `TopicRefused`.
    """
    admin = topic_descriptions.connect(bootstrap)
    wanted = list(declared)
    partitions = _partitions(admin)
    missing = [topic for topic in wanted if topic.name not in partitions]
    created = _create(admin, missing)
    if len(created) < len(missing):  # somebody else made the others meanwhile
        partitions = _partitions(admin)
    different = _differences(admin, wanted)
    # How many copies a new topic has is known only now, and with them how many must be in step.
    to_set = [one for one in different if fix or one.topic in created]
    _set(admin, to_set)
    left = _left(admin, wanted, to_set) if different else []
    return [_outcome(topic, partitions.get(topic.name, topic.partitions), created, different, left) for topic in wanted]


def _outcome(
    topic: Topic, found: int, created: set[str], before: Sequence[SettingDifference], left: Sequence[SettingDifference]
) -> TopicOutcome:
    mine = tuple(one for one in left if one.topic == topic.name)
    if topic.name in created:
        return TopicOutcome(topic, topic.partitions, "created", mine)
    if found != topic.partitions or mine:
        return TopicOutcome(topic, found, "differs", mine)
    return TopicOutcome(topic, found, "fixed" if any(one.topic == topic.name for one in before) else "kept")


def config(topic: Topic) -> dict[str, str]:
    """The topic's settings, as Kafka names them."""
    settings = {
        "cleanup.policy": topic_settings.policy(topic),
        "max.message.bytes": str(topic.largest_bytes),
        "unclean.leader.election.enable": "false",
    }
    if topic.retention_ms is not None:
        settings["retention.ms"] = str(topic.retention_ms)
    elif not topic.compacted:
        settings |= {"retention.ms": "-1", "retention.bytes": "-1"}
    if topic.uncompacted_ms:
        settings["min.compaction.lag.ms"] = str(topic.uncompacted_ms)
    if topic.segment_bytes is not None:
        settings["segment.bytes"] = str(topic.segment_bytes)
    return settings


def in_step(topic: Topic) -> dict[str, str]:
    """Known before it is made when it is said how many copies there are to be."""
    if not topic.copies:
        return {}
    return {"min.insync.replicas": topic_settings.in_step(topic, topic.copies)}


def differences(admin: AdminClient, declared: Iterable[Topic]) -> list[SettingDifference]:
    """What is set otherwise than declared, of the topics that are there. Raises `KafkaUnavailable`."""
    return _differences(admin, list(declared))


def _differences(admin: AdminClient, wanted: Sequence[Topic]) -> list[SettingDifference]:
    try:
        described = topic_descriptions.describe(admin, [topic.name for topic in wanted])
    except KafkaException as unavailable:
        raise KafkaUnavailable(f"Kafka does not answer: {unavailable.args[0].str()}") from unavailable
    return [
        one
        for topic in wanted
        if topic.name in described
        for one in topic_settings.differences(topic, described[topic.name].found)
    ]


def _left(admin: AdminClient, wanted: Sequence[Topic], was_set: Sequence[SettingDifference]) -> list[SettingDifference]:
    """What differs when everybody has heard what was set: another broker may hear it a moment later."""
    deadline = time.monotonic() + HEARD_S
    while True:
        left = _differences(admin, wanted)
        settled = {(one.topic, one.setting) for one in was_set if one.setting != topic_settings.COPIES}
        if settled.isdisjoint((one.topic, one.setting) for one in left) or time.monotonic() > deadline:
            return left
        time.sleep(LOOK_AGAIN_S)


def _set(admin: AdminClient, wrong: Sequence[SettingDifference]) -> None:
    entries: dict[str, list[ConfigEntry]] = {}
    for one in wrong:
        if one.setting == topic_settings.COPIES:
            continue
        entry = ConfigEntry(one.setting, one.declared, incremental_operation=AlterConfigOpType.SET)
        entries.setdefault(one.topic, []).append(entry)
    if entries:
        resources = [ConfigResource("topic", topic, incremental_configs=each) for topic, each in entries.items()]
        for future in admin.incremental_alter_configs(resources).values():
            future.result(timeout=TIMEOUT_S)


def _partitions(admin: AdminClient) -> dict[str, int]:
    try:
        found = admin.list_topics(timeout=TIMEOUT_S).topics
    except KafkaException as unavailable:
        raise KafkaUnavailable(f"Kafka does not answer: {unavailable.args[0].str()}") from unavailable
    return {name: len(topic.partitions) for name, topic in found.items()}


def _create(admin: AdminClient, missing: Sequence[Topic]) -> set[str]:
    if not missing:
        return set()
    new = [
        NewTopic(
            topic.name,
            num_partitions=topic.partitions,
            replication_factor=topic.copies or CLUSTER_DEFAULT,
            config=config(topic) | in_step(topic),
        )
        for topic in missing
    ]
    created = set()
    for name, future in admin.create_topics(new, operation_timeout=TIMEOUT_S).items():
        try:
            future.result(timeout=TIMEOUT_S)
        except KafkaException as refused:
            if refused.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise TopicRefused(name, refused.args[0].str()) from refused
        else:
            created.add(name)
    return created

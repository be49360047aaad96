"""Tells which groups of consumers have not read topics to their end, while nothing is written to them.

A group's committed offsets are never ahead of what its members have kept. Behind the last record there may be signs of
Kafka's own (the end of a transaction): what counts is whether there is a record to be read yet.
"""

import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import ConsumerGroupState, ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers
from sinks.read_models import READ_MODELS
from streams import topic_descriptions, topic_partitions
from streams.webhooks import take_in_events
from streams.webhooks.webhooks_process import GROUP as WEBHOOKS

TIMEOUT_S: Final = 20.0
_NO_OFFSET: Final = 0


@dataclass(frozen=True, slots=True)
class Behind:
    """`partitions`: of so many a group has records to read."""

    group: str
    partitions: int


def declared_readers() -> dict[str, frozenset[str]]:
    """The groups that are ours, with what each reads; they are waited for also when they do not run just now."""
    feeds = {model.group: frozenset(topic.name for topic in model.topics) for model in READ_MODELS}
    return {**feeds, WEBHOOKS: frozenset(take_in_events.TOPICS)}


def behind(brokers: Brokers, admin: AdminClient, topics: Collection[str]) -> list[Behind]:
    """Of ours and of everybody else who reads these topics just now. Raises `KafkaUnavailable`, `KafkaException`."""
    readers = declared_readers()
    ends = _ends(admin, topic_partitions.listed(admin, topics))
    found, active = [], _active(admin)
    for group in sorted({*active, *readers}):
        offsets = _committed(admin, group)
        if not offsets and (group not in readers or group not in active):  # it has never read anything
            continue
        read = readers.get(group, frozenset(topic for topic, _ in offsets))
        left = [
            TopicPartition(topic, number, max(begin, offsets.get((topic, number), begin)))
            for (topic, number), (begin, end) in ends.items()
            if topic in read and max(begin, offsets.get((topic, number), begin)) < end
        ]
        if left and (unread := _with_records(brokers, left)):
            found.append(Behind(group, unread))
    return found


def members_lack(admin: AdminClient, topics: Mapping[str, int]) -> list[str]:
    """The groups that read one of these topics just now, and have not given their members so many partitions yet."""
    lacking = []
    for group in _active(admin):
        (described,) = admin.describe_consumer_groups([group], request_timeout=TIMEOUT_S).values()
        told = described.result(timeout=TIMEOUT_S)
        given = {(p.topic, p.partition) for member in told.members for p in member.assignment.topic_partitions}
        read = {topic for topic, _ in given}
        wanted = {(topic, n) for topic, count in topics.items() if topic in read for n in range(count)}
        if told.state != ConsumerGroupState.STABLE or not wanted <= given:
            lacking.append(group)
    return lacking


def _active(admin: AdminClient) -> list[str]:
    """Groups with members."""
    listed = admin.list_consumer_groups(request_timeout=TIMEOUT_S).result(timeout=TIMEOUT_S)
    idle = (ConsumerGroupState.EMPTY, ConsumerGroupState.DEAD)
    return sorted(one.group_id for one in listed.valid if one.state not in idle)


def _committed(admin: AdminClient, group: str) -> dict[tuple[str, int], int]:
    (asked,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    told = asked.result(timeout=TIMEOUT_S).topic_partitions or []
    return {(one.topic, one.partition): one.offset for one in told if one.offset >= _NO_OFFSET}


def _ends(admin: AdminClient, partitions: Iterable[TopicPartition]) -> dict[tuple[str, int], tuple[int, int]]:
    counts: dict[str, int] = {}
    for each in partitions:
        counts[each.topic] = counts.get(each.topic, 0) + 1
    return {
        (name, number): (one.starts[number], one.ends[number])
        for name, one in topic_descriptions.describe(admin, counts).items()
        for number in range(len(one.ends))
    }


def _with_records(brokers: Brokers, left: list[TopicPartition]) -> int:
    """In how many of these there is a record at or behind the offset."""
    config: dict[str, Any] = {
        "group.id": "rustok-repartition",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
    }
    told: dict[tuple[str, int], bool] = {}
    deadline = time.monotonic() + TIMEOUT_S
    with closing(kafka_clients.consumer(brokers, config)) as consumer:
        consumer.assign(left)
        while len(told) < len(left):
            for message in consumer.consume(500, timeout=0.1):
                where = (message.topic() or "", message.partition() or 0)
                error = message.error()
                if error is None:
                    told[where] = True
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # the client's own names begin so
                    told.setdefault(where, False)
            if time.monotonic() > deadline:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "reading what is left"))  # noqa: SLF001
    return sum(told.values())

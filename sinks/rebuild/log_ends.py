"""Asks Kafka where topics end now, and which they are: what a store has to hold to be read on from there."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from typing import Any, Final, cast

from confluent_kafka import IsolationLevel, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # public all the same

from ops.clients import kafka
from ops.settings import Settings
from sinks.sink import HeldOffset, Partition, Unavailable

_ANSWER_S: Final = 10.0
_latest: Final = cast("Callable[[], OffsetSpec]", OffsetSpec.latest)  # it has no types


def held_to_the_end(settings: Settings, topics: Iterable[str]) -> dict[Partition, HeldOffset]:
    """Of every partition, as of a store that has all before its end. Raises `Unavailable`.

    The ids are asked for first and last: offsets of a topic that is made anew meanwhile are nobody's.
    """
    admin, names = kafka.admin(settings.kafka, {"log_level": 0}), sorted(set(topics))
    try:
        before = _ids(admin, names)
        asked = [TopicPartition(name, number) for name, (_, count) in before.items() for number in range(count)]
        found = admin.list_offsets(
            {each: _latest() for each in asked},
            isolation_level=IsolationLevel.READ_COMMITTED,
            request_timeout=_ANSWER_S,
        )
        ends = {(each.topic, each.partition): offset.offset for each, offset in _answers(found)}
        after = _ids(admin, names)
    except (KafkaException, TimeoutError) as away:
        raise Unavailable(f"Kafka does not say where its topics end: {away!r}") from away
    if before != after:
        raise Unavailable("topics are made anew just now")
    return {
        (topic, number): HeldOffset(topic_id=before[topic][0], next=end, until=end)
        for (topic, number), end in ends.items()
    }


def _ids(admin: AdminClient, names: list[str]) -> dict[str, tuple[str, int]]:
    """With how many partitions each has."""
    found = admin.describe_topics(TopicCollection(names), request_timeout=_ANSWER_S)
    return {name: (str(topic.topic_id), len(topic.partitions)) for name, topic in _answers(found)}


def _answers(asked: "dict[Any, Future[Any]]") -> list[tuple[Any, Any]]:
    """All are waited for, also when one is a refusal: a client with answers on their way must not be let go of."""
    wait(asked.values(), timeout=_ANSWER_S + 1)
    return [(key, future.result(timeout=0)) for key, future in asked.items()]

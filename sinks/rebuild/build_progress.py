"""Measures how far the group that makes a build has come in the log, partition by partition."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, KafkaException, TopicPartition

from ops.clients import kafka
from ops.settings import Settings
from sinks.read_model import ReadModel
from sinks.rebuild.progress import PartitionProgress, Progress
from sinks.sink import Unavailable

_ANSWER_S = 5.0


class Watch:
    """Made by `watching`; its clock starts with the first look."""

    def __init__(self, consumer: Consumer, model: ReadModel) -> None:
        self._consumer = consumer
        self._model = model
        self._first: tuple[float, int] | None = None

    def look(self) -> Progress:
        """Raises `Unavailable` when Kafka does not answer."""
        try:
            there = self._consumer.list_topics(timeout=_ANSWER_S).topics
            names = [topic.name for topic in self._model.topics if topic.name in there]
            asked = [TopicPartition(name, number) for name in names for number in sorted(there[name].partitions)]
            committed = self._consumer.committed(asked, timeout=_ANSWER_S)
            found = tuple(map(self._progress, committed))
        except KafkaException as away:
            raise Unavailable(f"Kafka does not say how far it is: {away}") from away
        return Progress(found, self._left_s(found))

    def _progress(self, committed: TopicPartition) -> PartitionProgress:
        low, high = self._consumer.get_watermark_offsets(committed, timeout=_ANSWER_S)
        done = max(0, min(committed.offset, high) - low)
        return PartitionProgress(f"{committed.topic}/{committed.partition}", done, high - low)

    def _left_s(self, found: tuple[PartitionProgress, ...]) -> float | None:
        now, done = time.monotonic(), sum(one.done for one in found)
        if self._first is None:
            self._first = now, done
        began, had = self._first
        left = sum(one.records for one in found) - done
        if left == 0:
            return 0.0
        return None if done == had else left * (now - began) / (done - had)


@contextmanager
def watching(settings: Settings, model: ReadModel) -> Iterator[Watch]:
    consumer = kafka.consumer(settings.kafka, {"group.id": model.group, "log_level": 0})
    try:
        yield Watch(consumer, model)
    finally:
        consumer.close()


def forget(settings: Settings, model: ReadModel) -> None:
    """What Kafka knows of the group, of a build that is gone; whatever it has read is in the store."""
    admin = kafka.admin(settings.kafka, {"log_level": 0})  # what it was asked is answered only while it is there
    for asked in admin.delete_consumer_groups([model.group], request_timeout=_ANSWER_S).values():
        try:
            asked.result()
        except KafkaException as refused:
            if not refused.args[0].name().startswith(("GROUP_ID_NOT_FOUND", "NON_EMPTY_GROUP", "COORDINATOR")):
                raise Unavailable(f"Kafka does not forget {model.group}: {refused}") from refused

"""Reads topics from their beginning to their end, once, in no group's name."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message

from ops.clients import kafka, topic_partitions
from ops.clients.client_credentials import Brokers

#: A batch that does not become full is waited for so long: at the end of the topics for nothing.
_BATCH_S: Final = 0.1


def records(brokers: Brokers, group: str, topics: Sequence[str], timeout_s: float) -> Iterator[Message]:
    """Every record that readers may see, each partition in order. `group` is what the broker's log calls it.

    Raises `KafkaException` for a topic that is not there, for whatever Kafka refuses, and when for `timeout_s` no
    record came though there are more.
    """
    config = {
        "group.id": group,
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "log_level": 0,
    }
    with closing(kafka.consumer(brokers, config)) as consumer:
        partitions = [one for name in topics for one in topic_partitions.from_the_beginning(consumer, name, timeout_s)]
        consumer.assign(partitions)
        left = {(one.topic, one.partition) for one in partitions}
        deadline = time.monotonic() + timeout_s
        while left:
            for message in consumer.consume(5_000, timeout=_BATCH_S):
                error = message.error()
                if error is None:
                    deadline = time.monotonic() + timeout_s
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # the client's own names begin so
                    left.discard((message.topic(), message.partition()))
                else:
                    raise KafkaException(error)
            if time.monotonic() > deadline:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"reading {', '.join(topics)}"))  # noqa: SLF001

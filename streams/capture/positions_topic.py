"""Reads the topic of positions to its end, and asks again while Kafka has trouble that passes.

A broker that was away for a moment answers for a while with errors of its own, such as that the leader is another by
now. Asking again is the answer to all of them; what is still so after `START_S` is raised as it is.
"""

import time
from collections.abc import Iterator
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers

START_S: Final = 20.0
ANSWER_S: Final = 5.0
POLL_S: Final = 0.2
_EOF: Final = KafkaError._PARTITION_EOF  # noqa: SLF001  # the client's own names begin so


class PositionsTopic:
    """One reading of it, of what is committed only; to be closed. Raises `KafkaException` after `START_S`."""

    def __init__(self, bootstrap: Brokers, topic: str) -> None:
        config = {
            "group.id": "rustok-capture",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 50,
        }
        self._consumer = kafka_clients.consumer(bootstrap, config)
        self._topic = topic
        self._deadline = time.monotonic() + START_S

    def close(self) -> None:
        self._consumer.close()

    def bounds(self) -> tuple[int, int]:
        """The first offset there is, and the one behind the last."""
        while True:
            try:
                return self._consumer.get_watermark_offsets(TopicPartition(self._topic, 0), timeout=ANSWER_S)
            except KafkaException as failed:
                self._again_or_raise(failed.args[0])

    def read(self, start: int, end: int = 0) -> Iterator[Message]:
        """From `start` to what is committed, and not less than to `end`: somebody's open transaction is waited for."""
        self._consumer.assign([TopicPartition(self._topic, 0, start)])
        while True:
            message = self._consumer.poll(POLL_S)
            if message is None:
                self._again_or_raise(KafkaError(KafkaError._TIMED_OUT, f"reading {self._topic} to its end"))  # noqa: SLF001
            elif (error := message.error()) is None:
                yield message
            elif error.code() != _EOF:
                self._again_or_raise(error)
            elif (message.offset() or 0) >= end:
                return

    def _again_or_raise(self, error: KafkaError) -> None:
        if error.fatal() or time.monotonic() > self._deadline:
            raise KafkaException(error)
        time.sleep(POLL_S / 4)

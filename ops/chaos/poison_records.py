"""Puts records into a topic that are no events, marked so that their dead letters are found again."""

from typing import Final

from confluent_kafka import KafkaException, TopicPartition

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers

MARK: Final = "rustok_chaos"
TOPICS: Final = ("rustok.product", "rustok.order")
_DEAD_LETTERS: Final = TopicPartition("rustok.dead-letters", 0, 0)
_KINDS: Final = (b"", b"not an event", b"\x00\x7f\xff\xff\xff\x01\x02\x03", b"\x00\x00")


class Poisoner:
    """`run` tells this run's poison from that of others."""

    def __init__(self, bootstrap: Brokers, run: str) -> None:
        self._bootstrap = bootstrap
        self._run = run.encode()
        self._producer = kafka_clients.producer(
            bootstrap,
            {
                "acks": "all",
                "enable.idempotence": True,
                "delivery.timeout.ms": 60_000,
                "log_level": 0,
            },
        )
        self.delivered = 0

    def poison(self, topic: str, number: int) -> None:
        """Does not wait: Kafka may be what was struck last."""
        try:
            self._producer.produce(
                topic,
                key=f"poison-{self._run.decode()}-{number}",
                value=_KINDS[number % len(_KINDS)],
                headers=[(MARK, self._run)],
                on_delivery=self._count,
            )
            self._producer.poll(0)
        except (KafkaException, BufferError):
            return

    def finish(self) -> int:
        """How many Kafka took: so many dead letters are to be found."""
        self._producer.flush(60)
        return self.delivered

    def dead_letters(self) -> int:
        """How many different ones are among the dead letters."""
        reader = kafka_clients.consumer(self._bootstrap, {"group.id": "rustok-chaos", "enable.auto.commit": False})
        found: set[bytes | None] = set()
        try:
            _, end = reader.get_watermark_offsets(_DEAD_LETTERS, timeout=10)
            reader.assign([_DEAD_LETTERS])
            while (end or 0) > 0 and (records := reader.consume(1000, timeout=5)):
                # By their keys: the headers of what others put there may be beyond what the client can read.
                found |= {key for record in records if (key := record.key()) and key.startswith(b"poison-" + self._run)}
                if (records[-1].offset() or 0) + 1 >= (end or 0):
                    break
        finally:
            reader.close()
        return len(found)

    def _count(self, error: object, _: object) -> None:
        self.delivered += error is None

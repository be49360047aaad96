"""Sends records to Kafka, each once and in order: the one place of capture that knows the Kafka client.

Idempotent, acknowledged by all in-sync replicas, on the partition Java's client would choose. Records wait up to
`linger.ms` for others, which pays under load; a quiet moment is the relay's to notice, and it flushes.
"""

import logging
from typing import Final

import structlog
from confluent_kafka import KafkaError, KafkaException, Producer

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers
from streams.capture.transactional_producer import ExactProducer
from streams.kafka_unavailable import KafkaUnavailable

MAX_MESSAGE_BYTES: Final = 8 * 1024 * 1024

#: Without an acknowledgement for so long a record counts as refused.
DELIVERY_TIMEOUT_S: Final = 20

#: Kafka ends a transaction that is open for longer; until then readers of committed records wait.
ABANDONED_S: Final = 15

#: What may wait for Kafka; more is left in Postgres.
QUEUED_RECORDS: Final = 20_000
QUEUED_KILOBYTES: Final = 64 * 1024

METADATA_TIMEOUT_S: Final = 10.0

# How the client's log begins when a connection failed, and when a broker that has just started is not ready.
ATTEMPTS: Final = ("FAIL ", "GETPID ")

log = structlog.get_logger(__name__)


class NoSuchTopic(Exception):
    def __init__(self, topic: str) -> None:
        super().__init__(f"Kafka has no topic {topic}; `rustok streams topics` creates the topics")


class RecordTooLarge(Exception):
    def __init__(self, event_id: str, size: int) -> None:
        super().__init__(
            f"event {event_id} has {size} bytes, and a record may have {MAX_MESSAGE_BYTES}: nothing behind it moves "
            f"until its row is taken out of the way with pg_replication_slot_advance, or the limit is raised"
        )


def connect(bootstrap: Brokers, *, transactional_id: str = "") -> Producer:
    """With an id records go in transactions, and whoever comes with the same id takes over."""
    config: dict[str, str | int | bool] = {}
    if transactional_id:
        config = {"transactional.id": transactional_id, "transaction.timeout.ms": ABANDONED_S * 1000}
    return kafka_clients.producer(
        bootstrap,
        {
            "client.id": "rustok-capture",
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": "murmur2_random",
            "compression.type": "lz4",
            "linger.ms": 10,
            "message.max.bytes": MAX_MESSAGE_BYTES,
            "message.timeout.ms": (ABANDONED_S if transactional_id else DELIVERY_TIMEOUT_S) * 1000,
            "queue.buffering.max.messages": QUEUED_RECORDS,
            "queue.buffering.max.kbytes": QUEUED_KILOBYTES,
            "topic.metadata.refresh.interval.ms": 60_000,
            "allow.auto.create.topics": False,
            **config,
        },
        logger=_client_log(),
        on_error=_tell,
    )


def _client_log() -> logging.Logger:
    """What the client tells, without its every failed attempt: it tries again by itself."""
    client_log = logging.getLogger("librdkafka")
    client_log.addFilter(lambda record: not record.getMessage().startswith(ATTEMPTS))
    return client_log


def _tell(error: KafkaError) -> None:
    """That no broker is left is news, every ten seconds."""
    if error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001  # the client's own names begin so
        log.warning("kafka_does_not_answer")


def require_topic(producer: Producer | ExactProducer, topic: str) -> str:
    """The topic, when it exists."""
    try:
        found = producer.list_topics(topic, timeout=METADATA_TIMEOUT_S).topics[topic]
    except KafkaException as unavailable:
        raise KafkaUnavailable(f"Kafka does not answer: {unavailable.args[0].str()}") from unavailable
    if found.error is not None:
        raise NoSuchTopic(topic)
    return topic

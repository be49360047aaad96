"""Carries records from topics into tables of PostgreSQL, and keeps its offsets with them.

Nothing is lost: where a topic is read on is for the tables' database to say, never for the consumer group, whose
offsets are there for other tools. A database that answers anew may be another copy, so it is asked anew. While a
neighbour is away the batch is held; while Kafka is, the client connects again by itself.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Event
from typing import Any, Final

import psycopg
import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from ops.clients import database_roles
from ops.clients import kafka as kafka_clients
from ops.clients.database_roles import Duty
from ops.settings import Settings
from sinks.sink import Unavailable
from streams import collected_offsets, group_membership, topic_descriptions
from streams.backoff import pause_s
from streams.collected_offsets import CollectedOffset, Partition

BATCH: Final = 500
POLL_S: Final = 0.5
MEASURE_EVERY_S: Final = 5.0
_AWAY: Final = (psycopg.OperationalError, psycopg.InterfaceError)
Postgres = psycopg.Connection[Any]
Keep = Callable[[], None]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collecting:
    """What is carried where. `take_in` has all of a batch in the tables, and its offsets kept, when it returns; it may
    raise `Unavailable`. `begins`: before the first record, and after each change of partitions. `name` is what it is
    called in logs.
    """

    name: str
    group: str
    topics: Sequence[str]
    duty: Duty
    take_in: Callable[[Postgres, Sequence[Message], Keep], None]
    measure: Callable[[Postgres], None]
    active: Callable[[bool], None]


class TopicCollector:
    """One consumer of the group."""

    def __init__(self, settings: Settings, stopping: Event, job: Collecting) -> None:
        self._settings = settings
        self._stopping = stopping
        self._job = job
        (self._roles,) = database_roles.GROUPS[job.duty]
        self._admin = topic_descriptions.connect(settings.kafka)
        self._postgres: Postgres | None = None
        self._topic_ids: Mapping[str, str] = {}
        self._to_begin = False
        self._measured_at = 0.0

    def run(self) -> None:
        """Until `stopping` is set."""
        session_ms = group_membership.session_ms(self._settings)
        consumer = kafka_clients.consumer(
            self._settings.kafka,
            {
                "group.id": self._job.group,
                "client.id": group_membership.client_id(self._job.group),
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "session.timeout.ms": session_ms,
                "heartbeat.interval.ms": session_ms // group_membership.SIGNS,
                "topic.metadata.refresh.interval.ms": group_membership.LOOK_AT_TOPICS_MS,
                "fetch.message.max.bytes": 9_000_000,
            },
        )
        with closing(consumer):
            consumer.subscribe(list(self._job.topics), on_assign=self._given)
            log.info("collector_started", collector=self._job.name, topics=list(self._job.topics))
            while not self._stopping.is_set():
                self._turn(consumer)
        if self._postgres is not None:
            self._postgres.close()

    def _turn(self, consumer: Consumer) -> None:
        messages = [message for message in consumer.consume(BATCH, POLL_S) if message.error() is None]
        if self._to_begin:  # what was read just now is read again, from where the table says
            self._begin(consumer)
            return
        if messages:
            offsets = self._offsets(messages)

            def take_in(postgres: Postgres) -> None:
                def keep() -> None:
                    collected_offsets.keep(postgres, self._job.group, self._roles, offsets)

                self._job.take_in(postgres, messages, keep)

            if not self._until_done(take_in):
                return
            with suppress(KafkaException):  # the rows are there, and their offsets with them
                consumer.commit(asynchronous=False)
        if len(messages) < BATCH and time.monotonic() - self._measured_at >= MEASURE_EVERY_S and _assigned(consumer):
            self._until_done(self._job.measure)
            self._measured_at = time.monotonic()

    def _given(self, _: Consumer, partitions: Sequence[TopicPartition]) -> None:
        self._to_begin = True
        self._job.active(bool(partitions))

    def _begin(self, consumer: Consumer) -> None:
        """Each of our partitions is read from where the table says; tried again while somebody does not answer."""
        try:
            assigned = consumer.assignment()
            described = topic_descriptions.describe(self._admin, {each.topic for each in assigned})
            held = collected_offsets.read(self._connected(), self._job.group, self._roles)
        except (KafkaException, *_AWAY) as away:
            self._tell_wait(away, POLL_S, 0)
            self._stopping.wait(POLL_S)
            return
        self._topic_ids = {name: one.id for name, one in described.items()}
        begun = [TopicPartition(each.topic, each.partition, self._start(held, each)) for each in assigned]
        consumer.assign(begun)
        self._to_begin = False
        for each in begun:
            log.info(
                "collector_begun",
                collector=self._job.name,
                topic=each.topic,
                partition=each.partition,
                offset=each.offset,
            )

    def _start(self, held: Mapping[Partition, CollectedOffset], of: TopicPartition) -> int:
        held_offset = held.get((of.topic, of.partition))
        if held_offset is None or held_offset.topic_id != self._topic_ids.get(of.topic):
            return OFFSET_BEGINNING
        return held_offset.next

    def _offsets(self, messages: Sequence[Message]) -> dict[Partition, CollectedOffset]:
        """A partition's records are in order."""
        read_to: dict[Partition, CollectedOffset] = {}
        for message in messages:
            record: Any = message
            topic, partition, offset = record.topic(), record.partition(), record.offset()
            read_to[topic, partition] = CollectedOffset(self._topic_ids.get(topic, ""), offset + 1)
        return read_to

    def _until_done(self, do: Callable[[Postgres], object]) -> bool:
        """False when it was stopped before, or when another database may have answered in between."""
        attempt = 0
        while not self._stopping.is_set():
            try:
                postgres = self._connected()
                if self._to_begin:
                    return False
                do(postgres)
            except (Unavailable, *_AWAY) as away:
                seconds = pause_s(attempt)
                self._tell_wait(away, seconds, attempt)
                attempt += 1
                self._stopping.wait(seconds)
            else:
                return True
        return False

    def _tell_wait(self, away: Exception, seconds: float, attempt: int) -> None:
        what = (str(away) or type(away).__name__).splitlines()[0]
        log.warning("collector_waits", collector=self._job.name, what=what, seconds=round(seconds, 2), attempt=attempt)

    def _connected(self) -> Postgres:
        if self._postgres is None or self._postgres.closed:
            self._postgres = database_roles.connect(
                self._settings, self._job.duty, connect_s=5, name=f"rustok {self._job.name.replace('_', ' ')}"
            )
            self._to_begin = True
        return self._postgres


def _assigned(consumer: Consumer) -> bool:
    """Before Kafka has given it its partitions it knows nothing about them."""
    try:
        return bool(consumer.assignment())
    except KafkaException as away:
        if away.args[0].code() == KafkaError._STATE:  # noqa: SLF001  # the client's own names begin so
            return False
        raise

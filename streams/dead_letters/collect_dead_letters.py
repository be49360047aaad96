"""Carries dead letters from their topics into a table, and keeps its offsets with them.

Nothing is lost and nothing doubled: rows are kept by the dead letter's id, and where a topic is read on is for the
table's database to say, never for the consumer group: its offsets are there for other tools. A database that answers
anew may be another copy, so it is asked anew. While Postgres is away the batch is held; while Kafka is, the client
connects again by itself.
"""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from threading import Event
from typing import Any, Final

import psycopg
import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from ops import metrics
from ops.clients import database_roles
from ops.clients import kafka as kafka_clients
from ops.instances import claim, serve_metrics
from ops.settings import Settings
from sinks.read_models import READ_MODELS
from streams import group_membership, topic_descriptions
from streams.backoff import pause_s
from streams.dead_letters import collected_offsets, dead_letters_table
from streams.dead_letters.collected_offsets import CollectedOffset, Partition
from streams.dead_letters.read_dead_letter import TOPICS, CollectedRecord, NotADeadLetter, read
from streams.fallback_reader import headers_of

GROUP: Final = "dead-letters"
BATCH: Final = 500
POLL_S: Final = 0.5
MEASURE_EVERY_S: Final = 5.0
_AWAY: Final = (psycopg.OperationalError, psycopg.InterfaceError)
Postgres = psycopg.Connection[Any]
#: What the table says about a row itself, and what never gets as far as the table.
_NOT_HELD: Final = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,
    ValueError,
    OverflowError,
)

log = structlog.get_logger(__name__)


class DeadLetterCollector:
    """One consumer of the group `group`."""

    def __init__(self, settings: Settings, stopping: Event, group: str = GROUP) -> None:
        self._settings = settings
        self._stopping = stopping
        self._group = group
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
                "group.id": self._group,
                "client.id": group_membership.client_id(self._group),
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "session.timeout.ms": session_ms,
                "heartbeat.interval.ms": session_ms // group_membership.SIGNS,
                "topic.metadata.refresh.interval.ms": group_membership.LOOK_AT_TOPICS_MS,
                "fetch.message.max.bytes": 9_000_000,
            },
        )
        with closing(consumer):
            consumer.subscribe(list(TOPICS), on_assign=self._given)
            log.info("dead_letters_collected", topics=list(TOPICS))
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
            arrived, offsets = _dead_letters(messages), self._offsets(messages)
            if not self._until_done(lambda postgres: _take_in(postgres, arrived, self._group, offsets)):
                return
            with suppress(KafkaException):  # the rows are there, and their offsets with them
                consumer.commit(asynchronous=False)
        if len(messages) < BATCH and time.monotonic() - self._measured_at >= MEASURE_EVERY_S and _assigned(consumer):
            self._until_done(_measure)
            self._measured_at = time.monotonic()

    def _given(self, _: Consumer, partitions: Sequence[TopicPartition]) -> None:
        self._to_begin = True
        if partitions:
            metrics.DEAD_LETTERS_ACTIVE.set(1)
        else:
            metrics.dead_letters_stand_by()

    def _begin(self, consumer: Consumer) -> None:
        """Each of our partitions is read from where the table says; tried again while somebody does not answer."""
        try:
            assigned = consumer.assignment()
            described = topic_descriptions.describe(self._admin, {each.topic for each in assigned})
            held = collected_offsets.read(self._connected(), self._group)
        except (KafkaException, *_AWAY) as away:
            log.warning("dead_letters_wait", what=str(away).splitlines()[0], seconds=POLL_S, attempt=0)
            self._stopping.wait(POLL_S)
            return
        self._topic_ids = {name: one.id for name, one in described.items()}
        begun = [TopicPartition(each.topic, each.partition, self._start(held, each)) for each in assigned]
        consumer.assign(begun)
        self._to_begin = False
        for each in begun:
            log.info("dead_letters_begun", topic=each.topic, partition=each.partition, offset=each.offset)

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
            except _AWAY as away:
                seconds = pause_s(attempt)
                log.warning(
                    "dead_letters_wait", what=str(away).splitlines()[0], seconds=round(seconds, 2), attempt=attempt
                )
                attempt += 1
                self._stopping.wait(seconds)
            else:
                return True
        return False

    def _connected(self) -> Postgres:
        if self._postgres is None or self._postgres.closed:
            self._postgres = database_roles.connect(
                self._settings, "dead_letters", connect_s=5, name="rustok dead letters"
            )
            self._to_begin = True
        return self._postgres


def run(settings: Settings) -> None:
    """The process."""
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    database_roles.require_at_start(settings, "dead_letters")
    own = claim(settings, "dead-letters")
    serve_metrics("dead_letters", settings.dead_letters_metrics_port, "dead_letters_metrics_port", settings, own)
    DeadLetterCollector(settings, stopping).run()
    log.info("dead_letters_stopped")


def _dead_letters(messages: Sequence[Message]) -> list[CollectedRecord]:
    found = []
    for message in messages:
        record: Any = message
        try:
            headers = headers_of(record)
            if headers is None:
                raise NotADeadLetter("a header has a name that is not UTF-8")
            found.append(read(record.topic(), record.key(), record.value(), headers, record.timestamp()[1]))
        except NotADeadLetter as no:
            _tell_not_taken(record.topic(), record.partition(), record.offset(), str(no))
    return found


def _take_in(
    postgres: Postgres, arrived: Sequence[CollectedRecord], reader: str, offsets: Mapping[Partition, CollectedOffset]
) -> None:
    """All at once, and when the table cannot hold one of them, one by one without that one: it stays in Kafka."""
    try:
        with postgres.transaction():
            dead_letters_table.take_in(postgres, arrived)
            collected_offsets.keep(postgres, reader, offsets)
    except _NOT_HELD:
        for one in arrived:
            try:
                dead_letters_table.take_in(postgres, [one])
            except _NOT_HELD as wrong:
                record = one.record
                _tell_not_taken(record.topic, record.partition, record.offset, f"the table cannot hold it: {wrong}")
        collected_offsets.keep(postgres, reader, offsets)


def _tell_not_taken(topic: str, partition: int, offset: int, reason: str) -> None:
    metrics.DEAD_LETTERS_NOT_TAKEN.inc()
    log.warning("not_a_dead_letter", reason=reason[:500], topic=topic, partition=partition, offset=offset)


def _measure(postgres: Postgres) -> None:
    by_feed = {depth.feed: depth for depth in dead_letters_table.depths(postgres)}
    for feed in {model.id for model in READ_MODELS} | by_feed.keys():
        depth = by_feed.get(feed)
        oldest = None if depth is None else depth.oldest
        metrics.DEAD_LETTERS_OPEN.labels(feed).set(0 if depth is None else depth.open)
        metrics.DEAD_LETTERS_OLDEST.labels(feed).set(0 if oldest is None else oldest.timestamp())
    metrics.DEAD_LETTERS_MEASURED.set_to_current_time()


def _assigned(consumer: Consumer) -> bool:
    """Before Kafka has given it its partitions it knows nothing about them."""
    try:
        return bool(consumer.assignment())
    except KafkaException as away:
        if away.args[0].code() == KafkaError._STATE:  # noqa: SLF001  # the client's own names begin so
            return False
        raise

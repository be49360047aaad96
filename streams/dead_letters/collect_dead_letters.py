"""Carries dead letters from their topics into a table: each is one however often it is read, and none is lost."""

import signal
from collections.abc import Iterable, Mapping, Sequence
from threading import Event
from typing import Any, Final

import psycopg
import structlog
from confluent_kafka import Message

from ops import metrics
from ops.clients import database_roles
from ops.instances import claim, serve_metrics
from ops.settings import Settings
from schemas import webhook_feeds
from sinks.read_models import READ_MODELS
from streams.dead_letters import dead_letters_table
from streams.dead_letters.dead_letters_table import Depth
from streams.dead_letters.read_dead_letter import TOPICS, CollectedRecord, NotADeadLetter, read
from streams.fallback_reader import headers_of
from streams.topic_collector import Collecting, Keep, TopicCollector

GROUP: Final = "dead-letters"
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


class DeadLetterCollector(TopicCollector):
    """One consumer of the group `group`."""

    def __init__(self, settings: Settings, stopping: Event, group: str = GROUP) -> None:
        job = Collecting(
            name="dead_letters",
            group=group,
            topics=tuple(TOPICS),
            duty="dead_letters",
            take_in=_take_in,
            measure=_measure,
            active=_active,
        )
        super().__init__(settings, stopping, job)


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


def _take_in(postgres: Postgres, messages: Sequence[Message], keep: Keep) -> None:
    """All at once, and when the table cannot hold one of them, one by one without that one: it stays in Kafka."""
    arrived = _dead_letters(messages)
    try:
        with postgres.transaction():
            dead_letters_table.take_in(postgres, arrived)
            keep()
    except _NOT_HELD:
        for one in arrived:
            try:
                dead_letters_table.take_in(postgres, [one])
            except _NOT_HELD as wrong:
                record = one.record
                _tell_not_taken(record.topic, record.partition, record.offset, f"the table cannot hold it: {wrong}")
        keep()


def _tell_not_taken(topic: str, partition: int, offset: int, reason: str) -> None:
    metrics.DEAD_LETTERS_NOT_TAKEN.inc()
    log.warning("not_a_dead_letter", reason=reason[:500], topic=topic, partition=partition, offset=offset)


def _measure(postgres: Postgres) -> None:
    by_feed = _by_feed(dead_letters_table.depths(postgres))
    for feed in {model.id for model in READ_MODELS} | {webhook_feeds.ALL} | by_feed.keys():
        depth = by_feed.get(feed, Depth(feed, 0, None))
        metrics.DEAD_LETTERS_OPEN.labels(feed).set(depth.open)
        metrics.DEAD_LETTERS_OLDEST.labels(feed).set(0 if depth.oldest is None else depth.oldest.timestamp())
    metrics.DEAD_LETTERS_MEASURED.set_to_current_time()


def _by_feed(depths: Iterable[Depth]) -> Mapping[str, Depth]:
    """Those of webhooks together: there are as many as shops like."""
    found: dict[str, Depth] = {}
    for one in depths:
        feed = one.feed if webhook_feeds.webhook_of(one.feed) is None else webhook_feeds.ALL
        other = found.get(feed)
        moments = [each.oldest for each in (one, other) if each is not None and each.oldest is not None]
        found[feed] = Depth(feed, one.open + (other.open if other else 0), min(moments, default=None))
    return found


def _active(active: bool) -> None:  # what the collector says
    if active:
        metrics.DEAD_LETTERS_ACTIVE.set(1)
    else:
        metrics.dead_letters_stand_by()

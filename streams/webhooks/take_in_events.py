"""Takes in what shops have subscribed to: one row for each webhook that gets an event, however often it is read.

A record that nobody has subscribed to is not looked at. One that is newer than known is parked, and delivered as soon
as the code knows it; one that is bad is a dead letter of each webhook that would have got it. What was only emitted
again is no news to anybody outside.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from confluent_kafka import Message
from uuid_utils.compat import uuid7

from ops.clients.database_roles import WEBHOOKS_GROUP
from schemas import webhook_feeds
from schemas.envelope import Envelope, MalformedHeaders, from_headers
from schemas.event_codec import Decoder
from schemas.events.dead_letter import DeadLetterReplayed
from schemas.subscribed_events import SUBSCRIBED
from schemas.topics import DEAD_LETTER_DECISIONS, topic_of
from schemas.write_model import REEMITTED_BY
from streams.as_duty import as_duty
from streams.dead_letters.dead_letter import UnusableRecord
from streams.dead_letters.retried_record import RetriedRecord, retried_record
from streams.dead_letters.send_dead_letters import DeadLetters
from streams.fallback_reader import headers_of, record_of
from streams.feeding.decode_record import RecordDecoder
from streams.kafka_record import KafkaRecord
from streams.topic_collector import Keep
from streams.webhooks import stored_event, subscriptions
from streams.webhooks.stored_event import StoredEvent, body_of
from streams.webhooks.subscriptions import Subscription

_AGGREGATES: Final = {topic_of(row).name: row.name for row in SUBSCRIBED}
TOPICS: Final = (*_AGGREGATES, DEAD_LETTER_DECISIONS.name)
Postgres = psycopg.Connection[Any]
_EVENT: Final = """
    INSERT INTO webhook_events (tenant_id, id, event_type, aggregate_id, aggregate_order, occurred_at, body, topic,
        "partition", "offset", record_key, record_value, headers, committed_ms)
    VALUES (%(tenant)s, %(stored_as)s, %(event_type)s, %(aggregate)s, %(order)s, %(occurred_at)s, %(body)s, %(topic)s,
        %(partition)s, %(offset)s, %(key)s, %(value)s, %(headers)s, %(committed_ms)s)
    ON CONFLICT DO NOTHING
"""
# One of an aggregate that fails is due together with what it waits for.
_DELIVERY: Final = """
    INSERT INTO webhook_deliveries AS held (tenant_id, id, webhook_id, event_id, stored_as, event_type, aggregate_id,
        aggregate_order, state, error, next_try_at, replay, replay_attempts, replay_first_failed_at)
    SELECT w.tenant_id, %(delivery)s, w.id, %(event)s, %(stored_as)s, %(event_type)s, %(aggregate)s, %(order)s,
        %(state)s, %(error)s,
        CASE WHEN %(state)s = 'waiting' THEN coalesce((
            SELECT max(d.next_try_at) FROM webhook_deliveries d
            WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id AND d.aggregate_id = %(aggregate)s
                AND d.state = 'waiting'
        ), now()) END,
        %(replay)s, %(replay_attempts)s, %(replay_first)s
    FROM webhooks w WHERE w.tenant_id = %(tenant)s AND w.id = %(webhook)s FOR KEY SHARE OF w
    ON CONFLICT (tenant_id, webhook_id, event_id)
"""
_ONCE: Final = _DELIVERY + "DO NOTHING"
_AGAIN: Final = (
    _DELIVERY
    + """DO UPDATE SET stored_as = excluded.stored_as, state = 'waiting', next_try_at = now(), attempts = 0,
        first_failed_at = NULL, claim = NULL, claimed_until = NULL, error = '', replay = excluded.replay,
        replay_attempts = excluded.replay_attempts, replay_first_failed_at = excluded.replay_first_failed_at
    WHERE held.replay IS NULL OR held.replay < excluded.replay
"""
)
_PARKED: Final = f"""
    SELECT d.tenant_id, d.id, d.webhook_id, d.stored_as, {stored_event.COLUMNS}
    FROM webhook_deliveries d JOIN webhook_events e ON e.tenant_id = d.tenant_id AND e.id = d.stored_as
    WHERE d.state = 'parked' AND d.id > %s ORDER BY d.id LIMIT 100
"""  # noqa: S608  # constants
_REVIVED: Final = (
    "UPDATE webhook_events SET body = %(body)s WHERE tenant_id = %(tenant)s AND id = %(stored_as)s",
    "UPDATE webhook_deliveries SET state = 'waiting', error = '', next_try_at = now()"
    " WHERE tenant_id = %(tenant)s AND id = %(delivery)s AND state = 'parked'",
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """What is to be written for one webhook."""

    webhook_id: UUID
    event: StoredEvent
    state: str = "waiting"
    error: str = ""
    retried: RetriedRecord | None = None

    def values(self) -> dict[str, Any]:
        again = self.retried
        return {
            **self.event.values(),
            "delivery": uuid7(),
            "webhook": self.webhook_id,
            "state": self.state,
            "error": self.error,
            "replay": None if again is None else again.replay,
            "replay_attempts": 0 if again is None else again.attempts,
            "replay_first": None if again is None else again.first_failed_at,
        }


class EventIntake:
    """`wake` is called when something new is due."""

    def __init__(self, decoder: Decoder, dead_letters: DeadLetters, wake: Callable[[], None]) -> None:
        self._decoder = RecordDecoder(webhook_feeds.ALL, decoder)
        self._dead_letters = dead_letters
        self._wake = wake
        self._to_revive = True

    def take_in(self, postgres: Postgres, messages: Sequence[Message], keep: Keep) -> None:
        """All of a batch, or nothing of it. Raises `Unavailable` when the registry or Kafka is."""
        records = [record_of(message, headers_of(message) or ()) for message in messages]
        fresh = [record for record in records if record.topic in _AGGREGATES]
        due = self._wanted(postgres, fresh)
        for record in records:
            if record.topic == DEAD_LETTER_DECISIONS.name:
                due += self._replayed(postgres, record)
        with as_duty(postgres, WEBHOOKS_GROUP):
            for one in due:
                values = one.values()
                postgres.execute(_EVENT, values)
                postgres.execute(_ONCE if one.retried is None else _AGAIN, values)
        keep()
        if due:
            self._wake()

    def revive(self, postgres: Postgres) -> None:
        """Once, at the start: what was parked and is known by now is delivered."""
        if not self._to_revive:
            return
        after, revived = UUID(int=0), 0
        while True:
            with as_duty(postgres, WEBHOOKS_GROUP):
                parked = postgres.execute(_PARKED, (after,)).fetchall()
            if not parked:
                break
            for tenant_id, delivery_id, webhook_id, stored_as, *row in parked:
                after = delivery_id
                record = stored_event.record_of(row)
                outcome = self._decoder.decode(record, _AGGREGATES[record.topic])
                given: dict[str, Any] = {"tenant": tenant_id, "delivery": delivery_id, "stored_as": stored_as}
                if isinstance(outcome, UnusableRecord) and outcome.parked:
                    continue
                with as_duty(postgres, WEBHOOKS_GROUP):
                    if isinstance(outcome, UnusableRecord):
                        self._dead_letters.send([replace(outcome, feed=webhook_feeds.feed_of(webhook_id))])
                        postgres.execute(
                            "UPDATE webhook_deliveries SET state = 'dead', error = %(error)s"
                            " WHERE tenant_id = %(tenant)s AND id = %(delivery)s",
                            {**given, "error": outcome.reason},
                        )
                        continue
                    for statement in _REVIVED:
                        postgres.execute(statement, {**given, "body": body_of(outcome)})
                revived += 1
        self._to_revive = False
        if revived:
            log.info("webhooks_revived", deliveries=revived)
            self._wake()

    def _wanted(self, postgres: Postgres, records: Sequence[KafkaRecord]) -> list[_Due]:
        read = [(record, envelope) for record in records if (envelope := _envelope(record)) is not None]
        if not read:
            return []
        by_shop = subscriptions.active(postgres, {envelope.tenant_id for _, envelope in read})
        found: list[_Due] = []
        for record, envelope in read:
            wanting = [one for one in by_shop.get(envelope.tenant_id, ()) if one.wants(envelope, record)]
            if wanting and envelope.actor_id != REEMITTED_BY:
                found += self._due(record, envelope, wanting)
        return found

    def _due(self, record: KafkaRecord, envelope: Envelope, wanting: Sequence[Subscription]) -> list[_Due]:
        outcome = self._decoder.decode(record, _AGGREGATES[record.topic])
        if not isinstance(outcome, UnusableRecord):
            event = StoredEvent(id=envelope.id, envelope=envelope, body=body_of(outcome), record=record)
            return [_Due(webhook_id=one.id, event=event) for one in wanting]
        event = StoredEvent(id=envelope.id, envelope=envelope, body=None, record=record)
        if outcome.parked:
            return [_Due(webhook_id=one.id, event=event, state="parked", error=outcome.reason) for one in wanting]
        self._dead_letters.send([replace(outcome, feed=webhook_feeds.feed_of(one.id)) for one in wanting])
        return [_Due(webhook_id=one.id, event=event, state="dead", error=outcome.reason) for one in wanting]

    def _replayed(self, postgres: Postgres, decision: KafkaRecord) -> list[_Due]:
        """What somebody lets a webhook get again, as it was or as it was edited."""
        decided = self._decoder.decode(decision, "dead_letter")
        if isinstance(decided, UnusableRecord) or not isinstance(decided.event, DeadLetterReplayed):
            return []
        told = decided.event.dead_letter
        webhook_id = webhook_feeds.webhook_of(told.feed)
        if webhook_id is None or told.topic not in _AGGREGATES:
            return []
        shop = subscriptions.shop_of(postgres, webhook_id)
        try:
            record = retried_record(told, decided.envelope.aggregate_version)
        except (ValueError, OverflowError, OSError):  # a moment no calendar has
            return []
        if shop is None:
            log.warning("webhook_is_gone", webhook_id=str(webhook_id), dead_letter=str(told.id))
            return []
        outcome = self._decoder.decode(record, _AGGREGATES[record.topic])
        if not isinstance(outcome, UnusableRecord) and outcome.envelope.tenant_id != shop:
            outcome = self._decoder.unusable(record, "Contradiction", "it is of another shop than the webhook")
        if isinstance(outcome, UnusableRecord):
            feed = webhook_feeds.feed_of(webhook_id)
            self._dead_letters.send([replace(outcome, feed=feed, parked=False)])
            return []
        event = StoredEvent(id=uuid7(), envelope=outcome.envelope, body=body_of(outcome), record=record)
        return [_Due(webhook_id=webhook_id, event=event, retried=record)]


def _envelope(record: KafkaRecord) -> Envelope | None:
    """None: nobody knows whose it is, so nobody has subscribed to it; the read models say that it is bad."""
    try:
        return from_headers(record.headers)
    except MalformedHeaders:
        return None

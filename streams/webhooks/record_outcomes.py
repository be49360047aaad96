"""Writes down what became of deliveries: in the tables, among the dead letters, and that a dead letter is applied.

Kafka is told first: when it does not take a dead letter, the delivery is tried once more instead of being lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import psycopg
import structlog

from ops import metrics
from ops.clients.database_roles import WEBHOOKS_GROUP
from schemas import webhook_feeds
from sinks.sink import Unavailable
from streams.as_duty import as_duty
from streams.dead_letters.dead_letter import UnusableRecord
from streams.dead_letters.retried_record import RetriedRecord
from streams.dead_letters.send_dead_letters import DeadLetters
from streams.webhooks import stored_event
from streams.webhooks.claim_deliveries import Claimed
from streams.webhooks.delivery_outcome import Again, Delivered, GivenUp, Outcome, SwitchedOff, Tried

Postgres = psycopg.Connection[Any]
#: An error of dead letters: the receiver did not take it, though it was tried for long.
NOT_TAKEN: Final = "NotTaken"
_KAFKA_AGAIN: Final = timedelta(seconds=10)

_STORED: Final = f"SELECT {stored_event.COLUMNS} FROM webhook_events e WHERE e.tenant_id = %s AND e.id = %s"  # noqa: S608
# Only for as long as the claim is ours: whoever took it over meanwhile says what is so.
_TRIED: Final = """
    UPDATE webhook_deliveries SET state = %(state)s, attempts = attempts + 1, tried_at = now(), status = %(status)s,
        error = %(error)s, duration_ms = %(duration_ms)s, claim = NULL, claimed_until = NULL,
        next_try_at = now() + %(after)s::interval,
        first_failed_at = CASE WHEN %(failed)s THEN coalesce(first_failed_at, now()) ELSE first_failed_at END
    WHERE tenant_id = %(tenant)s AND id = %(id)s AND claim = %(claim)s
"""
# What waits behind it is not looked at before it is due itself.
_HELD_BACK: Final = """
    UPDATE webhook_deliveries SET next_try_at = now() + %(after)s::interval
    WHERE tenant_id = %(tenant)s AND webhook_id = %(webhook)s AND aggregate_id = %(aggregate)s AND state = 'waiting'
        AND claim IS NULL AND next_try_at < now() + %(after)s::interval
"""
_IS_WELL: Final = """
    UPDATE webhooks SET failing_since = NULL, delivered_at = now()
    WHERE tenant_id = %(tenant)s AND id = %(webhook)s
        AND (failing_since IS NOT NULL OR delivered_at IS NULL OR delivered_at < now() - interval '5 seconds')
"""
_FAILS: Final = """
    UPDATE webhooks SET failing_since = coalesce(failing_since, now()),
        paused_until = greatest(paused_until, now() + %(paused)s::interval)
    WHERE tenant_id = %(tenant)s AND id = %(webhook)s
        AND (failing_since IS NULL OR %(paused)s::interval IS NOT NULL)
"""
_OFF: Final = """
    UPDATE webhooks SET active = false, version = version + 1, off_at = now(),
        off_reason = CASE WHEN %(gone)s THEN 'gone' ELSE 'failing' END
    WHERE tenant_id = %(tenant)s AND id = %(webhook)s AND active
        AND (%(gone)s OR failing_since <= now() - %(failing)s::interval)
    RETURNING off_reason
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A delivery that was tried."""

    delivery: Claimed
    tried: Tried
    outcome: Outcome
    duration_ms: int


class OutcomeRecorder:
    """`failing`: how long a receiver may fail before nothing is sent there any more."""

    def __init__(self, dead_letters: DeadLetters, failing: timedelta) -> None:
        self._dead_letters = dead_letters
        self._failing = failing

    def record(self, postgres: Postgres, several: Sequence[Done]) -> None:
        """All or none; in one order of webhooks, so that two who do this never wait for each other in a ring."""
        ordered = sorted(several, key=lambda done: (done.delivery.webhook_id, done.delivery.id))
        settled = [self._told(postgres, done) for done in ordered]
        with as_duty(postgres, WEBHOOKS_GROUP):
            off = [found for done in settled if (found := self._write(postgres, done)) is not None]
        for done in settled:
            _count(done)
        for done, reason in off:
            metrics.WEBHOOKS_SWITCHED_OFF.inc()
            log.warning("webhook_switched_off", reason=reason, **_ids(done.delivery))

    def _told(self, postgres: Postgres, done: Done) -> Done:
        """Kafka has heard of it; or it is to be tried again."""
        delivery = done.delivery
        gives_up = isinstance(done.outcome, GivenUp) and not delivery.is_ping
        settles = isinstance(done.outcome, Delivered) and delivery.replay is not None
        if not (gives_up or settles):
            return done
        feed = webhook_feeds.feed_of(delivery.webhook_id)
        record = self._record_of(postgres, done, tries=delivery.attempts if gives_up else delivery.replay_attempts)
        try:
            if gives_up:
                unusable = UnusableRecord(record=record, feed=feed, error=NOT_TAKEN, reason=done.tried.what)
                self._dead_letters.send([unusable])
            else:
                self._dead_letters.settle(feed, [record])
        except Unavailable as away:
            log.warning("webhooks_wait", what=str(away), on=away.on)
            again = Again(_KAFKA_AGAIN)
            return Done(delivery=delivery, tried=done.tried, outcome=again, duration_ms=done.duration_ms)
        return done

    def _record_of(self, postgres: Postgres, done: Done, tries: int) -> RetriedRecord:
        """With what is known about its failures before this try."""
        delivery = done.delivery
        with as_duty(postgres, WEBHOOKS_GROUP):
            row = postgres.execute(_STORED, (delivery.tenant_id, delivery.stored_as)).fetchone()
        assert row is not None  # noqa: S101  # it stays as long as its delivery does
        held = stored_event.record_of(row)
        return RetriedRecord(
            topic=held.topic,
            partition=held.partition,
            offset=held.offset,
            key=held.key,
            value=held.value,
            headers=held.headers,
            timestamp=held.timestamp,
            attempts=tries + (delivery.replay_attempts if isinstance(done.outcome, GivenUp) else 0),
            first_failed_at=delivery.replay_first_failed_at or delivery.first_failed_at or done.tried.at,
            replay=delivery.replay,
        )

    def _write(self, postgres: Postgres, done: Done) -> tuple[Done, str] | None:
        """Why the webhook is switched off, if it is."""
        delivery, tried = done.delivery, done.tried
        state, after, paused = _state(done)
        given = {
            "tenant": delivery.tenant_id,
            "id": delivery.id,
            "webhook": delivery.webhook_id,
            "aggregate": delivery.aggregate_id,
            "claim": delivery.claim,
            "state": state,
            "status": tried.status,
            "error": "" if isinstance(done.outcome, Delivered) else tried.what,
            "duration_ms": done.duration_ms,
            "after": after,
            "failed": not isinstance(done.outcome, Delivered),
            "paused": paused,
            "gone": isinstance(done.outcome, SwitchedOff),
            "failing": self._failing,
        }
        if postgres.execute(_TRIED, given).rowcount != 1 or delivery.is_ping:
            return None
        if isinstance(done.outcome, Delivered):
            postgres.execute(_IS_WELL, given)
            return None
        if isinstance(done.outcome, Again):
            postgres.execute(_HELD_BACK, given)
        postgres.execute(_FAILS, given)
        off = postgres.execute(_OFF, given).fetchone()
        return None if off is None else (done, off[0])


def _state(done: Done) -> tuple[str, timedelta | None, timedelta | None]:
    """What it is from now on, after how long it is due again, and for how long nothing at all is sent there."""
    match done.outcome:
        case Delivered():
            return "delivered", None, None
        case Again(after, paused):
            return "waiting", after, paused
        case SwitchedOff():
            return "waiting", timedelta(0), None
        case GivenUp():
            return ("failed" if done.delivery.is_ping else "dead"), None, None


def _count(done: Done) -> None:
    match done.outcome:
        case Delivered():
            outcome = "delivered"
        case GivenUp() if not done.delivery.is_ping:
            outcome = "dead"
        case Again() | SwitchedOff() | GivenUp():
            outcome = "failed"
    metrics.WEBHOOKS_DELIVERIES.labels(outcome).inc()
    metrics.WEBHOOKS_SECONDS.observe(done.duration_ms / 1000)
    if outcome != "delivered":
        log.info("webhook_failed", outcome=outcome, status=done.tried.status, **_ids(done.delivery))


def _ids(delivery: Claimed) -> dict[str, str]:
    return {
        "tenant_id": str(delivery.tenant_id),
        "webhook_id": str(delivery.webhook_id),
        "event_id": str(delivery.event_id),
    }

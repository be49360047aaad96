"""Relays rows from Postgres to Kafka in a loop: read, produce, serve deliveries, confirm.

A quiet stream wakes the loop by its socket, and what was read is flushed as soon as nothing follows for a millisecond:
under load records travel in batches, alone they travel at once. When Kafka is slow its queue fills and reading pauses;
when it acknowledges nothing for a while the relay gives up, because a reader that never confirms keeps Postgres from
stopping.
"""

import time
from collections.abc import Callable, Collection, Sequence
from select import select
from typing import Final

import structlog
from confluent_kafka import Producer

from ops import metrics
from schemas.gaps import Gap
from streams.capture.announce_watermarks import Announcer
from streams.capture.delivery_progress import Progress
from streams.capture.lease import Lease, Unlimited
from streams.capture.log_position import NOWHERE, LogPosition
from streams.capture.message_intake import Intake
from streams.capture.note_then_confirm import Noting
from streams.capture.replication_stream import Stream
from streams.capture.server_clock import ServerClock
from streams.capture.topic_watch import TopicWatch
from streams.capture.transactional_producer import ExactProducer
from streams.watermark_signature import WatermarkSignature

CONFIRM_EVERY_S: Final = 0.1
QUIET_S: Final = 0.001
FLUSH_AT_MOST_S: Final = 0.02
ROOM_S: Final = 0.01
TELL_AFTER_S: Final = 5.0
GIVE_UP_S: Final = 15.0
FAREWELL_S: Final = 1.5

#: The lock's session is asked at least so often while a lease runs.
ASKED_IN_A_LEASE: Final = 4

log = structlog.get_logger(__name__)


class Stalled(Exception):
    """Kafka acknowledges nothing."""


class Relay:
    """One open stream, until `stopping()`. An exception that leaves `run` means: close the stream and end."""

    def __init__(
        self,
        stream: Stream,
        clock: ServerClock,
        producer: Producer | ExactProducer,
        *,
        slot: str,
        watermark_topic: str,
        signature: WatermarkSignature,
        watermark_interval_s: float,
        ours_until: Lease | Unlimited,
        noting: Noting,
        surroundings: TopicWatch,
        gaps: Sequence[Gap] = (),
        known_topics: Collection[str] = (),
        after: LogPosition = NOWHERE,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._stream = stream
        self._clock = clock
        self._producer = producer
        self._progress = Progress()
        self._intake = Intake(producer, self._progress, self._wait_for_room, known_topics, after)
        self._noting = noting
        self._announcer = Announcer(
            clock,
            producer,
            self._progress,
            surroundings,
            noting,
            topic=watermark_topic,
            key=slot,
            signature=signature,
            gaps=gaps,
        )
        self._ours_until = ours_until
        self._watermark_interval_s = min(watermark_interval_s, ours_until.seconds / ASKED_IN_A_LEASE or float("inf"))
        self._counted = 0
        self._confirm_at = self._announce_at = self._now()
        self._progress_at = self._now()
        self._told = False

    def run(self, stopping: Callable[[], bool]) -> None:
        while not stopping():
            messages = self._stream.read()
            if messages:
                self._intake.take(messages)
            elif not self._readable(QUIET_S):
                self._producer.flush(FLUSH_AT_MOST_S)
                self._settle()
                self._readable(min(self._confirm_at, self._announce_at) - self._now())
            self._producer.poll(0)
            self._settle()
            self._take_turns()
        self._producer.flush(FAREWELL_S)
        self._settle()
        self._note()
        self._producer.flush(FAREWELL_S)
        self._confirm()

    def _take_turns(self) -> None:
        now = self._now()
        self._ours_until.check()
        answered = self._announcer.listen()
        if answered or self._intake.reply_requested or now >= self._confirm_at:
            self._confirm()
            self._confirm_at = now + CONFIRM_EVERY_S
        if now >= self._announce_at:
            self._announcer.turn()
            self._announce_at = now + self._watermark_interval_s

    def _settle(self) -> None:
        if self._progress.settle():
            self._announcer.say_if_reached()
        elif self._progress.pending:
            self._bear(self._now() - self._progress_at)
            return
        self._progress_at = self._now()
        self._told = False

    def _bear(self, waited_s: float) -> None:
        if waited_s > GIVE_UP_S:
            raise Stalled(f"Kafka has acknowledged nothing for {GIVE_UP_S:.0f} s")
        if waited_s > TELL_AFTER_S and not self._told:
            self._told = True
            log.warning("capture_makes_no_progress", pending=len(self._producer))

    def _confirm(self) -> None:
        self._intake.reply_requested = False
        self._note()
        confirmed = min(self._progress.position.end, self._noting.kept)
        self._stream.confirm(self._intake.received, confirmed, reply_requested=self._announcer.waiting)
        metrics.CAPTURE_EVENTS.inc(self._progress.records - self._counted)
        self._counted = self._progress.records
        metrics.CAPTURE_CONFIRMED_LSN.set(confirmed)
        metrics.CAPTURE_PENDING_EVENTS.set(len(self._producer))
        metrics.CAPTURE_PROGRESS.set(time.time() - (self._now() - self._progress_at))

    def _note(self) -> None:
        event = self._intake.last_event
        self._noting.note(self._progress.position.end, event.decode() if isinstance(event, bytes) else event or "")

    def _wait_for_room(self) -> None:
        """The producer's queue is full: nothing is read until it has room, but Postgres still hears from us."""
        self._producer.poll(ROOM_S)
        self._settle()
        self._take_turns()

    def _readable(self, timeout_s: float) -> bool:
        sources: list[Stream | ServerClock] = [self._stream, self._clock] if self._clock.asking else [self._stream]
        return bool(select(sources, [], [], max(0.0, timeout_s))[0])

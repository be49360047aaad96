"""How does a row get from Postgres to Kafka? In a loop: read, produce, serve deliveries, confirm.

A quiet stream wakes the loop by its socket, and what was read is flushed as soon as nothing follows for a millisecond:
under load records travel in batches, alone they travel at once. When Kafka is slow its queue fills and reading pauses;
when it acknowledges nothing for a while the relay gives up, because a reader that never confirms keeps Postgres from
stopping.
"""

import time
from collections.abc import Callable, Collection
from select import select
from typing import Final

from confluent_kafka import Producer

from ops import metrics
from streams.capture.announcing import Announcer
from streams.capture.intake import Intake
from streams.capture.progress import Progress
from streams.capture.server_clock import ServerClock
from streams.capture.stream import Stream

CONFIRM_EVERY_S: Final = 0.1
QUIET_S: Final = 0.001
FLUSH_AT_MOST_S: Final = 0.02
ROOM_S: Final = 0.01
GIVE_UP_S: Final = 15.0
FAREWELL_S: Final = 1.5


class Stalled(Exception):
    """Kafka acknowledges nothing."""


class Relay:
    """One open stream, until `stopping()`. An exception that leaves `run` means: close the stream and end."""

    def __init__(
        self,
        stream: Stream,
        clock: ServerClock,
        producer: Producer,
        *,
        slot: str,
        watermark_topic: str,
        watermark_interval_s: float,
        known_topics: Collection[str] = (),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._stream = stream
        self._clock = clock
        self._producer = producer
        self._progress = Progress()
        self._intake = Intake(producer, self._progress, self._wait_for_room, known_topics)
        self._announcer = Announcer(clock, producer, self._progress, topic=watermark_topic, key=slot)
        self._watermark_interval_s = watermark_interval_s
        self._counted = 0
        self._confirm_at = self._announce_at = self._now()
        self._give_up_at = self._now() + GIVE_UP_S

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
        self._confirm()

    def _take_turns(self) -> None:
        now = self._now()
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
            if self._now() > self._give_up_at:
                raise Stalled(f"Kafka has acknowledged nothing for {GIVE_UP_S:.0f} s")
            return
        self._give_up_at = self._now() + GIVE_UP_S

    def _confirm(self) -> None:
        self._intake.reply_requested = False
        confirmed = self._progress.position.end
        self._stream.confirm(self._intake.received, confirmed, reply_requested=self._announcer.waiting)
        metrics.CAPTURE_EVENTS.inc(self._progress.records - self._counted)
        self._counted = self._progress.records
        metrics.CAPTURE_CONFIRMED_LSN.set(confirmed)
        metrics.CAPTURE_PENDING_EVENTS.set(len(self._producer))

    def _wait_for_room(self) -> None:
        """The producer's queue is full: nothing is read until it has room, but Postgres still hears from us."""
        self._producer.poll(ROOM_S)
        self._settle()
        self._take_turns()

    def _readable(self, timeout_s: float) -> bool:
        sources: list[Stream | ServerClock] = [self._stream, self._clock] if self._clock.asking else [self._stream]
        return bool(select(sources, [], [], max(0.0, timeout_s))[0])

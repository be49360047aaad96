"""Announces to the readers how far Kafka is: a watermark on a topic of its own, keyed by the slot.

Its value is

    {"as_of": "2026-01-02T01:04:05.678901Z", "captured": the same, "lsn": "0/1A2B3C8", "gaps": [],
     "topics": {"rustok.order": the topic's id, …}}

While a gap is open `as_of` is null and `gaps` says why; `captured` goes on, and holds for what no gap affects. It is
produced after the data it speaks of was acknowledged, so a reader that has it can ask for the end offsets of the data
and finds no less than it says, in the topics with these ids. It is signed: see `streams.watermark_signature`.
"""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from confluent_kafka import Producer

from ops import metrics
from schemas.gaps import Gap
from streams.capture.capture_watermarks import ClockSample, Watermark, Watermarks
from streams.capture.delivery_progress import NotDelivered, Progress
from streams.capture.note_then_confirm import Noting
from streams.capture.pgoutput import lsn_text
from streams.capture.server_clock import Beat, Opened, ServerClock, ahead_s
from streams.capture.slot_health import SlotReporter
from streams.capture.topic_watch import TopicWatch
from streams.capture.transactional_producer import ExactProducer
from streams.watermark_signature import WatermarkSignature

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS_PER_SECOND = 1_000_000


class Announcer:
    def __init__(
        self,
        clock: ServerClock,
        producer: Producer | ExactProducer,
        progress: Progress,
        surroundings: TopicWatch,
        noting: Noting,
        *,
        topic: str,
        key: str,
        signature: WatermarkSignature,
        gaps: Sequence[Gap] = (),
    ) -> None:
        self._signature = signature
        self._surroundings = surroundings
        self._noting = noting
        self._clock = clock
        self._producer = producer
        self._progress = progress
        self._topic = topic
        self._key = key
        self._watermarks = Watermarks(gaps)
        self._health = SlotReporter(key)

    @property
    def waiting(self) -> bool:
        """Whether a sign from the server that it has sent all would help."""
        return self._watermarks.waiting

    def turn(self) -> None:
        """To be called at the interval of the watermarks: asks the server where it is.

        Its answer is what is said next. Only when the last one was not reached yet, the backlog's newest commit is.
        """
        self._surroundings.look()
        if self._watermarks.waiting:
            self._say()
        if not self._clock.asking:
            if self._surroundings.to_open:
                self._clock.open_gap(self._surroundings.to_open.pop())
            elif self._surroundings.beat_is_due():
                self._clock.beat(self._surroundings.topics)
            elif not self._progress.pending and self._watermarks.nudge_due(self._progress.position):
                self._clock.nudge()
            else:
                self._clock.ask()

    def listen(self) -> bool:
        """Takes the server's answer when it is there. Whether it was."""
        if not self._clock.asking:
            return False
        answer = self._clock.answer()
        match answer:
            case None:
                return False
            case ClockSample():
                self._watermarks.sampled(answer)
                _show(answer.gaps)
                if self._clock.slot is not None:
                    self._health.saw(self._clock.slot)
                metrics.CAPTURE_PUBLICATION.set(1)
                at_s = answer.at / MICROSECONDS_PER_SECOND
                metrics.CAPTURE_CLOCK_AHEAD.set(ahead_s(at_s, time.time(), self._clock.took_s))
                metrics.CAPTURE_LAG_BYTES.set(max(0, answer.log_end - self._progress.position.end))
            case Beat(number):
                self._noting.counted(number)
                self._clock.ask()
            case Opened():
                self._clock.ask()
            case int():
                self._watermarks.nudged(answer)
        self.say_if_reached()
        return True

    def say_if_reached(self) -> None:
        if self._watermarks.reached(self._progress.position):
            self._say()

    def _say(self) -> None:
        watermark = self._watermarks.next(self._progress.position)
        if watermark is not None:
            said = value(watermark, self._surroundings.ids, self._surroundings.forgetting)
            key = self._key.encode()
            headers: list[tuple[str, str | bytes | None]] = [self._signature.header(key, said)]
            acknowledged = partial(_count, watermark.as_of)
            with suppress(BufferError):  # Kafka is slow; the next one says the same, and more
                self._producer.produce(self._topic, said, key, headers=headers, on_delivery=acknowledged)


def value(watermark: Watermark, topics: Mapping[str, str], forgetting: Sequence[Gap] = ()) -> bytes:
    gaps = [gap.as_record() for gap in (*watermark.gaps, *forgetting)]
    as_of = EPOCH + timedelta(microseconds=watermark.as_of)
    text = as_of.isoformat(timespec="microseconds").replace("+00:00", "Z")
    told = {"as_of": None if gaps else text, "captured": text, "lsn": lsn_text(watermark.lsn)}
    return json.dumps({**told, "gaps": gaps, "topics": dict(topics)}).encode()


def _show(gaps: Sequence[Gap]) -> None:
    found = {gap.kind for gap in gaps}
    for kind in metrics.GAP_KINDS:
        metrics.LOG_GAP.labels(kind).set(kind in found)


def _count(as_of: int, error: object, _record: object) -> None:
    if error is not None:
        raise NotDelivered(error)
    metrics.CAPTURE_AS_OF.set(as_of / MICROSECONDS_PER_SECOND)
    metrics.CAPTURE_WATERMARKS.inc()

"""Where does a record go that a feed cannot use? To a topic of its own, its bytes untouched, the reason beside.

Bad data goes to the dead letters; what is only newer than this code is parked. The header names are those of Kafka
Connect and Kafka Streams: their tools read our letters. A letter is buried when Kafka has acknowledged it, not before.
What was a letter and is applied now is told, too: it is settled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from confluent_kafka import KafkaException, Producer

from schemas.events.letter import letter_id
from schemas.topics import DEAD_LETTERS, PARKED, SETTLED
from sinks.sink import Unavailable
from streams.letters.again import Again
from streams.records import Record

FEED: Final = "rustok_feed"
ATTEMPTS: Final = "rustok_attempts"
FIRST_FAILED_AT: Final = "rustok_first_failed_at"
FAILED_AT: Final = "rustok_failed_at"
COMMITTED_MS: Final = "rustok_committed_ms"
REPLAY: Final = "rustok_replay"
CONNECT: Final = "__connect.errors."
STREAMS: Final = "__streams.errors."
_OURS: Final = frozenset({FEED, ATTEMPTS, FIRST_FAILED_AT, FAILED_AT, COMMITTED_MS, REPLAY})

Headers = list[tuple[str, str | bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`error` is a class of errors (`Undecodable`), `reason` what is wrong here. Parked: newer than known."""

    record: Record
    feed: str
    error: str
    reason: str
    parked: bool = False


class Graveyard(Protocol):
    def bury(self, letters: Sequence[Letter]) -> None:
        """Returns when every letter is durable; raises `Unavailable` when that cannot be had now."""

    def settle(self, feed: str, records: Sequence[Again]) -> None:
        """Tells that these are applied. Returns and raises like `bury`."""


class KafkaGraveyard:
    def __init__(self, bootstrap: str, timeout_s: float = 10.0) -> None:
        self._timeout_s = timeout_s
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "acks": "all",
                "message.max.bytes": 9_000_000,
                "delivery.timeout.ms": int(timeout_s * 1000),
            }
        )

    def bury(self, letters: Sequence[Letter]) -> None:
        now = datetime.now(UTC)
        topics = [(PARKED if letter.parked else DEAD_LETTERS).name for letter in letters]
        self._send(
            [
                (topic, letter.record.key, letter.record, headers(letter, now))
                for topic, letter in zip(topics, letters, strict=True)
            ]
        )

    def settle(self, feed: str, records: Sequence[Again]) -> None:
        now = datetime.now(UTC)
        self._send(
            [
                (SETTLED.name, str(_id(feed, record)).encode(), record, settled_headers(feed, record, now))
                for record in records
            ]
        )

    def _send(self, sent: Sequence[tuple[str, bytes | None, Record, Headers]]) -> None:
        undelivered: list[str] = []

        def delivered(error: object, _: object) -> None:
            if error is not None:
                undelivered.append(str(error))

        try:
            for topic, key, record, told in sent:
                self._producer.produce(topic, key=key, value=record.value, headers=told, on_delivery=delivered)
            waiting = self._producer.flush(self._timeout_s + 1)
        except (KafkaException, BufferError) as down:
            raise Unavailable(f"Kafka does not take dead letters: {down}") from down
        if undelivered or waiting:
            raise Unavailable(f"Kafka did not take {len(undelivered) + waiting} dead letters: {undelivered[:1]}")


def headers(letter: Letter, now: datetime) -> Headers:
    """The record's own headers, then the reason in the words of Kafka Connect and of Kafka Streams, then ours."""
    record = letter.record
    connect = _position(record) | {
        "connector.name": letter.feed,
        "task.id": "0",
        "stage": "VALUE_CONVERTER",
        "exception.class.name": letter.error,
        "exception.message": letter.reason,
    }
    streams = _position(record) | {"exception": letter.error, "message": letter.reason}
    return [
        *original(record.headers),
        *((CONNECT + name, text.encode()) for name, text in connect.items()),
        *((STREAMS + name, text.encode()) for name, text in streams.items()),
        *_history(letter.feed, record, now),
    ]


def settled_headers(feed: str, record: Again, now: datetime) -> Headers:
    position = ((STREAMS + name, text.encode()) for name, text in _position(record).items())
    return [*original(record.headers), *position, *_history(feed, record, now)]


def original(of: Sequence[tuple[str, bytes | None]]) -> list[tuple[str, bytes | None]]:
    """Without what was written beside a letter."""
    return [(name, value) for name, value in of if name not in _OURS and not name.startswith((CONNECT, STREAMS))]


def _history(feed: str, record: Record, now: datetime) -> Headers:
    """Its feed, how often that tried it, first and last time."""
    again = record if isinstance(record, Again) else None
    first = now if again is None else again.first_failed_at
    told = {
        FEED: feed,
        ATTEMPTS: str(1 if again is None else again.attempts + 1),
        FIRST_FAILED_AT: first.isoformat(),
        FAILED_AT: now.isoformat(),
        COMMITTED_MS: str(record.timestamp),
    }
    if again is not None and again.replay is not None:
        told[REPLAY] = str(again.replay)
    return [(name, text.encode()) for name, text in told.items()]


def _position(record: Record) -> dict[str, str]:
    return {"topic": record.topic, "partition": str(record.partition), "offset": str(record.offset)}


def _id(feed: str, record: Record) -> object:
    return letter_id(feed, record.topic, record.partition, record.offset, record.timestamp)

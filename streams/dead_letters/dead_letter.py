"""Says what a dead letter is: a record that a feed could not use, its bytes untouched, the reason in its headers.

The header names are those of Kafka Connect and Kafka Streams: their tools read our dead letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from schemas.events.dead_letter import dead_letter_id
from streams.dead_letters.retried_record import RetriedRecord
from streams.kafka_record import KafkaRecord

FEED: Final = "rustok_feed"
ATTEMPTS: Final = "rustok_attempts"
FIRST_FAILED_AT: Final = "rustok_first_failed_at"
FAILED_AT: Final = "rustok_failed_at"
COMMITTED_MS: Final = "rustok_committed_ms"
REPLAY: Final = "rustok_replay"
#: Of a record that is told without a part of it: how large it was, and the SHA-256 of its value.
CUT_BYTES: Final = "rustok_cut_bytes"
CUT_SHA256: Final = "rustok_cut_sha256"
CONNECT: Final = "__connect.errors."
STREAMS: Final = "__streams.errors."
OURS: Final = frozenset({FEED, ATTEMPTS, FIRST_FAILED_AT, FAILED_AT, COMMITTED_MS, REPLAY, CUT_BYTES, CUT_SHA256})

Told = TypeVar("Told", bytes | None, str | bytes | None)
Headers = list[tuple[str, str | bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableRecord:
    """`feed` is the id of the read model that is fed: two versions of one have dead letters each. `error` is a class of
    errors (`Undecodable`), `reason` what is wrong here. Parked: newer than known.

    `trace` is where in the code it came up, for what nobody foresaw.
    """

    record: KafkaRecord
    feed: str
    error: str
    reason: str
    parked: bool = False
    trace: str = ""


def headers(unusable: UnusableRecord, now: datetime) -> Headers:
    """The record's own headers, then the reason in the words of Kafka Connect and of Kafka Streams, then ours."""
    record = unusable.record
    connect = _position(record) | {
        "connector.name": unusable.feed,
        "task.id": "0",
        "stage": "VALUE_CONVERTER",
        "exception.class.name": unusable.error,
        "exception.message": unusable.reason,
    }
    if unusable.trace:
        connect["exception.stacktrace"] = unusable.trace
    streams = _position(record) | {"exception": unusable.error, "message": unusable.reason}
    return [
        *original(record.headers),
        *((CONNECT + name, text.encode()) for name, text in connect.items()),
        *((STREAMS + name, text.encode()) for name, text in streams.items()),
        *_history(unusable.feed, record, now),
    ]


def settled_headers(feed: str, record: RetriedRecord, now: datetime) -> Headers:
    position = ((STREAMS + name, text.encode()) for name, text in _position(record).items())
    return [*original(record.headers), *position, *_history(feed, record, now)]


def original(of: Sequence[tuple[str, Told]]) -> list[tuple[str, Told]]:
    """Without what was written beside a dead letter.

    A NUL in a name is spelled out: the client would end the name there, and make another header of it.
    """
    return [
        (name.replace("\0", "\\0"), value)
        for name, value in of
        if name not in OURS and not name.startswith((CONNECT, STREAMS))
    ]


def _history(feed: str, record: KafkaRecord, now: datetime) -> Headers:
    """Its feed, how often that tried it, first and last time."""
    again = record if isinstance(record, RetriedRecord) else None
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


def _position(record: KafkaRecord) -> dict[str, str]:
    return {"topic": record.topic, "partition": str(record.partition), "offset": str(record.offset)}


def id_of(feed: str, record: KafkaRecord) -> object:
    return dead_letter_id(feed, record.topic, record.partition, record.offset, record.timestamp)

"""Sends a record that a feed cannot use to a topic of its own, its bytes untouched, the reason beside.

Bad data goes to the dead letters; what is only newer than this code is parked. The header names are those of Kafka
Connect and Kafka Streams: their tools read our letters. A letter is buried when Kafka has acknowledged it, not before.
What was a letter and is applied now is told, too: it is settled. A record that Kafka does not take again as a whole is
told without what is too large, with its size, its hash and its place: nothing waits for ever because it is large.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

from confluent_kafka import KafkaError, KafkaException

from ops.clients import kafka as kafka_clients
from ops.clients.access import Brokers
from schemas.events.letter import letter_id
from schemas.topics import DEAD_LETTERS, LARGEST_LETTER, PARKED, SETTLED
from streams.kafka_away import KafkaAway
from streams.letters.again import Again
from streams.records import Record

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
_OURS: Final = frozenset({FEED, ATTEMPTS, FIRST_FAILED_AT, FAILED_AT, COMMITTED_MS, REPLAY, CUT_BYTES, CUT_SHA256})

#: What is left of a value, a key and a header that are too large together.
_CUT_VALUE: Final = 512 * 1024
_CUT_HEADER: Final = 4096
_CUT_HEADERS: Final = 100

Told = TypeVar("Told", bytes | None, str | bytes | None)
Headers = list[tuple[str, str | bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`feed` is the id of the read model that is fed: two versions of one have letters each. `error` is a class of
    errors (`Undecodable`), `reason` what is wrong here. Parked: newer than known.

    `trace` is where in the code it came up, for what nobody foresaw.
    """

    record: Record
    feed: str
    error: str
    reason: str
    parked: bool = False
    trace: str = ""


class Graveyard(Protocol):
    def bury(self, letters: Sequence[Letter]) -> None:
        """Returns when every letter is durable; raises `Unavailable` when that cannot be had now."""

    def settle(self, feed: str, records: Sequence[Again]) -> None:
        """Tells that these are applied. Returns and raises like `bury`."""


class KafkaGraveyard:
    def __init__(self, bootstrap: Brokers, timeout_s: float = 10.0) -> None:
        self._timeout_s = timeout_s
        self._producer = kafka_clients.producer(
            bootstrap,
            {
                "enable.idempotence": True,
                "acks": "all",
                "message.max.bytes": LARGEST_LETTER,
                "delivery.timeout.ms": int(timeout_s * 1000),
            },
        )

    def bury(self, letters: Sequence[Letter]) -> None:
        now = datetime.now(UTC)
        self._send(
            [
                _Sent(
                    topic=(PARKED if letter.parked else DEAD_LETTERS).name,
                    key=letter.record.key,
                    value=letter.record.value,
                    headers=headers(letter, now),
                )
                for letter in letters
            ]
        )

    def settle(self, feed: str, records: Sequence[Again]) -> None:
        now = datetime.now(UTC)
        self._send(
            [
                _Sent(
                    topic=SETTLED.name,
                    key=str(_id(feed, record)).encode(),
                    value=record.value,
                    headers=settled_headers(feed, record, now),
                )
                for record in records
            ]
        )

    def _send(self, sent: Sequence["_Sent"]) -> None:
        too_large = self._deliver(sent)
        if too_large and self._deliver([cut(one) for one in too_large]):
            raise KafkaAway("Kafka does not even take a dead letter of half a megabyte: see its max.message.bytes")

    def _deliver(self, sent: Sequence["_Sent"]) -> list["_Sent"]:
        """Gives those that Kafka says are too large; raises `Unavailable` when any other is not there for certain."""
        too_large: list[_Sent] = []
        undelivered: list[str] = []

        def delivered(one: _Sent, error: KafkaError | None) -> None:
            if error is not None and error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
                too_large.append(one)
            elif error is not None:
                undelivered.append(str(error))

        try:
            for one in sent:
                try:
                    self._produce(one, delivered)
                except KafkaException as refused:
                    delivered(one, refused.args[0])
            waiting = self._producer.flush(self._timeout_s + 1)
        except (KafkaException, BufferError) as down:
            raise KafkaAway(f"Kafka does not take dead letters: {down}") from down
        if undelivered or waiting:
            raise KafkaAway(f"Kafka did not take {len(undelivered) + waiting} dead letters: {undelivered[:1]}")
        return too_large

    def _produce(self, one: "_Sent", delivered: "Callable[[_Sent, KafkaError | None], None]") -> None:
        def acknowledged(error: KafkaError | None, _: object) -> None:
            delivered(one, error)

        try:
            self._producer.produce(
                one.topic, key=one.key, value=one.value, headers=one.headers, on_delivery=acknowledged
            )
        except BufferError:  # the client's queue is full: of letters that are on their way, or of large ones
            self._producer.flush(self._timeout_s + 1)
            self._producer.produce(
                one.topic, key=one.key, value=one.value, headers=one.headers, on_delivery=acknowledged
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


def cut(sent: _Sent) -> _Sent:
    """What is told of a letter that is too large: the beginning of its value and of its key, headers that are short."""
    value, key = sent.value or b"", sent.key
    ours = [each for each in sent.headers if each[0] in _OURS or each[0].startswith((CONNECT, STREAMS))]
    theirs = [(name, told) for name, told in original(sent.headers) if len(name) + len(told or b"") <= _CUT_HEADER][
        :_CUT_HEADERS
    ]
    whole = len(value) + len(key or b"") + sum(len(name) + len(told or b"") for name, told in sent.headers)
    about: Headers = [(CUT_BYTES, str(whole).encode()), (CUT_SHA256, hashlib.sha256(value).hexdigest().encode())]
    return _Sent(
        topic=sent.topic,
        key=None if key is None else key[:_CUT_HEADER],
        value=None if sent.value is None else value[:_CUT_VALUE],
        headers=[*theirs, *ours, *about],
    )


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
    if letter.trace:
        connect["exception.stacktrace"] = letter.trace
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


def original(of: Sequence[tuple[str, Told]]) -> list[tuple[str, Told]]:
    """Without what was written beside a letter.

    A NUL in a name is spelled out: the client would end the name there, and make another header of it.
    """
    return [
        (name.replace("\0", "\\0"), value)
        for name, value in of
        if name not in _OURS and not name.startswith((CONNECT, STREAMS))
    ]


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

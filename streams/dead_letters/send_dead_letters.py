"""Sends what a feed cannot use to a topic of its own: bad data to the dead letters, what is only newer is parked.

A dead letter is sent when Kafka has acknowledged it, not before. What was one and is applied now is told, too: it is
settled. A record that Kafka does not take again as a whole is sent without what is too large, with its size, its hash
and its place: nothing waits for ever because it is large.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from confluent_kafka import KafkaError, KafkaException

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers
from schemas.topics import DEAD_LETTERS, LARGEST_DEAD_LETTER, PARKED, SETTLED
from streams.dead_letters.dead_letter import (
    CONNECT,
    CUT_BYTES,
    CUT_SHA256,
    OURS,
    STREAMS,
    Headers,
    UnusableRecord,
    headers,
    id_of,
    original,
    settled_headers,
)
from streams.dead_letters.retried_record import RetriedRecord
from streams.kafka_unavailable import KafkaUnavailable

#: What is left of a value, a key and a header that are too large together.
_CUT_VALUE: Final = 512 * 1024
_CUT_HEADER: Final = 4096
_CUT_HEADERS: Final = 100


class DeadLetters(Protocol):
    def send(self, records: Sequence[UnusableRecord]) -> None:
        """Returns when every dead letter is durable; raises `Unavailable` when that cannot be had now."""

    def settle(self, feed: str, records: Sequence[RetriedRecord]) -> None:
        """Tells that these are applied. Returns and raises like `send`."""


class KafkaDeadLetters:
    def __init__(self, bootstrap: Brokers, timeout_s: float = 10.0) -> None:
        self._timeout_s = timeout_s
        self._producer = kafka_clients.producer(
            bootstrap,
            {
                "enable.idempotence": True,
                "acks": "all",
                "message.max.bytes": LARGEST_DEAD_LETTER,
                "delivery.timeout.ms": int(timeout_s * 1000),
            },
        )

    def send(self, records: Sequence[UnusableRecord]) -> None:
        now = datetime.now(UTC)
        self._send(
            [
                _Sent(
                    topic=(PARKED if unusable.parked else DEAD_LETTERS).name,
                    key=unusable.record.key,
                    value=unusable.record.value,
                    headers=headers(unusable, now),
                )
                for unusable in records
            ]
        )

    def settle(self, feed: str, records: Sequence[RetriedRecord]) -> None:
        now = datetime.now(UTC)
        self._send(
            [
                _Sent(
                    topic=SETTLED.name,
                    key=str(id_of(feed, record)).encode(),
                    value=record.value,
                    headers=settled_headers(feed, record, now),
                )
                for record in records
            ]
        )

    def _send(self, sent: Sequence["_Sent"]) -> None:
        too_large = self._deliver(sent)
        if too_large and self._deliver([cut(one) for one in too_large]):
            raise KafkaUnavailable(
                "Kafka does not even take a dead letter of half a megabyte: see its max.message.bytes"
            )

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
            raise KafkaUnavailable(f"Kafka does not take dead letters: {down}") from down
        if undelivered or waiting:
            raise KafkaUnavailable(f"Kafka did not take {len(undelivered) + waiting} dead letters: {undelivered[:1]}")
        return too_large

    def _produce(self, one: "_Sent", delivered: "Callable[[_Sent, KafkaError | None], None]") -> None:
        def acknowledged(error: KafkaError | None, _: object) -> None:
            delivered(one, error)

        try:
            self._producer.produce(
                one.topic, key=one.key, value=one.value, headers=one.headers, on_delivery=acknowledged
            )
        except BufferError:  # the client's queue is full: of dead letters that are on their way, or of large ones
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
    """What is told of one that is too large: the beginning of its value and of its key, headers that are short."""
    value, key = sent.value or b"", sent.key
    ours = [each for each in sent.headers if each[0] in OURS or each[0].startswith((CONNECT, STREAMS))]
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

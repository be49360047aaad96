"""Where does a record go that a feed cannot use? To a topic of its own, its bytes untouched, the reason beside.

Bad data goes to the dead letters; what is only newer than this code is parked. The header names are those of Kafka
Connect and Kafka Streams: their tools read our letters. A letter is buried when Kafka has acknowledged it, not before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from confluent_kafka import KafkaException, Producer

from schemas.topics import DEAD_LETTERS, PARKED
from sinks.sink import Unavailable
from streams.records import Record


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
        undelivered: list[str] = []

        def delivered(error: object, _: object) -> None:
            if error is not None:
                undelivered.append(str(error))

        try:
            for letter in letters:
                self._producer.produce(
                    (PARKED if letter.parked else DEAD_LETTERS).name,
                    key=letter.record.key,
                    value=letter.record.value,
                    headers=headers(letter, datetime.now(UTC)),
                    on_delivery=delivered,
                )
            waiting = self._producer.flush(self._timeout_s + 1)
        except (KafkaException, BufferError) as down:
            raise Unavailable(f"Kafka does not take dead letters: {down}") from down
        if undelivered or waiting:
            raise Unavailable(f"Kafka did not take {len(undelivered) + waiting} dead letters: {undelivered[:1]}")


def headers(letter: Letter, now: datetime) -> list[tuple[str, str | bytes | None]]:
    """The record's own headers, then the reason in the words of Kafka Connect and of Kafka Streams."""
    record = letter.record
    position = {"topic": record.topic, "partition": str(record.partition), "offset": str(record.offset)}
    connect = position | {
        "connector.name": letter.feed,
        "task.id": "0",
        "stage": "VALUE_CONVERTER",
        "exception.class.name": letter.error,
        "exception.message": letter.reason,
    }
    streams = position | {"exception": letter.error, "message": letter.reason}
    return [
        *record.headers,
        *((f"__connect.errors.{name}", text.encode()) for name, text in connect.items()),
        *((f"__streams.errors.{name}", text.encode()) for name, text in streams.items()),
        ("rustok_feed", letter.feed.encode()),
        ("rustok_failed_at", now.isoformat().encode()),
    ]

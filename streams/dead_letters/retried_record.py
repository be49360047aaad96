"""Describes a record that is tried again: to the feed the record it was, with what is known about its failures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.events.dead_letter import DeadLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriedRecord:
    """A `KafkaRecord` at its original place. `attempts` have failed; `replay` is the version at which somebody asked
    for another one, None when nobody did.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    timestamp: int
    attempts: int
    first_failed_at: datetime
    replay: int | None = None


def retried_record(dead_letter: DeadLetter, replay: int) -> RetriedRecord:
    return RetriedRecord(
        topic=dead_letter.topic,
        partition=dead_letter.partition,
        offset=dead_letter.offset,
        key=dead_letter.key,
        value=dead_letter.value,
        headers=tuple((header.name, header.value) for header in dead_letter.headers),
        timestamp=dead_letter.committed_ms,
        attempts=dead_letter.attempts,
        first_failed_at=datetime.fromtimestamp(dead_letter.first_failed_ms / 1000, UTC),
        replay=replay,
    )

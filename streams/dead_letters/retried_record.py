"""Describes a record that is tried again: to the feed the record it was, with what is known about its failures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.events.letter import Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriedRecord:
    """A `streams.records.Record` at its original place. `attempts` have failed; `replay` is the version at which
    somebody asked for another one, None when nobody did.
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


def retried_record(letter: Letter, replay: int) -> RetriedRecord:
    return RetriedRecord(
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        key=letter.key,
        value=letter.value,
        headers=tuple((header.name, header.value) for header in letter.headers),
        timestamp=letter.committed_ms,
        attempts=letter.attempts,
        first_failed_at=datetime.fromtimestamp(letter.first_failed_ms / 1000, UTC),
        replay=replay,
    )

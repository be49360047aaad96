"""What does a record of the dead-letter, parked or settled topic say? Which letter it is about, and what is so now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from schemas.events.letter import letter_id
from schemas.topics import DEAD_LETTERS, PARKED, SETTLED
from streams import dead_letters
from streams.letters.again import Again

Said = Literal["dead", "parked", "settled"]
TOPICS: Final[dict[str, Said]] = {DEAD_LETTERS.name: "dead", PARKED.name: "parked", SETTLED.name: "settled"}

Header = tuple[str, bytes | None]


class NotALetter(ValueError):
    """A record that no feed of ours wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """`record` is what the feed could not use. `error` and `reason` are empty for what is settled."""

    id: UUID
    said: Said
    feed: str
    record: Again
    tenant_id: UUID | None
    event_type: str
    error: str
    reason: str
    attempts: int
    last_failed_at: datetime


def read(topic: str, key: bytes | None, value: bytes | None, headers: Sequence[Header], timestamp_ms: int) -> Arrived:
    """Raises `NotALetter`. What older feeds did not write yet is taken from the record itself."""
    said = TOPICS[topic]
    found = {name: value.decode(errors="replace") for name, value in headers if value is not None}
    arrived = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    try:
        feed = found[dead_letters.FEED]
        position = found[f"{dead_letters.STREAMS}topic"]
        partition, offset = (int(found[dead_letters.STREAMS + name]) for name in ("partition", "offset"))
        last = _moment(found.get(dead_letters.FAILED_AT), arrived)
        record = Again(
            topic=position,
            partition=partition,
            offset=offset,
            # What is settled is told under the letter's own id, so that the newest word about it stays.
            key=_text_or_none(found.get("ce_aggregateid")) if said == "settled" else key,
            value=value,
            headers=dead_letters.original(headers),
            timestamp=int(found.get(dead_letters.COMMITTED_MS, timestamp_ms)),
            attempts=int(found.get(dead_letters.ATTEMPTS, "1")),
            first_failed_at=_moment(found.get(dead_letters.FIRST_FAILED_AT), last),
            replay=int(found[dead_letters.REPLAY]) if dead_letters.REPLAY in found else None,
        )
    except (KeyError, ValueError) as wrong:
        raise NotALetter(f"a header is missing or does not parse: {wrong}") from wrong
    return Arrived(
        id=letter_id(feed, position, partition, offset, record.timestamp),
        said=said,
        feed=feed,
        record=record,
        tenant_id=_uuid_or_none(found.get("ce_tenantid")),
        event_type=found.get("ce_type", ""),
        error=found.get(f"{dead_letters.STREAMS}exception", ""),
        reason=found.get(f"{dead_letters.STREAMS}message", ""),
        attempts=record.attempts,
        last_failed_at=last,
    )


def _moment(text: str | None, otherwise: datetime) -> datetime:
    return otherwise if text is None else datetime.fromisoformat(text)


def _text_or_none(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def _uuid_or_none(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None

"""Reads a record of the dead-letter, parked or settled topic: which dead letter it is about, and what is so now."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from schemas.events.dead_letter import dead_letter_id, versioned
from schemas.topics import DEAD_LETTERS, PARKED, SETTLED
from streams.dead_letters import dead_letter
from streams.dead_letters.retried_record import RetriedRecord

DeadLetterKind = Literal["dead", "parked", "settled"]
TOPICS: Final[dict[str, DeadLetterKind]] = {DEAD_LETTERS.name: "dead", PARKED.name: "parked", SETTLED.name: "settled"}

#: What is read of a header: what a feed of ours writes is shorter.
_LONGEST: Final = 8192
_LONGEST_NAME: Final = 255
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)

Header = tuple[str, bytes | None]


class NotADeadLetter(ValueError):
    """A record that no feed of ours wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedRecord:
    """`record` is what the feed could not use. `error` and `reason` are empty for what is settled."""

    id: UUID
    kind: DeadLetterKind
    feed: str
    record: RetriedRecord
    tenant_id: UUID | None
    event_type: str
    error: str
    reason: str
    attempts: int
    last_failed_at: datetime


def read(
    topic: str, key: bytes | None, value: bytes | None, headers: Sequence[Header], timestamp_ms: int
) -> CollectedRecord:
    """Raises `NotADeadLetter`. What older feeds did not write yet is taken from the record itself."""
    kind = TOPICS[topic]
    found = {name: value[:_LONGEST].decode(errors="replace") for name, value in headers if value is not None}
    try:
        arrived = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
        feed, position = versioned(_name(found[dead_letter.FEED])), _name(found[f"{dead_letter.STREAMS}topic"])
        partition, offset = (_whole(found[dead_letter.STREAMS + name]) for name in ("partition", "offset"))
        last = _moment(found.get(dead_letter.FAILED_AT), arrived)
        record = RetriedRecord(
            topic=position,
            partition=partition,
            offset=offset,
            # What is settled is told under the dead letter's own id, so that the newest word about it stays.
            key=_text_or_none(found.get("ce_aggregateid")) if kind == "settled" else key,
            value=value,
            headers=dead_letter.original(headers),
            timestamp=_whole(found.get(dead_letter.COMMITTED_MS, str(timestamp_ms))),
            attempts=_whole(found.get(dead_letter.ATTEMPTS, "1")),
            first_failed_at=_moment(found.get(dead_letter.FIRST_FAILED_AT), last),
            replay=_whole(found[dead_letter.REPLAY]) if dead_letter.REPLAY in found else None,
        )
        datetime.fromtimestamp(record.timestamp / 1000, UTC)  # a moment that the table can hold
    except (KeyError, ValueError, OverflowError, OSError) as wrong:
        raise NotADeadLetter(f"a header is missing or does not parse: {wrong}") from wrong
    return CollectedRecord(
        id=dead_letter_id(feed, position, partition, offset, record.timestamp),
        kind=kind,
        feed=feed,
        record=record,
        tenant_id=_uuid_or_none(found.get("ce_tenantid")),
        event_type=found.get("ce_type", "")[:_LONGEST_NAME],
        error=found.get(f"{dead_letter.STREAMS}exception", "")[:_LONGEST_NAME],
        reason=found.get(f"{dead_letter.STREAMS}message", ""),
        attempts=record.attempts,
        last_failed_at=last,
    )


def _moment(text: str | None, otherwise: datetime) -> datetime:
    if text is None:
        return otherwise
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return moment


def _name(text: str) -> str:
    """Of a feed or a topic: Kafka's are shorter than that, and an index could not hold a longer one."""
    if not 0 < len(text) <= _LONGEST_NAME or "\0" in text:
        raise ValueError(f"{text[:100]!r} is no name")
    return text


def _whole(text: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise ValueError(f"{text[:100]!r} is no whole number")
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{text} has more than 64 bits")
    return number


def _text_or_none(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def _uuid_or_none(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None

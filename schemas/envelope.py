"""Describes every event the same way, whatever it tells: who, when, for whom, because of what.

On Kafka an envelope travels as CloudEvents 1.0 headers (binary content mode); in Postgres as columns of the outbox.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

SPEC_VERSION = "1.0"
SOURCE = "/rustok"

VERSION_HEADER: Final = "ce_aggregateversion"
TENANT_HEADER: Final = "ce_tenantid"
AGGREGATE_HEADER: Final = "ce_aggregateid"
#: Every store can hold it, with 23 bits to spare in a signed 64-bit number.
LARGEST_VERSION: Final = 2**40 - 1
EPOCH_HEADER: Final = "ce_epoch"
VERSION_BITS: Final = 40
LARGEST_EPOCH: Final = 2**22 - 1

Header = tuple[str, bytes | None]

#: What an envelope is read from. Any other header is somebody else's: bytes, in whatever encoding.
_OURS: Final = frozenset(
    {
        "ce_id",
        "ce_type",
        "ce_schemaversion",
        TENANT_HEADER,
        AGGREGATE_HEADER,
        VERSION_HEADER,
        "ce_correlationid",
        "ce_causationid",
        "traceparent",
        "ce_time",
        "ce_actorid",
        EPOCH_HEADER,
    }
)
#: Far more than any of ours has; what is longer would be carried on into logs, rows and dead letters.
_LONGEST: Final = 4096
_COUNT: Final = re.compile(rb"[1-9][0-9]{0,12}")
_ID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


class MalformedHeaders(ValueError):
    """A record's headers do not form an envelope; the message names the header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The facts beside an event.

    `aggregate_version` counts the committed changes of one aggregate from 1 without gaps. `correlation_id` comes from
    the request that started it all; `causation_id` is the event or command directly before this one, if any.
    `occurred_at` is when it happened in the shop (an imported order keeps its own time), in UTC. `epoch` is raised when
    the database was put back to an older copy: what is of an older one is older, whatever its version.
    """

    id: UUID
    event_type: str
    schema_version: int
    tenant_id: UUID
    aggregate_id: UUID
    aggregate_version: int
    correlation_id: str
    causation_id: str | None
    traceparent: str
    occurred_at: datetime
    actor_id: str
    epoch: int = 0

    @property
    def order(self) -> int:
        """What is newer has the higher one, also across epochs."""
        return order_of(self.epoch, self.aggregate_version)


def order_of(epoch: int, aggregate_version: int) -> int:
    """Both as the one number that stores compare: versions stay below 2^40, epochs below 2^22."""
    return (epoch << VERSION_BITS) | aggregate_version


def version_of(order: int) -> int:
    """The aggregate's version in such a number."""
    return order & ((1 << VERSION_BITS) - 1)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds, as `ce_time` carries it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def count(text: bytes | None, largest: int = LARGEST_VERSION) -> int | None:
    """A number from 1 as we write it: ASCII digits and nothing else. None for anything else, or for a larger one."""
    if text is None or _COUNT.fullmatch(text) is None:
        return None
    number = int(text)
    return number if number <= largest else None


def from_headers(headers: Iterable[Header]) -> Envelope:
    """The envelope of a record. Raises `MalformedHeaders` when one is missing or does not parse.

    Of several of one name the last counts, as CloudEvents has it; one without a value is not there.
    """
    found = {name: value for name, value in headers if name in _OURS}
    return Envelope(
        id=_id(found, "ce_id"),
        event_type=_text(found, "ce_type"),
        schema_version=_count(found, "ce_schemaversion"),
        tenant_id=_id(found, TENANT_HEADER),
        aggregate_id=_id(found, AGGREGATE_HEADER),
        aggregate_version=_count(found, VERSION_HEADER),
        correlation_id=_text(found, "ce_correlationid"),
        causation_id=None if found.get("ce_causationid") is None else _text(found, "ce_causationid"),
        traceparent=_text(found, "traceparent"),
        occurred_at=_moment(found, "ce_time"),
        actor_id=_text(found, "ce_actorid"),
        epoch=_epoch(found),
    )


_Found = dict[str, bytes | None]


def _bytes(found: _Found, name: str) -> bytes:
    value = found.get(name)
    if value is None:
        raise MalformedHeaders(f"header {name} is missing")
    if len(value) > _LONGEST:
        raise MalformedHeaders(f"header {name} has {len(value)} bytes, and {_LONGEST} at most are read")
    return value


def _text(found: _Found, name: str) -> str:
    value = _bytes(found, name)
    try:
        text = value.decode()
    except UnicodeDecodeError as wrong:
        raise MalformedHeaders(f"header {name} is not UTF-8: {wrong.reason} at byte {wrong.start}") from wrong
    if "\0" in text:
        raise MalformedHeaders(f"header {name} has a NUL in it")
    return text


def _id(found: _Found, name: str) -> UUID:
    text = _text(found, name)
    if _ID.fullmatch(text) is None:
        raise MalformedHeaders(f"header {name} is no UUID: {text[:100]!r}")
    return UUID(text)


def _count(found: _Found, name: str) -> int:
    value = _bytes(found, name)
    number = count(value)
    if number is None:
        raise MalformedHeaders(f"header {name} is no whole number from 1 to {LARGEST_VERSION}: {value[:100]!r}")
    return number


def epoch(text: bytes | None) -> int | None:
    """The epoch that a header says; 0 when there is none, None when it is no number of ours."""
    return 0 if text is None or text == b"0" else count(text, LARGEST_EPOCH)


def _epoch(found: _Found) -> int:
    number = epoch(found.get(EPOCH_HEADER))
    if number is None:
        raise MalformedHeaders(f"header {EPOCH_HEADER} is no whole number from 0 to {LARGEST_EPOCH}")
    return number


def _moment(found: _Found, name: str) -> datetime:
    text = _text(found, name)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise MalformedHeaders(f"header {name} is no time: {text[:100]!r}") from wrong
    if moment.tzinfo is None:
        raise MalformedHeaders(f"header {name} has no zone: {text[:100]!r}")
    return moment

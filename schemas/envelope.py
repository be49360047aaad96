"""What is said about every event, whatever it tells: who, when, for whom, because of what.

On Kafka an envelope travels as CloudEvents 1.0 headers (binary content mode); in Postgres as columns of the outbox.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

SPEC_VERSION = "1.0"
SOURCE = "/rustok"

Header = tuple[str, bytes | None]


class MalformedHeaders(ValueError):
    """A record's headers do not form an envelope; the message names the header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The facts beside an event.

    `aggregate_version` counts the committed changes of one aggregate from 1 without gaps. `correlation_id` comes from
    the request that started it all; `causation_id` is the event or command directly before this one, if any.
    `occurred_at` is when it happened in the shop (an imported order keeps its own time), in UTC.
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


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds, as `ce_time` carries it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_headers(headers: Iterable[Header]) -> Envelope:
    """The envelope of a record. Raises `MalformedHeaders` when one is missing or does not parse."""
    found = {name: value.decode() for name, value in headers if value is not None}
    try:
        return Envelope(
            id=UUID(found["ce_id"]),
            event_type=found["ce_type"],
            schema_version=int(found["ce_schemaversion"]),
            tenant_id=UUID(found["ce_tenantid"]),
            aggregate_id=UUID(found["ce_aggregateid"]),
            aggregate_version=int(found["ce_aggregateversion"]),
            correlation_id=found["ce_correlationid"],
            causation_id=found.get("ce_causationid"),
            traceparent=found["traceparent"],
            occurred_at=datetime.fromisoformat(found["ce_time"]),
            actor_id=found["ce_actorid"],
        )
    except KeyError as missing:
        raise MalformedHeaders(f"header {missing.args[0]} is missing") from missing
    except ValueError as wrong:
        raise MalformedHeaders(f"a header does not parse: {wrong}") from wrong

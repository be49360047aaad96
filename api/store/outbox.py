"""Makes events leave: as outbox rows, encoded and checked inside the transaction of the change they tell."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

from api.domain.changes import Decision
from api.store import column_arrays, epochs
from schemas.envelope import Envelope
from schemas.event_catalogue import history_of
from schemas.event_codec import Encoder
from schemas.outbox_row import OutboxRow, row


@dataclass(slots=True, kw_only=True)
class Act:
    """What a request does by a permission that leaves a row of the audit trail (`api.domain.audit`).

    `call` is the route, `object` what it is done to, as far as that is known by now; `about` the shop it is done in.
    `detail` says more, without anything of people.
    `settled`: a row of it is written, or none is due, since nothing was done.
    """

    permission: str
    call: str
    object: str = ""
    about: UUID | None = None
    reason: str = ""
    detail: dict[str, str | int] = field(default_factory=dict)
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Who wants the change, and in which request: the causation of every event of it is `request_id`.

    `role` is what they are in this, `address` where they are; nobody's outside of requests. With an `act` the change
    leaves a row of the audit trail.
    """

    actor_id: str
    request_id: UUID
    correlation_id: str
    traceparent: str
    role: str = ""
    address: str = ""
    act: Act | None = None


def envelopes(change: Decision[Any], tenant_id: UUID, cause: Cause) -> Iterator[tuple[Envelope, Any]]:
    """Of each event of the change, and the event."""
    for version, happened in enumerate(change.happened, start=change.was_at + 1):
        history = history_of(happened.event)
        envelope = Envelope(
            id=uuid7(),
            event_type=history.event_type,
            schema_version=history.newest_version,
            tenant_id=tenant_id,
            aggregate_id=change.aggregate_id,
            aggregate_version=version,
            correlation_id=cause.correlation_id,
            causation_id=str(cause.request_id),
            traceparent=cause.traceparent,
            occurred_at=happened.at,
            actor_id=cause.actor_id,
        )
        yield envelope, happened.event


def rows(change: Decision[Any], tenant_id: UUID, cause: Cause, encoder: Encoder) -> list[OutboxRow]:
    """One row for each event. Raises `event_codec.InvalidEvent` for an event that does not fit its own schema."""
    return [row(envelope, encoder.encode(event)) for envelope, event in envelopes(change, tenant_id, cause)]


def append(connection: psycopg.Connection[Any], leaving: Sequence[OutboxRow]) -> None:
    """All in one statement, in this order: their order in the log is the order of their versions."""
    if not leaving:
        return
    written = connection.execute(
        """
        INSERT INTO outbox (
            id, aggregatetype, aggregateid, type, payload, ce_time, tenant_id, aggregate_version, correlation_id,
            causation_id, actor_id, schema_version, traceparent, epoch
        )
        SELECT *, (SELECT current_epoch()) FROM unnest(
            %s::uuid[], %s::text[], %s::text[], %s::text[], %b::bytea[], %s::text[], %s::text[], %s::text[],
            %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]
        )
        RETURNING (SELECT current_epoch())
        """,
        (
            column_arrays.ids(row.id for row in leaving),
            column_arrays.texts(row.aggregatetype for row in leaving),
            column_arrays.texts(row.aggregateid for row in leaving),
            column_arrays.texts(row.type for row in leaving),
            [row.payload for row in leaving],
            *_texts(leaving, ("ce_time", "tenant_id", "aggregate_version", "correlation_id")),
            *_texts(leaving, ("causation_id", "actor_id", "schema_version", "traceparent")),
        ),
    ).fetchall()
    epochs.written(max(int(epoch) for (epoch,) in written))


def _texts(leaving: Sequence[OutboxRow], names: Iterable[str]) -> list[str]:
    return [column_arrays.texts(getattr(row, name) for row in leaving) for name in names]

"""Finds what is left of an aggregate that was deleted: the outbox row of its deletion, which is never removed.

Emitting a deletion again is a copy of that row under a new id. Needs a transaction of the role `rustok_keeper`.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

from api.store.outbox import Cause
from schemas.outbox_row import OutboxRow

COLUMNS = (
    "id, aggregatetype, aggregateid, type, payload, ce_specversion, ce_source, ce_time, tenant_id, aggregate_version,"
    " correlation_id, causation_id, actor_id, schema_version, traceparent, epoch"
)
_SELECT = f"""
    SELECT DISTINCT ON (aggregateid) {COLUMNS}
    FROM outbox
    WHERE type LIKE '%%.deleted' AND aggregatetype = %(aggregate)s AND tenant_id = %(tenant)s
"""  # noqa: S608  # a constant
Connection = psycopg.Connection[Any]


def following(
    connection: Connection, aggregate: str, tenant_id: UUID, after: UUID | None, limit: int
) -> list[OutboxRow]:
    """The next deletions, in order of the aggregates' ids."""
    found = connection.execute(
        _SELECT + "AND aggregateid > %(after)s ORDER BY aggregateid, id LIMIT %(limit)s",
        {"aggregate": aggregate, "tenant": str(tenant_id), "after": str(after or ""), "limit": limit},
    )
    return [OutboxRow(**named(row)) for row in found]


def of(connection: Connection, aggregate: str, tenant_id: UUID, ids: Collection[UUID]) -> list[OutboxRow]:
    """The deletions of these, of those that were deleted."""
    found = connection.execute(
        _SELECT + "AND aggregateid = ANY (%(ids)s) ORDER BY aggregateid, id",
        {"aggregate": aggregate, "tenant": str(tenant_id), "ids": [str(id_) for id_ in ids]},
    )
    return [OutboxRow(**named(row)) for row in found]


def again(row: OutboxRow, cause: Cause) -> OutboxRow:
    """The same deletion, told by somebody else."""
    return replace(
        row,
        id=uuid7(),
        correlation_id=cause.correlation_id,
        causation_id=str(cause.request_id),
        actor_id=cause.actor_id,
        traceparent=cause.traceparent,
    )


def named(row: Any) -> dict[str, Any]:
    """By the fields of `OutboxRow`."""
    return dict(zip(OutboxRow.__dataclass_fields__, row, strict=True))

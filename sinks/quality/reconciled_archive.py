"""Compares the orders that readers see with what the archive of events tells of them: each as of its own version.

The archive keeps every version, so an order that changes meanwhile is compared as it was. Whatever readers see, the
archive has once it has passed that moment; and of whatever it has then, readers see that version or a newer one once
they have passed it, too.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import duckdb

from schemas.envelope import VERSION_BITS, Envelope
from schemas.event_catalogue import BY_TYPE
from schemas.event_json import from_json
from sinks.analytics import event_archive, sales_facts
from sinks.analytics.order_rules import why_refused
from sinks.analytics.sales_facts import ORDER_FACTS
from sinks.document_differences import DocumentDifference, between
from sinks.duckdb import duckdb_sink
from sinks.quality.check_results import MOST_EXAMPLES, Result
from sinks.quality.expectation import Expectation, NoRows
from sinks.quality.passed_snapshot import opened_when_passed
from sinks.read_model import ReadModel
from sinks.sink import DocumentChange

_PAGE: Final = 5000
_ORDER: Final = f"(epoch::BIGINT << {VERSION_BITS}) | version"
_TOLD: Final = f"""
    SELECT aggregate_id, type, event_id, schema_version, occurred_at, correlation_id, causation_id, traceparent, epoch,
           version, body
    FROM events JOIN (SELECT unnest(?::UUID[]) AS wanted_id, unnest(?::BIGINT[]) AS wanted_order)
        ON aggregate_id = wanted_id AND {_ORDER} = wanted_order
    WHERE aggregate = 'order' AND tenant_id = ?
"""
_NEWEST: Final = f"""
    SELECT aggregate_id, max({_ORDER}), arg_max(type, {_ORDER}) FROM events
    WHERE aggregate = 'order' AND tenant_id = ? GROUP BY aggregate_id
"""
_ORDERS: Final = sales_facts.MODEL.projections[0]
EXPECTATION: Final = Expectation(
    name="orders_are_what_the_archive_tells",
    table="orders",
    condition=NoRows(""),  # it is no question to a snapshot
    meaning="Each order is the fold of its event of that version in the archive, and the archive has no others.",
    advice="`rustok sinks archive` says whether the archive is whole, `rustok sinks verify sales --full` whether the"
    " orders are as the tables have them: one of both is not.",
)


@dataclass(frozen=True, slots=True)
class Difference:
    tenant_id: UUID
    id: UUID
    is_: str
    why: str


def reconciled(
    analytics: Path,
    now: Callable[[], datetime],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Result:
    """`now` is the clock that watermarks go by. Raises `DoesNotAdvance` and `Unavailable`."""

    def opened(model: ReadModel, moment: datetime) -> duckdb.DuckDBPyConnection:
        return opened_when_passed(analytics, model, moment, sleep, clock)

    with (
        closing(opened(sales_facts.MODEL, datetime.min.replace(tzinfo=UTC))) as seen,
        closing(opened(event_archive.MODEL, now())) as archive,
        closing(opened(sales_facts.MODEL, now())) as seen_then,
    ):
        found = [*_different(seen, archive), *_behind(seen_then, archive)]
    if not found:
        return Result(expectation=EXPECTATION, outcome="passed")
    return Result(
        expectation=EXPECTATION,
        outcome="failed",
        broken=len(found),
        examples=[
            {"tenant_id": str(one.tenant_id), "id": str(one.id), "is": one.is_, "why": one.why}
            for one in found[:MOST_EXAMPLES]
        ],
    )


def _different(seen: duckdb.DuckDBPyConnection, archive: duckdb.DuckDBPyConnection) -> Iterator[Difference]:
    """What readers see and the archive tells otherwise, or not at all."""
    for held in _pages(seen):
        tenant_id = held[0].tenant_id
        told = _folded(archive, tenant_id, {one.id: one.version for one in held})
        for one in held:
            wanted = told.get(one.id)
            if wanted is None:
                yield Difference(tenant_id, one.id, "extra", "the archive has no event of this version")
            elif (other := between("order", one, wanted, _ORDERS.incidental)) is not None:
                yield _of(other)


def _behind(seen: duckdb.DuckDBPyConnection, archive: duckdb.DuckDBPyConnection) -> Iterator[Difference]:
    """What the archive tells and readers do not see, or see as it was before; but for what a rule keeps out."""
    tenants = archive.execute("SELECT DISTINCT tenant_id FROM events WHERE aggregate = 'order'").fetchall()
    for (tenant_id,) in tenants:
        rows = seen.execute("SELECT id, version FROM orders WHERE tenant_id = ?", [tenant_id]).fetchall()
        held = dict(rows)
        newest = archive.execute(_NEWEST, [tenant_id]).fetchall()
        late = {id_: order for id_, order, type_ in newest if type_ != "order.deleted" and held.get(id_, 0) < order}
        for id_, change in _folded(archive, tenant_id, late).items():
            if why_refused(change) is None:
                kind = "stale" if id_ in held else "missing"
                yield Difference(tenant_id, id_, kind, "readers do not see what the archive tells of it")


def _pages(seen: duckdb.DuckDBPyConnection) -> Iterator[Sequence[DocumentChange]]:
    for (tenant_id,) in seen.execute("SELECT DISTINCT tenant_id FROM orders ORDER BY 1").fetchall():
        ids = [
            id_
            for (id_,) in seen.execute("SELECT id FROM orders WHERE tenant_id = ? ORDER BY id", [tenant_id]).fetchall()
        ]
        for first in range(0, len(ids), _PAGE):
            where = "tenant_id = ? AND id IN (SELECT unnest(?::UUID[]))"
            yield list(duckdb_sink.read(seen, ORDER_FACTS, where, [tenant_id, ids[first : first + _PAGE]]))


def _folded(
    archive: duckdb.DuckDBPyConnection, tenant_id: UUID, wanted: Mapping[UUID, int]
) -> dict[UUID, DocumentChange]:
    if not wanted:
        return {}
    rows = archive.execute(_TOLD, [list(wanted), list(wanted.values()), tenant_id]).fetchall()
    return {row[0]: _fold(tenant_id, *row) for row in rows}


def _fold(tenant_id: UUID, id_: UUID, type_: str, event_id: UUID, schema_version: int, *told: Any) -> DocumentChange:
    occurred_at, correlation_id, causation_id, traceparent, epoch, version, body = told
    envelope = Envelope(
        id=event_id,
        event_type=type_,
        schema_version=schema_version,
        tenant_id=tenant_id,
        aggregate_id=id_,
        aggregate_version=version,
        correlation_id=correlation_id,
        causation_id=causation_id,
        traceparent=traceparent,
        occurred_at=occurred_at,
        actor_id="",  # nobody keeps who it was
        epoch=epoch,
    )
    return _ORDERS.fold(envelope, from_json(BY_TYPE[type_].newest, json.loads(body)))


def _of(one: DocumentDifference) -> Difference:
    return Difference(one.tenant_id, one.id, one.kind, one.reason)

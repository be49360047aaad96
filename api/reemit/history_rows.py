"""Finds outbox rows of versions that somebody lacks, and has them leave once more: as they were, with their ids.

A row leaves when it is inserted, so it is removed and put back in one transaction. What is of an older epoch would be
taken for newer than it is, and stays. Needs the roles `rustok_keeper` and, to put rows back, `rustok_app`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.reemit.deletion_rows import COLUMNS, named
from api.store import column_arrays
from schemas.outbox_row import OutboxRow
from schemas.write_model import REEMITTED_BY, KeptHistory

#: What is emitted behind a history has a correlation that begins so: it tells when that was done.
CAUSE: Final = "re-emit-history"
Connection = psycopg.Connection[Any]


def take_turns(connection: Connection, tenant_id: UUID) -> None:
    """Until the end of its transaction nobody else emits history of this shop again."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))", (CAUSE, str(tenant_id)))


def take(
    connection: Connection, aggregate: str, tenant_id: UUID, wanted: Mapping[UUID, Sequence[range]]
) -> list[OutboxRow]:
    """Removes them, and gives them in the order of their versions. Of what was told several times, the first."""
    found = connection.execute(
        f"""
        SELECT DISTINCT ON (aggregateid, aggregate_version::bigint) {COLUMNS}
        FROM outbox
        WHERE aggregatetype = %(aggregate)s AND tenant_id = %(tenant)s AND aggregateid = ANY (%(ids)s)
          AND epoch = (SELECT current_epoch())
        ORDER BY aggregateid, aggregate_version::bigint, actor_id = %(again)s, id
        """,  # noqa: S608  # a constant
        {
            "aggregate": aggregate,
            "tenant": str(tenant_id),
            "ids": [str(id_) for id_ in wanted],
            "again": REEMITTED_BY,
        },
    ).fetchall()
    rows = [OutboxRow(**named(row)) for row in found]
    lacking = [row for row in rows if _is_wanted(row, wanted)]
    if lacking:
        connection.execute(
            "DELETE FROM outbox WHERE id = ANY (%s::uuid[])", (column_arrays.ids(row.id for row in lacking),)
        )
    return lacking


def since(connection: Connection, moment: datetime) -> Mapping[tuple[str, UUID], Mapping[UUID, Sequence[range]]]:
    """By aggregate and shop: whose events were left since, and of which versions. Ids begin with their time."""
    oldest = UUID(int=int(moment.timestamp() * 1000) << 80)
    found = connection.execute(
        """
        SELECT aggregatetype, tenant_id::uuid, aggregateid::uuid,
               min(aggregate_version::bigint), max(aggregate_version::bigint)
        FROM outbox WHERE epoch = (SELECT current_epoch()) AND id >= %s
        GROUP BY 1, 2, 3
        """,
        (oldest,),
    ).fetchall()
    told = dict[tuple[str, UUID], dict[UUID, Sequence[range]]]()
    for aggregate, tenant_id, id_, first, last in found:
        told.setdefault((aggregate, tenant_id), {})[id_] = [range(first, last + 1)]
    return told


def kept(connection: Connection, ids: Collection[UUID]) -> Mapping[tuple[str, UUID, UUID], KeptHistory]:
    """By type, shop and id, of those of which anything is. Ids of rows begin with their time."""
    found = connection.execute(
        """
        SELECT aggregatetype, tenant_id::uuid, aggregateid::uuid, array_agg(DISTINCT aggregate_version::bigint),
               max(id::text) FILTER (WHERE actor_id = %(again)s AND correlation_id LIKE %(behind)s)
        FROM outbox WHERE aggregateid = ANY (%(ids)s) AND epoch = (SELECT current_epoch())
        GROUP BY 1, 2, 3
        """,
        {"ids": [str(id_) for id_ in ids], "again": REEMITTED_BY, "behind": f"{CAUSE}-%"},
    ).fetchall()
    return {
        (aggregate, tenant_id, id_): KeptHistory(frozenset(versions), _moment_of(UUID(last)) if last else None)
        for aggregate, tenant_id, id_, versions, last in found
    }


def emitted_since(
    connection: Connection, aggregate: str, tenant_id: UUID, moments: Mapping[UUID, datetime]
) -> set[UUID]:
    """Those of which history was emitted again after their moment."""
    found = kept(connection, moments) if moments else {}
    told = {id_: found.get((aggregate, tenant_id, id_)) for id_ in moments}
    return {id_ for id_, one in told.items() if one and one.emitted_at and one.emitted_at > moments[id_]}


def _moment_of(id_: UUID) -> datetime:
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)


def _is_wanted(row: OutboxRow, wanted: Mapping[UUID, Sequence[range]]) -> bool:
    return any(int(row.aggregate_version) in versions for versions in wanted[UUID(row.aggregateid)])

"""Finds outbox rows of versions that somebody lacks, and has them leave once more: as they were, with their ids.

A row leaves when it is inserted, so it is removed and put back in one transaction. What is of an older epoch would be
taken for newer than it is, and stays. Needs the roles `rustok_keeper` and, to put rows back, `rustok_app`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from api.reemit.deletion_rows import COLUMNS, named
from api.store import column_arrays
from schemas.outbox_row import OutboxRow
from schemas.write_model import REEMITTED_BY

Connection = psycopg.Connection[Any]


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


def _is_wanted(row: OutboxRow, wanted: Mapping[UUID, Sequence[range]]) -> bool:
    return any(int(row.aggregate_version) in versions for versions in wanted[UUID(row.aggregateid)])

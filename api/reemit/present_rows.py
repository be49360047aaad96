"""Finds which aggregates are there, and holds them still while they are emitted again.

Inside a transaction of their tenant. A locked aggregate waits with its next change until the transaction is over, so
the event that tells this version is in the log before the one of the next.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from api.store import column_arrays
from api.store.aggregate_table import AggregateTable

Connection = psycopg.Connection[Any]


def next_ids(
    connection: Connection, table: AggregateTable, tenant_id: UUID, after: UUID | None, limit: int
) -> list[UUID]:
    """In order of id."""
    query = sql.SQL(
        "SELECT id FROM {table} WHERE {owner} = %(tenant)s AND (%(after)s::uuid IS NULL OR id > %(after)s)"
        " ORDER BY id LIMIT %(limit)s"
    ).format(table=sql.Identifier(table.name), owner=sql.Identifier(table.tenant_column))
    return _ids(connection.execute(query, {"tenant": tenant_id, "after": after, "limit": limit}))


def lock(connection: Connection, table: AggregateTable, tenant_id: UUID, ids: Collection[UUID]) -> None:
    query = sql.SQL("SELECT id FROM {table} WHERE {owner} = %s AND id = ANY (%s::uuid[]) ORDER BY id FOR SHARE").format(
        table=sql.Identifier(table.name), owner=sql.Identifier(table.tenant_column)
    )
    connection.execute(query, (tenant_id, column_arrays.ids(ids)))


def by_chance(connection: Connection, table: AggregateTable, tenant_id: UUID, number: int) -> list[UUID]:
    query = sql.SQL("SELECT id FROM {table} WHERE {owner} = %s ORDER BY random() LIMIT %s").format(
        table=sql.Identifier(table.name), owner=sql.Identifier(table.tenant_column)
    )
    return _ids(connection.execute(query, (tenant_id, number)))


def count(connection: Connection, table: AggregateTable, tenant_id: UUID) -> int:
    query = sql.SQL("SELECT count(*) FROM {table} WHERE {owner} = %s").format(
        table=sql.Identifier(table.name), owner=sql.Identifier(table.tenant_column)
    )
    row = connection.execute(query, (tenant_id,)).fetchone()
    return 0 if row is None else int(row[0])


def _ids(cursor: psycopg.Cursor[Any]) -> list[UUID]:
    rows: Sequence[tuple[UUID]] = cursor.fetchall()
    return [id_ for (id_,) in rows]

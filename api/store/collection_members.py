"""Writes which products are chosen for a collection, in their order: what keeps its place is left alone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg

from api.domain.member_ranks import ranked
from api.store import column_arrays


def put_in_order(
    connection: psycopg.Connection[Any], tenant_id: UUID, collection_id: UUID, product_ids: Sequence[UUID]
) -> None:
    """These and no others. The collection is held: nobody else changes it meanwhile."""
    held: dict[UUID, int] = dict(
        connection.execute(
            "SELECT product_id, rank FROM collection_products WHERE tenant_id = %s AND collection_id = %s",
            (tenant_id, collection_id),
        ).fetchall()
    )
    wanted = ranked(product_ids, held)
    if gone := held.keys() - wanted.keys():
        connection.execute(
            "DELETE FROM collection_products"
            " WHERE tenant_id = %s AND collection_id = %s AND product_id = ANY (%s::uuid[])",
            (tenant_id, collection_id, column_arrays.ids(gone)),
        )
    if placed := {id_: rank for id_, rank in wanted.items() if held.get(id_) != rank}:
        connection.execute(
            """
            INSERT INTO collection_products (tenant_id, collection_id, product_id, rank)
            SELECT %s, %s, * FROM unnest(%s::uuid[], %s::bigint[])
            ON CONFLICT (tenant_id, collection_id, product_id) DO UPDATE SET rank = excluded.rank
            """,
            (tenant_id, collection_id, column_arrays.ids(placed), column_arrays.numbers(placed.values())),
        )

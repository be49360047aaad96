"""Adds up what the orders of each shop, month and currency are, in one snapshot of the database."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import psycopg

from api.reemit.each_shop import each_shop
from api.store import column_arrays
from schemas.write_model import OrderSums, SumsOf

_SUMS: Final = """
    SELECT date_trunc('month', o.placed_at AT TIME ZONE 'UTC')::date, o.currency, count(*), sum(o.version),
        count(o.paid_at), sum(o.total_minor), sum(o.tax_minor), sum(o.shipping_minor), sum(o.discount_minor),
        sum(l.lines), sum(l.total_minor), sum(l.quantity)
    FROM orders o LEFT JOIN (
        SELECT order_id, count(*) AS lines, sum(total_minor) AS total_minor, sum(quantity) AS quantity
        FROM order_lines WHERE tenant_id = %(tenant)s GROUP BY order_id
    ) l ON l.order_id = o.id
    WHERE o.tenant_id = %(tenant)s AND NOT o.id = ANY (%(without)s::uuid[])
    GROUP BY 1, 2
"""


def every(connection: psycopg.Connection[Any], without: Collection[UUID]) -> dict[SumsOf, OrderSums]:
    """In a transaction that sees one moment, whatever is committed meanwhile."""
    found = {}
    for tenant in each_shop(connection):
        rows = connection.execute(_SUMS, {"tenant": tenant, "without": column_arrays.ids(without)}).fetchall()
        for month, currency, *sums in rows:
            of = SumsOf(tenant, month, currency)
            found[of] = OrderSums(**dict(zip(OrderSums.__slots__, (int(one or 0) for one in sums), strict=True)))
    return found

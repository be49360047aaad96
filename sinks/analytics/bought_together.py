"""Says which products are in the same orders as one: of paid orders that are not cancelled, for one tenant.

How much two belong together is the share of their orders that have both (the cosine of who bought them): what is in
every basket belongs to nothing. Two need three orders together, so that nobody's one basket is shown to others.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import duckdb

from sinks.freshness import Freshness

FEWEST_ORDERS: Final = 3

_TOGETHER: Final = """
    WITH with_it AS (SELECT DISTINCT order_id FROM sales WHERE tenant_id = $tenant AND product_id = $product),
    beside AS (
        SELECT product_id, count(DISTINCT order_id) AS together
        FROM sales SEMI JOIN with_it USING (order_id)
        WHERE tenant_id = $tenant AND product_id <> $product
        GROUP BY product_id HAVING together >= $fewest
    ),
    alone AS (
        SELECT product_id, count(DISTINCT order_id) AS orders
        FROM sales SEMI JOIN beside USING (product_id) WHERE tenant_id = $tenant GROUP BY product_id
    )
    SELECT product_id FROM beside JOIN alone USING (product_id)
    ORDER BY together / sqrt(orders) DESC, product_id LIMIT $most
"""


@dataclass(frozen=True, slots=True)
class BoughtTogether:
    """What belongs to it most is first."""

    product_ids: tuple[UUID, ...]
    freshness: Freshness


def bought_with(cursor: duckdb.DuckDBPyConnection, tenant_id: UUID, product_id: UUID, most: int) -> tuple[UUID, ...]:
    asked = {"tenant": tenant_id, "product": product_id, "fewest": FEWEST_ORDERS, "most": most}
    return tuple(id_ for (id_,) in cursor.execute(_TOGETHER, asked).fetchall())

"""Says which products of a shop sold best: by units in paid orders that are not cancelled, in the last 30 whole days.

A product counts from three orders on, so that nobody's one large order lifts anything. Days are those of UTC, so that
the answer is the same all day, but for orders of these days that are paid or cancelled since.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import duckdb

from sinks.search.best_sellers import MOST, BestSellers

DAYS: Final = 30
FEWEST_ORDERS: Final = 3
_SOLD: Final = f"""
    SELECT product_id FROM sales
    WHERE tenant_id = $tenant AND placed_at >= $since AND placed_at < $until
    GROUP BY product_id HAVING count(DISTINCT order_id) >= {FEWEST_ORDERS} AND sum(units) > 0
    ORDER BY sum(units) DESC, product_id LIMIT {MOST}
"""  # noqa: S608  # constants


def best_sellers(cursor: duckdb.DuckDBPyConnection, tenant_id: UUID, now: datetime) -> BestSellers:
    """`now` is in UTC."""
    until = now.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = {"tenant": tenant_id, "since": until - timedelta(days=DAYS), "until": until}
    return BestSellers(tuple(id_ for (id_,) in cursor.execute(_SOLD, asked).fetchall()))

"""Says which products of a shop sold best: by items in paid orders that are not cancelled, in the last 30 whole days.

What is measured is one item a line: a gram is no more of a success than a bottle.

A product counts from three orders on, so that nobody's one large order lifts anything. Days are those of UTC, so that
the answer is the same all day, but for orders of these days that are paid or cancelled since.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import duckdb

from sinks.analytics.snapshot_reader import columns_of
from sinks.analytics.unit_measures import items
from sinks.search.best_sellers import MOST, BestSellers

DAYS: Final = 30
FEWEST_ORDERS: Final = 3
_ITEMS: Final = items("units", "measure")
_SOLD: Final = f"""
    SELECT product_id FROM sales
    WHERE tenant_id = $tenant AND placed_at >= $since AND placed_at < $until
    GROUP BY product_id HAVING count(DISTINCT order_id) >= {FEWEST_ORDERS} AND sum({{items}}) > 0
    ORDER BY sum({{items}}) DESC, product_id LIMIT {MOST}
"""  # noqa: S608  # constants


def best_sellers(cursor: duckdb.DuckDBPyConnection, tenant_id: UUID, now: datetime) -> BestSellers:
    """`now` is in UTC."""
    until = now.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = {"tenant": tenant_id, "since": until - timedelta(days=DAYS), "until": until}
    # A snapshot of the version before, which is shown until this one is built, does not tell measures apart.
    counted = _ITEMS if "measure" in columns_of(cursor, "sales") else "units"
    found = cursor.execute(_SOLD.format(items=counted), asked).fetchall()
    return BestSellers(tuple(id_ for (id_,) in found))

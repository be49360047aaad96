"""A page in the middle of a long list is looked up in an index, in the role that answers requests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from api.store import orders, products
from api.store.list_pages import ListTable, PageWanted, Place
from tests.integration.api.shops import Shop
from tests.integration.api.test_collection_plans import read

pytestmark = pytest.mark.servers

MANY = 10_000
NOW = datetime(2036, 11, 28, tzinfo=UTC)
PRODUCTS = """
    INSERT INTO products
        (tenant_id, id, version, status, brand, options, images, tags, attributes, created_at, updated_at)
    SELECT %(shop)s, lpad(to_hex(at), 32, '0')::uuid, 1, 'active', 'brand', '{}', '[]', '{}', '{}', %(now)s,
        %(now)s + at * interval '1 second'
    FROM generate_series(1, %(many)s) AS at
"""
ORDERS = """
    INSERT INTO orders (tenant_id, id, version, status, currency, tax_minor, shipping_minor, discount_minor,
        total_minor, placed_at)
    SELECT %(shop)s, lpad(to_hex(at), 32, '0')::uuid, 1, 'pending', 'EUR', 0, 0, 0, at,
        %(now)s + at * interval '1 second'
    FROM generate_series(1, %(many)s) AS at
"""
MIDDLE = UUID(int=MANY // 2)
AT = NOW + timedelta(seconds=MANY // 2)
PAGES: list[tuple[str, ListTable[Any], str, Place]] = [
    ("products p", products.LIST, "newest", Place(MIDDLE)),
    ("products p", products.LIST, "updated_desc", Place(MIDDLE, AT)),
    ("products p", products.LIST, "updated_asc", Place(MIDDLE, AT)),
    ("orders o", orders.LIST, "oldest", Place(MIDDLE)),
    ("orders o", orders.LIST, "placed_asc", Place(MIDDLE, AT)),
    ("orders o", orders.LIST, "total_desc", Place(MIDDLE, MANY // 2)),
]


def test_a_page_in_the_middle_reads_what_is_on_it_and_not_the_shop(shop: Shop, postgres: psycopg.Connection) -> None:
    given = {"shop": shop.id, "now": NOW, "many": MANY}
    looked_at: dict[str, float] = {}

    with postgres.transaction(force_rollback=True):
        postgres.execute(PRODUCTS, given)
        postgres.execute(ORDERS, given)
        postgres.execute("ANALYZE products, orders")
        postgres.execute("SET LOCAL ROLE rustok_app")
        postgres.execute("SELECT set_config('rustok.tenant', %s, true)", (str(shop.id),))
        for table, asked, sort, after in PAGES:
            text, values = asked.page(PageWanted(sort=sort, limit=51, after=after))
            query = f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1 FROM {table} WHERE tenant_id = %(shop)s {text}"
            explained = postgres.execute(query, {**values, **given}).fetchone()  # type: ignore[call-overload]
            looked_at[f"{table}, {sort}"] = read(explained[0][0]["Plan"])

    assert {name: rows for name, rows in looked_at.items() if rows > 200} == {}

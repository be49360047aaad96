"""Words are looked up in indices, in the role that answers requests, and however common they are a page reads few."""

from dataclasses import replace

import psycopg
import pytest

from api.store import found_orders
from api.store.list_pages import PageWanted
from tests.integration.api.shops import Shop
from tests.integration.api.test_collection_plans import read
from tests.integration.api.test_list_plans import NOW

pytestmark = pytest.mark.servers

MANY = 10_000
SEARCH = replace(found_orders.SEARCH, rare=50, window=200)
#: One word is in all of them, one in every hundredth, one in one.
ORDERS = """
    INSERT INTO orders (tenant_id, id, version, status, currency, tax_minor, shipping_minor, discount_minor,
        total_minor, placed_at, external_id)
    SELECT %(shop)s, lpad(to_hex(at), 32, '0')::uuid, 1, 'pending', 'EUR', 0, 0, 0, at, %(now)s,
        'shop group' || at %% 100 || ' number' || at
    FROM generate_series(1, %(many)s) AS at
"""
#: What is typed, and how many orders it is in at least: more than twenty is a page.
FOUND = {
    "number4321": 1,
    "shop group7 number4307": 1,
    "4307": 1,
    "group7 shop": 1_000,
    "shop": 1_000,
    "shop group number": 1_000,
}


def test_a_page_reads_what_a_rare_word_leads_to_or_a_window(shop: Shop, postgres: psycopg.Connection) -> None:
    found: dict[str, int] = {}
    looked_at: dict[str, float] = {}

    with postgres.transaction(force_rollback=True):
        postgres.execute(ORDERS, {"shop": shop.id, "now": NOW, "many": MANY})
        postgres.execute("ANALYZE orders, order_words")
        postgres.execute("SET LOCAL ROLE rustok_app")
        postgres.execute("SELECT set_config('rustok.tenant', %s, true)", (str(shop.id),))
        for typed in FOUND:
            fields = found_orders.OF_ORDER
            sought = SEARCH.read(postgres, shop.id, typed, fields)
            wanted = PageWanted(sort="newest", limit=21)
            found[typed] = len(SEARCH.find(postgres, shop.id, sought, fields, wanted).ids)
            text, values = SEARCH.statement(sought, wanted)
            asked = {"tenant": shop.id, "fields": list(fields), "typed": typed}
            plans = [
                postgres.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", {**values, **asked}).fetchone()  # type: ignore[call-overload]
                for query in (SEARCH.counting(), text)
            ]
            looked_at[typed] = sum(read(explained[0][0]["Plan"]) for explained in plans)

    assert {typed: min(number, 20) for typed, number in found.items()} == {
        typed: min(number, 20) for typed, number in FOUND.items()
    }
    assert {typed: rows for typed, rows in looked_at.items() if rows > MANY / 4} == {}

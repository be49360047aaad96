"""SKUs are looked up in the index, in the role that answers requests: not by reading every variant of the shop."""

import psycopg
import pytest

from api.store import offers, wanted_skus
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

LOOKUPS = {
    "of what is on offer": offers.QUERY,
    "of what is taken": f"{wanted_skus.WANTED} SELECT product_id FROM v",
}
MANY = """
    INSERT INTO variants (tenant_id, product_id, id, position, sku, option_values)
    SELECT %s, %s, gen_random_uuid(), at, 'many-' || at, '{}' FROM generate_series(1, 5000) AS at
"""


ANALYZE = "ANALYZE variants, products, product_translations, product_categories, prices, categories"


@pytest.mark.parametrize("known", [True, False], ids=["a shop it knows", "a new shop"])
@pytest.mark.parametrize("lookup", LOOKUPS)
def test_skus_are_looked_up_in_the_index(shop: Shop, postgres: psycopg.Connection, lookup: str, *, known: bool) -> None:
    product = shop.product()
    given = {"tenant": shop.id, "skus": ["a", "c"], "locale": "en", "with_prices": True}

    with postgres.transaction(force_rollback=True):
        for statement in (MANY, ANALYZE) if known else (ANALYZE, MANY):
            postgres.execute(statement, (shop.id, product["id"]) if statement == MANY else None)
        postgres.execute("SET LOCAL ROLE rustok_app")
        postgres.execute("SELECT set_config('rustok.tenant', %s, true)", (str(shop.id),))
        plan = postgres.execute(f"EXPLAIN {LOOKUPS[lookup]}", given).fetchall()

    assert any("Index Cond" in line and "sku_key = wanted.key" in line for (line,) in plan), "\n".join(
        line for (line,) in plan
    )

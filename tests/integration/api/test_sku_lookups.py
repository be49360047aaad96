"""SKUs are looked up in the index, in the role that answers requests: not by reading every variant of the shop."""

from collections.abc import Callable

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


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_skus_are_looked_up_in_the_index(
    open_shop: Callable[..., Shop], postgres: psycopg.Connection, lookup: str
) -> None:
    shop, other = open_shop(), open_shop()
    given = {"tenant": shop.id, "skus": ["a", "c"], "locale": "en", "with_prices": True}
    of_each = [(one.id, one.product()["id"]) for one in (shop, other)]

    with postgres.transaction(force_rollback=True):
        postgres.cursor().executemany(MANY, of_each)
        postgres.execute("ANALYZE variants, products, product_translations, product_categories, prices, categories")
        postgres.execute("SET LOCAL ROLE rustok_app")
        postgres.execute("SELECT set_config('rustok.tenant', %s, true)", (str(shop.id),))
        plan = postgres.execute(f"EXPLAIN {LOOKUPS[lookup]}", given).fetchall()

    assert any("Index Cond" in line and "sku_key = wanted.key" in line for (line,) in plan), "\n".join(
        line for (line,) in plan
    )

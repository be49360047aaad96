"""The first page of a collection is looked up in indices, in the role that answers requests, however large the shop."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from api.store.collection_products import CollectionProducts, PageOfProducts
from schemas.events.collection import Collection, CollectionRule, RuleCondition
from schemas.row_conditions import OneOf
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

#: After whatever other shops did: the planner counts what is new in all shops together.
NOW = datetime(2036, 11, 28, tzinfo=UTC)
PRODUCTS = 20_000
#: Of the shop's products one in a thousand has the same tag, brand and category.
SHELVES = """
    INSERT INTO products
        (tenant_id, id, version, status, brand, options, images, tags, attributes, created_at, updated_at)
    SELECT %(shop)s, lpad(to_hex(at), 32, '0')::uuid, 1, 'active', 'brand ' || at %% 1000, '{}', '[]',
        ARRAY['tag ' || at %% 1000, 'common'], '{}', %(now)s - at * interval '1 hour', %(now)s
    FROM generate_series(1, %(many)s) AS at
"""
VARIANTS = """
    INSERT INTO variants (tenant_id, product_id, id, position, sku, option_values)
    SELECT tenant_id, id, id, 0, id::text, '{}' FROM products WHERE tenant_id = %(shop)s
"""
PRICES = """
    INSERT INTO prices (tenant_id, variant_id, currency, position, amount_minor)
    SELECT tenant_id, id, 'EUR', 0, row_number() OVER (ORDER BY id) FROM variants WHERE tenant_id = %(shop)s
"""
TEXTS = """
    INSERT INTO product_translations (tenant_id, product_id, locale, position, title, handle)
    SELECT tenant_id, id, 'en', 0, id::text, id::text FROM products WHERE tenant_id = %(shop)s
"""
CATEGORIES = """
    INSERT INTO categories (tenant_id, id, version, path, position)
    SELECT %(shop)s, id, 1, ARRAY[id], 0
    FROM (SELECT ('c' || lpad(to_hex(at), 31, '0'))::uuid AS id FROM generate_series(0, 999) AS at) AS made
"""
PLACES = """
    INSERT INTO product_categories (tenant_id, product_id, category_id, position)
    SELECT %(shop)s, lpad(to_hex(at), 32, '0')::uuid, ('c' || lpad(to_hex(at %% 1000), 31, '0'))::uuid, 0
    FROM generate_series(1, %(many)s) AS at
"""


def condition(field: str, *values: str, **says: Any) -> RuleCondition:
    nothing = dict.fromkeys(("currency", "least_minor", "most_minor", "since_at", "within_days"))
    return RuleCondition(**{"field": field, "values": values, **nothing, **says})


RARE = {
    "tag": condition("tag", "tag 7"),
    "tags": condition("tag", "tag 7", "tag 8"),
    "brand": condition("brand", "brand 7"),
    "category": condition("category", "c0000000-0000-0000-0000-000000000007"),
    "price": condition("price", currency="EUR", least_minor=70, most_minor=90),
    "created": condition("created", within_days=1),
}
COMMON = condition("tag", "common")


def collection(*conditions: RuleCondition, match: str = "all") -> Collection:
    rule = CollectionRule(match=match, conditions=conditions)
    return Collection(
        id=uuid4(),
        external_id=None,
        status="active",
        translations=(),
        rule=rule,
        product_ids=(),
        created_at=NOW,
        updated_at=NOW,
    )


RULES = {
    **{name: collection(one) for name, one in RARE.items()},
    "common": collection(COMMON),
    "one that is rare": collection(COMMON, RARE["tag"], condition("in_stock")),
    "any of the rare": collection(*RARE.values(), match="any"),
    "any, one of them common": collection(*RARE.values(), COMMON, condition("status", "active"), match="any"),
}


def read(plan: Any) -> float:
    """How many rows of products, and of what they are found by, were looked at."""
    own = 0.0
    if "Relation Name" in plan:
        rows = (
            plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        )
        own = rows * plan["Actual Loops"]
    return own + sum(read(inner) for inner in plan.get("Plans", ()))


def test_a_page_of_a_collection_reads_what_is_on_it_and_not_the_shop(shop: Shop, postgres: psycopg.Connection) -> None:
    given = {"shop": shop.id, "now": NOW, "many": PRODUCTS}
    looked_at: dict[str, float] = {}

    with postgres.transaction(force_rollback=True):
        for statement in (SHELVES, VARIANTS, PRICES, TEXTS, CATEGORIES, PLACES):
            postgres.execute(statement, given)
        postgres.execute("ANALYZE products, product_tags, variants, prices, product_translations, product_categories")
        postgres.execute("SET LOCAL ROLE rustok_app")
        postgres.execute("SELECT set_config('rustok.tenant', %s, true)", (str(shop.id),))
        rows = CollectionProducts(postgres, shop.id, OneOf("status", ("active",)))
        for name, one in RULES.items():
            for sort in ("newest", "oldest"):
                asked = PageOfProducts(sort=sort, currency="EUR", locales=("en",), limit=51, after=None)
                query, values = rows.statement(one, asked, NOW)
                explained = postgres.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", values).fetchone()  # type: ignore[call-overload]
                looked_at[f"{name}, {sort}"] = read(explained[0][0]["Plan"])

    assert {name: rows for name, rows in looked_at.items() if rows > PRODUCTS / 10} == {}

"""Says in SQL how SKUs are looked up, many at once and in any case, by the index that holds their keys.

The keys are computed before anything is compared. Row-level security lets no function of ours see a row that may be
another shop's: a comparison with one in it would be made for every variant of the shop, instead of in the index.
"""

from typing import Final

#: Before the SELECT: `v (asked, tenant_id, product_id, id, sku, unit)`, the variants of the parameter `tenant` that
#: have one of the parameter `skus`. It is made by itself, too, one SKU after another (OFFSET 0): beside a product with
#: thousands of variants a join would as soon begin at the products.
WANTED: Final = """
    WITH wanted AS MATERIALIZED (
        SELECT given.sku, code_key(given.sku) AS key FROM unnest(%(skus)s::text[]) AS given (sku)
    ), v AS MATERIALIZED (
        SELECT wanted.sku AS asked, found.*
        FROM wanted CROSS JOIN LATERAL (
            SELECT tenant_id, product_id, id, sku, unit FROM variants
            WHERE tenant_id = %(tenant)s AND sku_key = wanted.key
            OFFSET 0
        ) found
    )
"""

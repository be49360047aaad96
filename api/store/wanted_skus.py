"""Says in SQL how SKUs are looked up, many at once and in any case, by the index that holds their keys.

The keys are computed before anything is compared. Row-level security lets no function of ours see a row that may be
another shop's: a comparison with one in it would be made for every variant of the shop, instead of in the index.
"""

from typing import Final

#: Before the SELECT: `wanted (sku, key)` of the parameter `skus`.
WANTED: Final = """
    WITH wanted AS MATERIALIZED (
        SELECT given.sku, code_key(given.sku) AS key FROM unnest(%(skus)s::text[]) AS given (sku)
    )
"""
#: In its FROM: the variants `v` of the parameter `tenant` that have one of them.
VARIANTS: Final = "wanted JOIN variants v ON v.tenant_id = %(tenant)s AND v.sku_key = wanted.key"

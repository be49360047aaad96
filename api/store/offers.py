"""Finds what is on offer under SKUs: everything an order line needs to know, for all of them in one query."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.order_prices import Offer
from api.store import column_arrays, wanted_skus
from api.store.list_prices import TIERS, read_tiers
from api.store.products import PRICES, read_prices

QUERY: Final = f"""
    {wanted_skus.WANTED}
    SELECT v.asked, v.sku, v.product_id, v.id, p.status = 'active', t.title, c.names, p.brand, v.unit,
        CASE WHEN %(with_prices)s THEN {PRICES} END,
        CASE WHEN %(with_prices)s THEN {TIERS} END,
        now()
    FROM v
    JOIN products p ON p.tenant_id = v.tenant_id AND p.id = v.product_id
    CROSS JOIN LATERAL (
        SELECT t.title FROM product_translations t
        WHERE t.tenant_id = p.tenant_id AND t.product_id = p.id
        ORDER BY t.locale <> %(locale)s, t.position LIMIT 1
    ) t
    LEFT JOIN LATERAL (
        SELECT array_agg(said.name ORDER BY step.depth) AS names
        FROM (
            SELECT c.path FROM product_categories pc
            JOIN categories c ON c.tenant_id = pc.tenant_id AND c.id = pc.category_id
            WHERE pc.tenant_id = p.tenant_id AND pc.product_id = p.id
            ORDER BY pc.position LIMIT 1
        ) first
        CROSS JOIN LATERAL unnest(first.path) WITH ORDINALITY AS step (category_id, depth)
        CROSS JOIN LATERAL (
            SELECT t.name FROM category_translations t
            WHERE t.tenant_id = p.tenant_id AND t.category_id = step.category_id
            ORDER BY t.locale <> %(locale)s, t.position LIMIT 1
        ) said
    ) c ON true
"""  # noqa: S608  # constants of the code


def find(
    connection: psycopg.Connection[Any], tenant_id: UUID, skus: Iterable[str], locale: str, *, with_prices: bool
) -> dict[str, Offer]:
    """By SKU as it was asked for, in any case, for those that are there. Texts in `locale`, or in another."""
    found = connection.execute(
        QUERY,
        {"tenant": tenant_id, "skus": column_arrays.texts(skus), "locale": locale, "with_prices": with_prices},
    )
    return {
        asked: Offer(
            sku=sku,
            product_id=product_id,
            variant_id=variant_id,
            on_sale=on_sale,
            title=title,
            category_path=tuple(category_path or ()),
            brand=brand,
            unit=unit,
            prices=read_prices(prices),
            tiers=read_tiers(tiers),
            at=at,
        )
        for asked, sku, product_id, variant_id, on_sale, title, category_path, brand, unit, prices, tiers, at in found
    }

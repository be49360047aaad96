"""Writes what hangs below a product: texts, variants, prices and the categories it is in, all together or not.

A variant that stays is changed where it is: stock and orders refer to it. So is a price, for it is kept what it was
before. The other parts are written anew.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import psycopg

from api.store import column_arrays
from schemas.events.product import Product

_OF_VARIANT: Final = (
    *("position", "sku", "barcode", "option_values"),
    *("weight_g", "length_mm", "width_mm", "height_mm", "image_url", "unit"),
)
_PUT_VARIANTS: Final = f"""
    INSERT INTO variants (tenant_id, product_id, id, {", ".join(_OF_VARIANT)})
    SELECT %s, * FROM unnest(
        %s::uuid[], %s::uuid[], %s::integer[], %s::text[], %s::text[], %s::jsonb[],
        %s::integer[], %s::integer[], %s::integer[], %s::integer[], %s::text[], %s::text[]
    )
    ON CONFLICT (tenant_id, id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _OF_VARIANT)}
    WHERE ({", ".join(f"variants.{name}" for name in _OF_VARIANT)})
        IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _OF_VARIANT)})
"""  # noqa: S608  # constants of this module


def delete(connection: psycopg.Connection[Any], tenant_id: UUID, products: Sequence[Product]) -> None:
    """What is written anew, and the variants and prices that these products have no more."""
    if not products:
        return
    priced = [(variant.id, price) for one in products for variant in one.variants for price in variant.prices]
    given = {
        "tenant": tenant_id,
        "products": column_arrays.ids(product.id for product in products),
        "kept": column_arrays.ids(variant.id for product in products for variant in product.variants),
        "priced": column_arrays.ids(variant_id for variant_id, _ in priced),
        "currencies": column_arrays.texts(price.currency for _, price in priced),
    }
    for statement in (
        "DELETE FROM product_translations WHERE tenant_id = %(tenant)s AND product_id = ANY (%(products)s::uuid[])",
        "DELETE FROM variants WHERE tenant_id = %(tenant)s AND product_id = ANY (%(products)s::uuid[])"
        " AND id <> ALL (%(kept)s::uuid[])",
        "DELETE FROM prices r WHERE r.tenant_id = %(tenant)s AND r.variant_id = ANY (%(kept)s::uuid[]) AND NOT EXISTS ("
        " SELECT FROM unnest(%(priced)s::uuid[], %(currencies)s::text[]) AS given (variant_id, currency)"
        " WHERE given.variant_id = r.variant_id AND given.currency = r.currency)",
        "DELETE FROM product_categories WHERE tenant_id = %(tenant)s AND product_id = ANY (%(products)s::uuid[])",
    ):
        connection.execute(statement, given)


def insert(connection: psycopg.Connection[Any], tenant_id: UUID, products: Sequence[Product]) -> None:
    if not products:
        return
    _insert_texts(connection, tenant_id, products)
    _put_variants(connection, tenant_id, products)
    _insert_prices(connection, tenant_id, products)
    _insert_categories(connection, tenant_id, products)


def _insert_texts(connection: psycopg.Connection[Any], tenant_id: UUID, products: Sequence[Product]) -> None:
    texts = [(product.id, at, text) for product in products for at, text in enumerate(product.translations)]
    connection.execute(
        """
        INSERT INTO product_translations (
            tenant_id, product_id, position, locale, title, handle, subtitle, description, seo_title, seo_description
        )
        SELECT %s, * FROM unnest(
            %s::uuid[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::text[], %s::text[]
        )
        """,
        (
            tenant_id,
            column_arrays.ids(product_id for product_id, _, _ in texts),
            column_arrays.numbers(at for _, at, _ in texts),
            column_arrays.texts(text.locale for _, _, text in texts),
            column_arrays.texts(text.title for _, _, text in texts),
            column_arrays.texts(text.handle for _, _, text in texts),
            column_arrays.texts(text.subtitle for _, _, text in texts),
            column_arrays.texts(text.description for _, _, text in texts),
            column_arrays.texts(text.seo_title for _, _, text in texts),
            column_arrays.texts(text.seo_description for _, _, text in texts),
        ),
    )


def _put_variants(connection: psycopg.Connection[Any], tenant_id: UUID, products: Sequence[Product]) -> None:
    variants = [(product.id, at, variant) for product in products for at, variant in enumerate(product.variants)]
    connection.execute(
        _PUT_VARIANTS,
        (
            tenant_id,
            column_arrays.ids(product_id for product_id, _, _ in variants),
            column_arrays.ids(variant.id for _, _, variant in variants),
            column_arrays.numbers(at for _, at, _ in variants),
            column_arrays.texts(variant.sku for _, _, variant in variants),
            column_arrays.texts(variant.barcode for _, _, variant in variants),
            column_arrays.documents(dict(variant.option_values) for _, _, variant in variants),
            column_arrays.numbers(variant.weight_g for _, _, variant in variants),
            column_arrays.numbers(variant.length_mm for _, _, variant in variants),
            column_arrays.numbers(variant.width_mm for _, _, variant in variants),
            column_arrays.numbers(variant.height_mm for _, _, variant in variants),
            column_arrays.texts(variant.image_url for _, _, variant in variants),
            column_arrays.texts(variant.unit for _, _, variant in variants),
        ),
    )


def _insert_prices(connection: psycopg.Connection[Any], tenant_id: UUID, products: Sequence[Product]) -> None:
    prices = [
        (variant.id, at, price)
        for product in products
        for variant in product.variants
        for at, price in enumerate(variant.prices)
    ]
    connection.execute(
        """
        INSERT INTO prices (tenant_id, variant_id, position, currency, amount_minor, compare_at_minor)
        SELECT %s, * FROM unnest(%s::uuid[], %s::integer[], %s::text[], %s::bigint[], %s::bigint[])
        ON CONFLICT (tenant_id, variant_id, currency) DO UPDATE SET
            position = excluded.position, amount_minor = excluded.amount_minor,
            compare_at_minor = excluded.compare_at_minor
        WHERE (prices.position, prices.amount_minor, prices.compare_at_minor)
            IS DISTINCT FROM (excluded.position, excluded.amount_minor, excluded.compare_at_minor)
        """,
        (
            tenant_id,
            column_arrays.ids(variant_id for variant_id, _, _ in prices),
            column_arrays.numbers(at for _, at, _ in prices),
            column_arrays.texts(price.currency for _, _, price in prices),
            column_arrays.numbers(price.amount_minor for _, _, price in prices),
            column_arrays.numbers(price.compare_at_minor for _, _, price in prices),
        ),
    )


def _insert_categories(connection: psycopg.Connection[Any], tenant_id: UUID, products: Sequence[Product]) -> None:
    placed = [(product.id, at, category) for product in products for at, category in enumerate(product.category_ids)]
    connection.execute(
        """
        INSERT INTO product_categories (tenant_id, product_id, position, category_id)
        SELECT %s, * FROM unnest(%s::uuid[], %s::integer[], %s::uuid[])
        """,
        (
            tenant_id,
            column_arrays.ids(product_id for product_id, _, _ in placed),
            column_arrays.numbers(at for _, at, _ in placed),
            column_arrays.ids(category_id for _, _, category_id in placed),
        ),
    )

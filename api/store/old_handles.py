"""Keeps the handles that products had: each leads to its product until another one takes it."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from api.store import column_arrays
from schemas.events.product import Product


class _Taken(NamedTuple):
    product_id: UUID
    locale: str
    handle: str


def keep(connection: psycopg.Connection[Any], tenant_id: UUID, products: Sequence[Product]) -> None:
    """Those that these products give up, before their texts are written anew."""
    if not products:
        return
    taken = _taken(products)
    connection.execute(
        """
        INSERT INTO old_handles (tenant_id, locale, handle, product_id)
        SELECT t.tenant_id, t.locale, t.handle, t.product_id FROM product_translations t
        WHERE t.tenant_id = %s AND t.product_id = ANY (%s::uuid[]) AND NOT EXISTS (
            SELECT FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS kept (product_id, locale, handle)
            WHERE (kept.product_id, kept.locale, kept.handle) = (t.product_id, t.locale, t.handle)
        )
        ON CONFLICT (tenant_id, locale, handle) DO UPDATE SET product_id = excluded.product_id
        """,
        (tenant_id, column_arrays.ids(product.id for product in products), *_columns(taken)),
    )


def free(connection: psycopg.Connection[Any], tenant_id: UUID, products: Sequence[Product]) -> None:
    """Those that these products have now."""
    if not products:
        return
    _, locales, handles = _columns(_taken(products))
    connection.execute(
        """
        DELETE FROM old_handles o USING unnest(%s::text[], %s::text[]) AS taken (locale, handle)
        WHERE o.tenant_id = %s AND (o.locale, o.handle) = (taken.locale, taken.handle)
        """,
        (locales, handles, tenant_id),
    )


def _taken(products: Sequence[Product]) -> list[_Taken]:
    return [_Taken(product.id, text.locale, text.handle) for product in products for text in product.translations]


def _columns(taken: Sequence[_Taken]) -> tuple[str, str, str]:
    return (
        column_arrays.ids(one.product_id for one in taken),
        column_arrays.texts(one.locale for one in taken),
        column_arrays.texts(one.handle for one in taken),
    )

"""Reads and writes carts: `carts` and `cart_lines`. Who changes one holds it first.

A line keeps the variant, so that it stays what it is when its SKU gets another name.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.carts import Cart, CartLine
from api.domain.changes import Versioned
from api.domain.errors import StaleVersion
from api.store import column_arrays
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy
from api.store.whole_tenant import THEIR_CARTS

_SELECT: Final = """
    SELECT c.version, c.hash, c.id, c.customer_ref, c.currency, c.country, c.postal_code, c.shipping_method,
        c.discount_code, c.made_at, c.changed_at, c.order_id, c.tax_included_minor, (
        SELECT jsonb_agg(jsonb_build_array(l.variant_id, l.sku, l.quantity, l.unit_price_minor) ORDER BY l.line_no)
        FROM cart_lines l WHERE l.tenant_id = c.tenant_id AND l.cart_id = c.id
    )
    FROM carts c WHERE c.tenant_id = %(tenant)s
"""
_FIELDS: Final = (
    "id",
    "customer_ref",
    "currency",
    "country",
    "postal_code",
    "shipping_method",
    "discount_code",
    "made_at",
    "changed_at",
    "order_id",
    "tax_included_minor",
)
_CHANGED: Final = SortedBy[Versioned[Cart]]("c.changed_at", datetime, lambda held: held.value.changed_at)
LIST: Final = ListTable[Versioned[Cart]](
    name="carts",
    id="c.id",
    id_of=lambda held: held.value.id,
    filters={
        "state": {"open": "c.order_id IS NULL", "ordered": "c.order_id IS NOT NULL"},
        "customer_ref": "c.customer_ref = %(customer_ref)s::text",
        "changed_since": "c.changed_at >= %(changed_since)s::timestamptz",
        "changed_until": "c.changed_at < %(changed_until)s::timestamptz",
    },
    sorts={"newest": NEWEST, "oldest": OLDEST, "changed_desc": _CHANGED.turned(), "changed_asc": _CHANGED},
)


class CartRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, cart_id: UUID) -> tuple[Versioned[Cart], bytes | None] | None:
        """With the hash of its token, where it has one."""
        row = self._connection.execute(
            _SELECT + "AND c.id = %(id)s", {"tenant": self._tenant_id, "id": cart_id}
        ).fetchone()
        return None if row is None else (_versioned(row), row[1])

    def hold(self, cart_id: UUID) -> tuple[Versioned[Cart], bytes | None] | None:
        """The same; nobody else changes it before the transaction is over."""
        self._connection.execute(
            "SELECT FROM carts WHERE tenant_id = %s AND id = %s FOR UPDATE", (self._tenant_id, cart_id)
        )
        return self.get(cart_id)

    def hold_of_order(self, order_id: UUID) -> Versioned[Cart] | None:
        """The one that the order was made of; nobody else changes it before the transaction is over."""
        row = self._connection.execute(
            _SELECT + "AND c.order_id = %(order)s FOR NO KEY UPDATE OF c",
            {"tenant": self._tenant_id, "order": order_id},
        ).fetchone()
        return None if row is None else _versioned(row)

    def page(self, wanted: PageWanted) -> list[Versioned[Cart]]:
        text, values = LIST.page(wanted)
        found = self._connection.execute(_SELECT + text, {"tenant": self._tenant_id, **values})
        return [_versioned(row) for row in found]

    def add(self, cart: Cart, hash_: bytes | None) -> Versioned[Cart]:
        self._connection.execute(
            "INSERT INTO carts (tenant_id, id, version, hash, customer_ref, currency, country, postal_code,"
            " shipping_method, made_at, changed_at) VALUES (%s, %s, 1, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                self._tenant_id,
                cart.id,
                hash_,
                cart.customer_ref,
                cart.currency,
                cart.country,
                cart.postal_code,
                cart.shipping_method,
                cart.made_at,
                cart.changed_at,
            ),
        )
        self._add_lines(cart)
        return Versioned(cart, 1)

    def change(self, held: Versioned[Cart], cart: Cart) -> Versioned[Cart]:
        """Of one that is held. Raises `StaleVersion`."""
        updated = self._connection.execute(
            "UPDATE carts SET version = version + 1, customer_ref = %s, country = %s, postal_code = %s,"
            " shipping_method = %s, discount_code = %s, changed_at = %s, order_id = %s, tax_included_minor = %s"
            " WHERE tenant_id = %s AND id = %s AND version = %s",
            (
                cart.customer_ref,
                cart.country,
                cart.postal_code,
                cart.shipping_method,
                cart.discount_code,
                cart.changed_at,
                cart.order_id,
                cart.tax_included_minor,
                self._tenant_id,
                cart.id,
                held.version,
            ),
        )
        if updated.rowcount != 1:
            raise StaleVersion(held.version)
        if cart.lines != held.value.lines:
            self._connection.execute(
                "DELETE FROM cart_lines WHERE tenant_id = %s AND cart_id = %s", (self._tenant_id, cart.id)
            )
            self._add_lines(cart)
        return Versioned(cart, held.version + 1)

    def remove(self, cart_id: UUID) -> None:
        self._connection.execute("DELETE FROM carts WHERE tenant_id = %s AND id = %s", (self._tenant_id, cart_id))

    def remove_unchanged_since(self, before: datetime, limit: int) -> int:
        """How many open ones went, `limit` at most; who changes or orders one at the same moment keeps it."""
        deleted = self._connection.execute(
            "DELETE FROM carts WHERE tenant_id = %(tenant)s AND order_id IS NULL AND changed_at < %(before)s"
            " AND ctid = ANY (ARRAY(SELECT ctid FROM carts WHERE tenant_id = %(tenant)s AND order_id IS NULL"
            " AND changed_at < %(before)s ORDER BY changed_at LIMIT %(limit)s))",
            {"tenant": self._tenant_id, "before": before, "limit": limit},
        )
        return deleted.rowcount

    def forget(self, names: Sequence[str], emails: Sequence[str]) -> int:
        """Whose they were: open ones go, what was ordered is nobody's. How many there were."""
        given = {
            "tenant": self._tenant_id,
            "names": column_arrays.texts(names),
            "emails": column_arrays.texts(emails),
        }
        deleted = self._connection.execute(
            f"DELETE FROM carts WHERE tenant_id = %(tenant)s AND {THEIR_CARTS} AND order_id IS NULL",  # noqa: S608
            given,
        )
        cleared = self._connection.execute(
            "UPDATE carts SET version = version + 1, customer_ref = NULL, hash = NULL, postal_code = NULL"  # noqa: S608
            f" WHERE tenant_id = %(tenant)s AND {THEIR_CARTS}",
            given,
        )
        return deleted.rowcount + cleared.rowcount

    def _add_lines(self, cart: Cart) -> None:
        self._connection.execute(
            """
            INSERT INTO cart_lines (tenant_id, cart_id, line_no, variant_id, sku, quantity, unit_price_minor)
            SELECT %s, %s, given.line_no, given.variant_id, given.sku, given.quantity, given.unit_price_minor
            FROM unnest(%s::uuid[], %s::text[], %s::integer[], %s::bigint[])
                WITH ORDINALITY AS given (variant_id, sku, quantity, unit_price_minor, line_no)
            """,
            (
                self._tenant_id,
                cart.id,
                column_arrays.ids(line.variant_id for line in cart.lines),
                column_arrays.texts(line.sku for line in cart.lines),
                column_arrays.numbers(line.quantity for line in cart.lines),
                column_arrays.numbers(line.unit_price_minor for line in cart.lines),
            ),
        )


def left_alone(connection: psycopg.Connection[Any], before: datetime) -> list[UUID]:
    """The shops with open carts that nobody changed since then. In a transaction of the platform."""
    found = connection.execute(
        "SELECT DISTINCT tenant_id FROM carts WHERE order_id IS NULL AND changed_at < %s", (before,)
    )
    return [tenant_id for (tenant_id,) in found]


def _versioned(row: Sequence[Any]) -> Versioned[Cart]:
    version, _, *facts, lines = row
    cart = Cart(
        **dict(zip(_FIELDS, facts, strict=True)),
        lines=tuple(
            CartLine(variant_id=UUID(variant_id), sku=sku, quantity=quantity, unit_price_minor=price)
            for variant_id, sku, quantity, price in lines or ()
        ),
    )
    return Versioned(cart, version)

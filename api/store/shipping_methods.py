"""Reads and writes how a shop sends things: `shipping_methods` and `shipping_prices`, in the shop's order."""

from typing import Any
from uuid import UUID

import psycopg

from api.domain.changes import Versioned
from api.domain.shipping_methods import MethodName, ShippingMethod, ShippingPrice
from api.store import checkout_settings, column_arrays

Methods = tuple[ShippingMethod, ...]


class ShippingRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self) -> Versioned[Methods]:
        """None of them, at version 0, where nobody said anything yet."""
        row = self._connection.execute(
            "SELECT shipping_version FROM checkout_settings WHERE tenant_id = %s", (self._tenant_id,)
        ).fetchone()
        found = self._connection.execute(
            """
            SELECT m.code, m.locales, m.names, m.countries, m.active, (
                SELECT jsonb_agg(jsonb_build_array(p.currency, p.amount_minor, p.free_from_minor) ORDER BY p.currency)
                FROM shipping_prices p WHERE p.tenant_id = m.tenant_id AND p.code = m.code
            )
            FROM shipping_methods m WHERE m.tenant_id = %s ORDER BY m.position
            """,
            (self._tenant_id,),
        )
        methods = tuple(
            ShippingMethod(
                code=code,
                names=tuple(MethodName(locale=of, name=name) for of, name in zip(locales, names, strict=True)),
                countries=tuple(countries),
                active=active,
                prices=tuple(
                    ShippingPrice(currency=currency, amount_minor=amount, free_from_minor=free)
                    for currency, amount, free in prices or ()
                ),
            )
            for code, locales, names, countries, active, prices in found
        )
        return Versioned(methods, 0 if row is None else row[0])

    def hold(self) -> Versioned[Methods]:
        """Nobody else says anything about them before the transaction is over."""
        checkout_settings.hold(self._connection, self._tenant_id)
        return self.get()

    def put(self, held: Versioned[Methods], methods: Methods) -> Versioned[Methods]:
        """In place of those that are held."""
        self._connection.execute(
            "UPDATE checkout_settings SET shipping_version = %s WHERE tenant_id = %s",
            (held.version + 1, self._tenant_id),
        )
        self._connection.execute("DELETE FROM shipping_methods WHERE tenant_id = %s", (self._tenant_id,))
        self._connection.execute(
            """
            INSERT INTO shipping_methods (tenant_id, position, code, locales, names, countries, active)
            SELECT %s, given.position - 1, given.code, given.locales::text[], given.names::text[],
                given.countries::text[], given.active
            FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[])
                WITH ORDINALITY AS given (code, locales, names, countries, active, position)
            """,
            (
                self._tenant_id,
                column_arrays.texts(one.code for one in methods),
                column_arrays.lists([name.locale for name in one.names] for one in methods),
                column_arrays.lists([name.name for name in one.names] for one in methods),
                column_arrays.lists(one.countries for one in methods),
                [one.active for one in methods],
            ),
        )
        prices = [(one.code, price) for one in methods for price in one.prices]
        self._connection.execute(
            "INSERT INTO shipping_prices (tenant_id, code, currency, amount_minor, free_from_minor)"
            " SELECT %s, given.* FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[]) AS given",
            (
                self._tenant_id,
                column_arrays.texts(code for code, _ in prices),
                column_arrays.texts(price.currency for _, price in prices),
                column_arrays.numbers(price.amount_minor for _, price in prices),
                column_arrays.numbers(price.free_from_minor for _, price in prices),
            ),
        )
        return Versioned(methods, held.version + 1)

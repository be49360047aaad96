"""Reads and writes a shop's taxes: `tax_rates`, and in `checkout_settings` where prices have them in."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from api.domain.changes import Versioned
from api.domain.tax_rates import TaxRate, TaxTable
from api.store import checkout_settings, column_arrays


class TaxRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self) -> Versioned[TaxTable]:
        """None of them, at version 0, where nobody said anything yet."""
        row = self._connection.execute(
            "SELECT tax_version, prices_include_tax, include_tax_by_country FROM checkout_settings"
            " WHERE tenant_id = %s",
            (self._tenant_id,),
        ).fetchone()
        version, included, by_country = (0, False, {}) if row is None else row
        rates = self._connection.execute(
            "SELECT country, postal_prefix, category_id, rate FROM tax_rates WHERE tenant_id = %s ORDER BY position",
            (self._tenant_id,),
        )
        found = tuple(
            TaxRate(country=country, postal_prefix=prefix, category_id=category_id, rate=rate)
            for country, prefix, category_id, rate in rates
        )
        return Versioned(TaxTable(prices_include_tax=included, by_country=by_country, rates=found), version)

    def hold(self) -> Versioned[TaxTable]:
        """Nobody else says anything about them before the transaction is over."""
        checkout_settings.hold(self._connection, self._tenant_id)
        return self.get()

    def put(self, held: Versioned[TaxTable], table: TaxTable) -> Versioned[TaxTable]:
        """In place of those that are held."""
        self._connection.execute(
            "UPDATE checkout_settings SET tax_version = %s, prices_include_tax = %s, include_tax_by_country = %s"
            " WHERE tenant_id = %s",
            (held.version + 1, table.prices_include_tax, Jsonb(dict(table.by_country)), self._tenant_id),
        )
        self._connection.execute("DELETE FROM tax_rates WHERE tenant_id = %s", (self._tenant_id,))
        self._connection.execute(
            """
            INSERT INTO tax_rates (tenant_id, position, country, postal_prefix, category_id, rate)
            SELECT %s, given.position - 1, given.country, given.postal_prefix, given.category_id, given.rate
            FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::integer[])
                WITH ORDINALITY AS given (country, postal_prefix, category_id, rate, position)
            """,
            (
                self._tenant_id,
                column_arrays.texts(one.country for one in table.rates),
                column_arrays.texts(one.postal_prefix for one in table.rates),
                column_arrays.ids(one.category_id for one in table.rates),
                column_arrays.numbers(one.rate for one in table.rates),
            ),
        )
        return Versioned(table, held.version + 1)

    def paths_of_products(self, product_ids: Collection[UUID]) -> dict[UUID, list[tuple[UUID, ...]]]:
        """The ways from the root to the categories that each of these products was put into."""
        found = self._connection.execute(
            "SELECT pc.product_id, c.path FROM product_categories pc"
            " JOIN categories c ON c.tenant_id = pc.tenant_id AND c.id = pc.category_id"
            " WHERE pc.tenant_id = %s AND pc.product_id = ANY (%s::uuid[])",
            (self._tenant_id, column_arrays.ids(product_ids)),
        )
        paths: dict[UUID, list[tuple[UUID, ...]]] = {}
        for product_id, path in found:
            paths.setdefault(product_id, []).append(tuple(path))
        return paths

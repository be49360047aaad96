"""Reads and writes what price lists say of variants: `price_list_entries`, beside the products' own `prices`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.list_prices import Tier
from api.domain.price_lists import VariantPrices
from api.store import column_arrays, price_lists
from api.store.list_pages import ListTable, PageWanted
from api.store.price_lists import read_list
from api.store.products import PRICES, read_prices

#: Of a variant `v`: what lists say of it, for `read_tiers`.
TIERS: Final = f"""(
    SELECT jsonb_agg(
        jsonb_build_array({price_lists.AS_JSON}, e.from_quantity, e.amount_minor, e.compare_at_minor)
        ORDER BY l.id, e.from_quantity
    )
    FROM price_list_entries e JOIN price_lists l ON l.tenant_id = e.tenant_id AND l.id = e.list_id
    WHERE e.tenant_id = v.tenant_id AND e.variant_id = v.id
)"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a list says of a variant from a quantity on."""

    list_id: UUID
    variant_id: UUID
    product_id: UUID
    from_quantity: int
    amount_minor: int
    compare_at_minor: int | None

    @property
    def key(self) -> tuple[UUID, UUID, int]:
        return (self.list_id, self.variant_id, self.from_quantity)


@dataclass(frozen=True, slots=True)
class ListedVariant:
    """A variant in one list, with its tiers from the lowest quantity on."""

    variant_id: UUID
    product_id: UUID
    sku: str
    entries: Sequence[Entry]


LIST: Final = ListTable[ListedVariant](name="listed_prices", id="e.variant_id", id_of=lambda one: one.variant_id)


class ListPriceRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def clock(self) -> datetime:
        """The moment of this transaction by the clock of the database, which decides what is in effect."""
        row = self._connection.execute("SELECT now()").fetchone()
        if row is None:
            raise AssertionError("the database has no clock")
        moment: datetime = row[0]
        return moment

    def of_products(self, product_ids: Collection[UUID]) -> dict[UUID, list[VariantPrices]]:
        """All that is said of the prices of their variants, in the order of each product."""
        found: dict[UUID, list[VariantPrices]] = {product_id: [] for product_id in product_ids}
        rows = self._connection.execute(
            f"SELECT v.product_id, v.id, {PRICES}, {TIERS} FROM variants v"  # noqa: S608  # constants
            " WHERE v.tenant_id = %s AND v.product_id = ANY (%s::uuid[]) ORDER BY v.product_id, v.position",
            (self._tenant_id, column_arrays.ids(product_ids)),
        )
        for product_id, variant_id, base, tiers in rows:
            found[product_id].append(VariantPrices(variant_id, read_prices(base), read_tiers(tiers)))
        return found

    def entries(self, list_ids: Collection[UUID], variant_ids: Collection[UUID]) -> list[Entry]:
        """Of these variants in these lists."""
        found = self._connection.execute(
            "SELECT list_id, variant_id, product_id, from_quantity, amount_minor, compare_at_minor"
            " FROM price_list_entries WHERE tenant_id = %s AND list_id = ANY (%s::uuid[])"
            " AND variant_id = ANY (%s::uuid[])",
            (self._tenant_id, column_arrays.ids(list_ids), column_arrays.ids(variant_ids)),
        )
        return [_entry(row) for row in found]

    def page(self, list_id: UUID, wanted: PageWanted) -> list[ListedVariant]:
        """Variants in a list."""
        text, values = LIST.page(wanted)
        found = self._connection.execute(
            f"""
            SELECT v.id, v.product_id, v.sku, (
                SELECT jsonb_agg(jsonb_build_array(e.from_quantity, e.amount_minor, e.compare_at_minor)
                    ORDER BY e.from_quantity)
                FROM price_list_entries e
                WHERE e.tenant_id = %(tenant)s AND e.list_id = %(list)s AND e.variant_id = v.id
            )
            FROM (
                SELECT DISTINCT e.variant_id FROM price_list_entries e
                WHERE e.tenant_id = %(tenant)s AND e.list_id = %(list)s
                    {text}
            ) listed JOIN variants v ON v.tenant_id = %(tenant)s AND v.id = listed.variant_id
            ORDER BY v.id {"DESC" if wanted.sort == "newest" else "ASC"}
            """,  # noqa: S608  # of the table
            {"tenant": self._tenant_id, "list": list_id, **values},
        )
        return [
            ListedVariant(
                variant_id, product_id, sku, [_entry((list_id, variant_id, product_id, *one)) for one in tiers]
            )
            for variant_id, product_id, sku, tiers in found
        ]

    def put(self, entries: Sequence[Entry]) -> None:
        """They say so from now on, whatever they said before."""
        if not entries:
            return
        self._connection.execute(
            """
            INSERT INTO price_list_entries AS e (
                tenant_id, list_id, variant_id, product_id, from_quantity, amount_minor, compare_at_minor
            )
            SELECT %s, * FROM unnest(
                %s::uuid[], %s::uuid[], %s::uuid[], %s::integer[], %s::bigint[], %s::bigint[]
            )
            ON CONFLICT (tenant_id, list_id, variant_id, from_quantity) DO UPDATE
            SET amount_minor = excluded.amount_minor, compare_at_minor = excluded.compare_at_minor
            """,
            (
                self._tenant_id,
                column_arrays.ids(one.list_id for one in entries),
                column_arrays.ids(one.variant_id for one in entries),
                column_arrays.ids(one.product_id for one in entries),
                column_arrays.numbers(one.from_quantity for one in entries),
                column_arrays.numbers(one.amount_minor for one in entries),
                column_arrays.numbers(one.compare_at_minor for one in entries),
            ),
        )

    def remove(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        self._connection.execute(
            "DELETE FROM price_list_entries e USING unnest(%s::uuid[], %s::uuid[], %s::integer[])"
            " AS given (list_id, variant_id, from_quantity)"
            " WHERE e.tenant_id = %s AND e.list_id = given.list_id AND e.variant_id = given.variant_id"
            " AND e.from_quantity = given.from_quantity",
            (
                column_arrays.ids(one.list_id for one in entries),
                column_arrays.ids(one.variant_id for one in entries),
                column_arrays.numbers(one.from_quantity for one in entries),
                self._tenant_id,
            ),
        )


def read_tiers(rows: Iterable[Sequence[Any]] | None) -> tuple[Tier, ...]:
    """Of `TIERS`."""
    return tuple(
        Tier(
            price_list=read_list(price_list),
            from_quantity=from_quantity,
            amount_minor=amount_minor,
            compare_at_minor=compare_at_minor,
        )
        for price_list, from_quantity, amount_minor, compare_at_minor in rows or ()
    )


def _entry(row: Sequence[Any]) -> Entry:
    list_id, variant_id, product_id, from_quantity, amount_minor, compare_at_minor = row
    return Entry(
        list_id=list_id,
        variant_id=variant_id,
        product_id=product_id,
        from_quantity=from_quantity,
        amount_minor=amount_minor,
        compare_at_minor=compare_at_minor,
    )

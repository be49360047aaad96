"""Reads and writes stock: one row of `stock` for each variant and location.

Whoever changes rows holds them first, always in order of their ids, so that nobody waits for one who waits for them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.store import column_arrays, decided_versions, wanted_skus
from api.store.aggregate_table import AggregateTable
from api.store.list_pages import ListTable, PageWanted
from schemas.events.stock import AGGREGATE, Stock, StockDeleted

_COLUMNS: Final = (
    "s.id, s.version, s.variant_id, s.product_id, s.location_id, s.on_hand, s.reserved, s.incoming, s.low_threshold,"
    " s.backorder"
)
_SELECT: Final = f"SELECT {_COLUMNS} FROM stock s WHERE s.tenant_id = %(tenant)s "  # noqa: S608  # constants
UPDATE: Final = """
    UPDATE stock s
    SET version = given.version, on_hand = given.on_hand, reserved = given.reserved, incoming = given.incoming,
        low_threshold = given.low_threshold, backorder = given.backorder
    FROM unnest(
        %s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[], %s::bigint[]
    ) AS given (id, version, on_hand, reserved, incoming, low_threshold, backorder, was_at)
    WHERE s.tenant_id = %s AND s.id = given.id AND s.version = given.was_at
"""
#: In order of id, whatever else is asked.
_HOLD: Final = " ORDER BY s.id FOR NO KEY UPDATE"

LIST: Final = ListTable[Versioned[Stock]](
    name="stock",
    id="s.id",
    id_of=lambda held: held.value.id,
    filters={
        "low": {
            True: "s.on_hand - s.reserved <= s.low_threshold",
            False: "(s.on_hand - s.reserved <= s.low_threshold) IS NOT TRUE",
        },
        "variant_id": "s.variant_id = %(variant_id)s::uuid",
        "product_id": "s.product_id = %(product_id)s::uuid",
        "location_id": "s.location_id = %(location_id)s::uuid",
    },
)


@dataclass(frozen=True, slots=True)
class KnownVariant:
    id: UUID
    product_id: UUID
    sku: str


class StockRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, stock_id: UUID) -> Versioned[Stock] | None:
        return self.load([stock_id]).get(stock_id)

    def load(self, ids: Collection[UUID]) -> dict[UUID, Versioned[Stock]]:
        return {one.value.id: one for one in self._rows("AND s.id = ANY (%(ids)s::uuid[])", ids=column_arrays.ids(ids))}

    def of_variant(self, variant_id: UUID) -> list[Versioned[Stock]]:
        """As it is at each location that counts it."""
        return self._rows("AND s.variant_id = %(variant)s ORDER BY s.id", variant=variant_id)

    def of_products(self, product_ids: Collection[UUID]) -> list[Versioned[Stock]]:
        """Of all their variants, at each location that counts one."""
        return self._rows(
            "AND s.product_id = ANY (%(products)s::uuid[]) ORDER BY s.id", products=column_arrays.ids(product_ids)
        )

    def at_location(self, variant_ids: Collection[UUID], location_id: UUID) -> dict[UUID, UUID]:
        """The id of the stock there of each of these variants that is counted."""
        found = self._connection.execute(
            "SELECT variant_id, id FROM stock WHERE tenant_id = %s AND location_id = %s"
            " AND variant_id = ANY (%s::uuid[])",
            (self._tenant_id, location_id, column_arrays.ids(variant_ids)),
        )
        return dict(found.fetchall())

    def hold(self, ids: Collection[UUID]) -> dict[UUID, Versioned[Stock]]:
        """Nobody else changes them before the transaction is over."""
        held = self._rows("AND s.id = ANY (%(ids)s::uuid[])" + _HOLD, ids=column_arrays.ids(ids))
        return {one.value.id: one for one in held}

    def hold_of_variants(self, variant_ids: Collection[UUID]) -> list[Versioned[Stock]]:
        """Held likewise; told in the order in which locations sell: by position, then the older one first."""
        found = self._connection.execute(
            f"SELECT {_COLUMNS}, (SELECT l.position FROM locations l"  # noqa: S608  # constants
            "  WHERE l.tenant_id = s.tenant_id AND l.id = s.location_id)"
            " FROM stock s WHERE s.tenant_id = %(tenant)s AND s.variant_id = ANY (%(variants)s::uuid[])" + _HOLD,
            {"tenant": self._tenant_id, "variants": column_arrays.ids(variant_ids)},
        ).fetchall()
        ordered = sorted(found, key=lambda row: (row[-1], row[0]))
        return [_versioned(row[:-1]) for row in ordered]

    def page(self, wanted: PageWanted) -> list[Versioned[Stock]]:
        text, values = LIST.page(wanted)
        return self._rows(text, **values)

    def variants_of(self, skus: Iterable[str]) -> dict[str, KnownVariant]:
        """What is sold under these SKUs, by the SKU as it was asked for, in any case."""
        found = self._connection.execute(
            f"{wanted_skus.WANTED} SELECT asked, id, product_id, sku FROM v",  # noqa: S608  # constants
            {"tenant": self._tenant_id, "skus": column_arrays.texts(skus)},
        )
        return {asked: KnownVariant(*variant) for asked, *variant in found}

    def variant(self, variant_id: UUID) -> KnownVariant | None:
        row = self._connection.execute(
            "SELECT id, product_id, sku FROM variants WHERE tenant_id = %s AND id = %s", (self._tenant_id, variant_id)
        ).fetchone()
        return None if row is None else KnownVariant(*row)

    def skus(self, variant_ids: Collection[UUID]) -> dict[UUID, str]:
        """Under which SKU each of these variants is sold."""
        found = self._connection.execute(
            "SELECT id, sku FROM variants WHERE tenant_id = %s AND id = ANY (%s::uuid[])",
            (self._tenant_id, column_arrays.ids(variant_ids)),
        )
        return dict(found.fetchall())

    def available(self, variant_ids: Collection[UUID]) -> dict[UUID, int]:
        """How many of these can be sold at all locations together: of those that are counted and have no backorder."""
        found = self._connection.execute(
            "SELECT variant_id, sum(on_hand - reserved)::bigint FROM stock"
            " WHERE tenant_id = %s AND variant_id = ANY (%s::uuid[]) GROUP BY 1 HAVING NOT bool_or(backorder)",
            (self._tenant_id, column_arrays.ids(variant_ids)),
        )
        return dict(found.fetchall())

    def hold_of_lost_variants(self, product_id: UUID, left: Collection[UUID]) -> list[Versioned[Stock]]:
        """The stock of a product's variants but those that are left, held."""
        return self._rows(
            "AND s.product_id = %(product)s AND s.variant_id <> ALL (%(left)s::uuid[])" + _HOLD,
            product=product_id,
            left=column_arrays.ids(left),
        )

    def write(self, changes: Sequence[Decision[Stock]]) -> None:
        gone = [change for change in changes if isinstance(change.happened[-1].event, StockDeleted)]
        kept = [change for change in changes if not isinstance(change.happened[-1].event, StockDeleted)]
        decided_versions.delete(self._connection, "stock", self._tenant_id, gone)
        self._insert([change for change in kept if change.was_at == 0])
        self._update([change for change in kept if change.was_at > 0])

    def _insert(self, changes: Sequence[Decision[Stock]]) -> None:
        if not changes:
            return
        values = [change.value for change in changes]
        self._connection.execute(
            """
            INSERT INTO stock (
                tenant_id, id, version, on_hand, reserved, incoming, low_threshold, backorder, variant_id, product_id,
                location_id
            )
            SELECT %s, * FROM unnest(
                %s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[],
                %s::uuid[], %s::uuid[], %s::uuid[]
            )
            """,
            (
                self._tenant_id,
                *_moving(changes),
                column_arrays.ids(value.variant_id for value in values),
                column_arrays.ids(value.product_id for value in values),
                column_arrays.ids(value.location_id for value in values),
            ),
        )

    def _update(self, changes: Sequence[Decision[Stock]]) -> None:
        if not changes:
            return
        updated = self._connection.execute(UPDATE, (*updated_columns(changes), self._tenant_id))
        decided_versions.require_all(updated, changes)

    def _rows(self, where: str, **values: Any) -> list[Versioned[Stock]]:
        found = self._connection.execute(_SELECT + where, {"tenant": self._tenant_id, **values})
        return [_versioned(row) for row in found]


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=lambda connection, tenant_id, ids: StockRows(connection, tenant_id).load(ids),
    state=state_events.stock,
)


def updated_columns(changes: Sequence[Decision[Stock]]) -> list[str]:
    return [*_moving(changes), column_arrays.numbers(change.was_at for change in changes)]


def _moving(changes: Sequence[Decision[Stock]]) -> list[str]:
    """What may change, with the id in front."""
    values = [change.value for change in changes]
    return [
        column_arrays.ids(value.id for value in values),
        column_arrays.numbers(change.version for change in changes),
        column_arrays.numbers(value.on_hand for value in values),
        column_arrays.numbers(value.reserved for value in values),
        column_arrays.numbers(value.incoming for value in values),
        column_arrays.numbers(value.low_threshold for value in values),
        column_arrays.numbers(int(value.backorder) for value in values),
    ]


def _versioned(row: Sequence[Any]) -> Versioned[Stock]:
    stock_id, version, variant_id, product_id, location_id, on_hand, reserved, incoming, low_threshold, backorder = row
    stock = Stock(
        id=stock_id,
        variant_id=variant_id,
        product_id=product_id,
        location_id=location_id,
        on_hand=on_hand,
        reserved=reserved,
        incoming=incoming,
        low_threshold=low_threshold,
        backorder=backorder,
    )
    return Versioned(stock, version)

"""Reads and writes what was told last of the prices of products: `product_prices`, and when to look again."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.store import column_arrays, decided_versions
from api.store.aggregate_table import AggregateTable
from schemas.events.product_prices import (
    AGGREGATE,
    GroupPrice,
    ListPrice,
    ProductPrices,
    ProductPricesDeleted,
    PublicPrice,
)

_SELECT: Final = (
    "SELECT id, version, product_id, list_prices, public_prices, group_prices, next_change_at FROM product_prices"
    " WHERE tenant_id = %(tenant)s "
)
#: What was told by code that knows of no groups, while that runs beside this.
_WITHOUT_GROUPS: Final = "groups_version IS DISTINCT FROM version"
Told = Versioned[ProductPrices]


class ToldPriceRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def load(self, ids: Collection[UUID]) -> dict[UUID, Told]:
        return {one.value.id: one for one in self._rows("AND id = ANY (%(ids)s::uuid[])", ids=column_arrays.ids(ids))}

    def hold(self, product_ids: Collection[UUID]) -> dict[UUID, Told]:
        """By product, as far as there are some; nobody else changes them before the transaction is over."""
        where = "AND product_id = ANY (%(ids)s::uuid[]) ORDER BY product_id FOR NO KEY UPDATE"
        return {one.value.product_id: one for one in self._rows(where, ids=column_arrays.ids(product_ids))}

    def hold_due(self, limit: int) -> list[Told]:
        """Those that have to be looked at again by now, but those that somebody else holds."""
        where = (
            f"AND (due_at <= now() OR {_WITHOUT_GROUPS}) ORDER BY due_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED"
        )
        return self._rows(where, limit=limit)

    def looked_at(self, ids: Collection[UUID]) -> None:
        """They are as they were told: the next time is when the clock may change them."""
        self._connection.execute(
            "UPDATE product_prices SET due_at = next_change_at, groups_version = version"
            " WHERE tenant_id = %s AND id = ANY (%s::uuid[])",
            (self._tenant_id, column_arrays.ids(ids)),
        )

    def write(self, changes: Sequence[Decision[ProductPrices]]) -> None:
        gone = [change for change in changes if isinstance(change.happened[-1].event, ProductPricesDeleted)]
        kept = [change for change in changes if not isinstance(change.happened[-1].event, ProductPricesDeleted)]
        decided_versions.delete(self._connection, "product_prices", self._tenant_id, gone)
        self._insert([change for change in kept if change.was_at == 0])
        self._update([change for change in kept if change.was_at > 0])

    def _insert(self, changes: Sequence[Decision[ProductPrices]]) -> None:
        if changes:
            self._connection.execute(
                """
                INSERT INTO product_prices (
                    tenant_id, product_id, id, version, list_prices, public_prices, group_prices, next_change_at,
                    due_at, groups_version
                )
                SELECT %s, product_id, id, version, list_prices, public_prices, group_prices, at, at, version
                FROM unnest(%s::uuid[], %s::bigint[], %s::jsonb[], %s::jsonb[], %s::jsonb[], %s::timestamptz[],
                    %s::uuid[]) AS given (id, version, list_prices, public_prices, group_prices, at, product_id)
                """,
                (
                    self._tenant_id,
                    *_given(changes),
                    column_arrays.ids(change.value.product_id for change in changes),
                ),
            )

    def _update(self, changes: Sequence[Decision[ProductPrices]]) -> None:
        if changes:
            updated = self._connection.execute(
                """
                UPDATE product_prices p
                SET version = given.version, list_prices = given.list_prices, public_prices = given.public_prices,
                    group_prices = given.group_prices, next_change_at = given.at, due_at = given.at,
                    groups_version = given.version
                FROM unnest(%s::uuid[], %s::bigint[], %s::jsonb[], %s::jsonb[], %s::jsonb[], %s::timestamptz[],
                    %s::bigint[]) AS given (id, version, list_prices, public_prices, group_prices, at, was_at)
                WHERE p.tenant_id = %s AND p.id = given.id AND p.version = given.was_at
                """,
                (*_given(changes), column_arrays.numbers(change.was_at for change in changes), self._tenant_id),
            )
            decided_versions.require_all(updated, changes)

    def _rows(self, where: str, **values: Any) -> list[Told]:
        found = self._connection.execute(_SELECT + where, {"tenant": self._tenant_id, **values})
        return [_versioned(row) for row in found]


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=lambda connection, tenant_id, ids: ToldPriceRows(connection, tenant_id).load(ids),
    state=state_events.product_prices,
)


def tenants_with_due(connection: psycopg.Connection[Any]) -> list[UUID]:
    """The shops of which something has to be looked at by now. In a transaction of the platform."""
    found = connection.execute(
        "SELECT tenant_id FROM product_prices WHERE due_at <= now() UNION"  # noqa: S608  # constants
        f" SELECT tenant_id FROM product_prices WHERE {_WITHOUT_GROUPS}"
    )
    return [tenant_id for (tenant_id,) in found]


def _given(changes: Sequence[Decision[ProductPrices]]) -> list[str]:
    values = [change.value for change in changes]
    return [
        column_arrays.ids(value.id for value in values),
        column_arrays.numbers(change.version for change in changes),
        column_arrays.documents(_parts(value.list_prices) for value in values),
        column_arrays.documents(_parts(value.public_prices) for value in values),
        column_arrays.documents(_parts(value.group_prices) for value in values),
        column_arrays.moments(value.next_change_at for value in values),
    ]


def _parts(prices: Iterable[ListPrice | PublicPrice | GroupPrice]) -> list[list[Any]]:
    """Each as a list of its fields, in their order."""
    return [[getattr(price, field.name) for field in fields(price)] for price in prices]


def _versioned(row: Sequence[Any]) -> Told:
    id_, version, product_id, listed, public, of_groups, next_change_at = row
    value = ProductPrices(
        id=id_,
        product_id=product_id,
        list_prices=tuple(map(_list_price, listed)),
        public_prices=tuple(map(_public_price, public)),
        group_prices=tuple(map(_group_price, of_groups)),
        next_change_at=next_change_at,
    )
    return Versioned(value, version)


def _list_price(parts: Sequence[Any]) -> ListPrice:
    list_id, variant_id, from_quantity, currency, amount_minor, compare_at_minor = parts
    return ListPrice(
        price_list_id=UUID(list_id),
        variant_id=UUID(variant_id),
        from_quantity=from_quantity,
        currency=currency,
        amount_minor=amount_minor,
        compare_at_minor=compare_at_minor,
    )


def _public_price(parts: Sequence[Any]) -> PublicPrice:
    variant_id, currency, amount_minor, compare_at_minor, list_id = parts
    return PublicPrice(
        variant_id=UUID(variant_id),
        currency=currency,
        amount_minor=amount_minor,
        compare_at_minor=compare_at_minor,
        price_list_id=None if list_id is None else UUID(list_id),
    )


def _group_price(parts: Sequence[Any]) -> GroupPrice:
    group, variant_id, currency, amount_minor, compare_at_minor, list_id = parts
    return GroupPrice(
        customer_group=group,
        variant_id=UUID(variant_id),
        currency=currency,
        amount_minor=amount_minor,
        compare_at_minor=compare_at_minor,
        price_list_id=UUID(list_id),
    )

"""Finds the products of a collection, a page at a time: those chosen for it, or those its rule means, in one statement.

A page begins behind the last product of the page before (keyset), so nothing that is put in between is seen twice or
moves anything out of sight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.collection_rules import category_ids
from api.store import column_arrays, narrow_rows, product_prices
from api.store.collection_rules import IN_STOCK, RuleText
from schemas.events.collection import Collection
from schemas.row_conditions import RowCondition

Key = int | str


@dataclass(frozen=True, slots=True)
class SortOrder:
    """Products by `key`, and those with the same key by id. `key` is SQL about a product `p`."""

    key: str
    downwards: bool = False


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """`key` is what it was sorted by."""

    id: UUID
    key: Key


_PRICE: Final = """coalesce((
    SELECT {}(r.amount_minor) FROM variants v JOIN prices r ON r.tenant_id = v.tenant_id AND r.variant_id = v.id
    WHERE v.tenant_id = p.tenant_id AND v.product_id = p.id AND r.currency = %(currency)s
), {})"""
_TITLE: Final = """(
    SELECT lower(t.title COLLATE pg_c_utf8) FROM product_translations t
    WHERE t.tenant_id = p.tenant_id AND t.product_id = p.id
    ORDER BY array_position(%(locales)s::text[], t.locale), t.position LIMIT 1
)"""
#: Ids rise with the time they were made. What has no price in the currency comes last.
ORDERS: Final = {
    "position": SortOrder("m.rank"),
    "newest": SortOrder("0::bigint", downwards=True),
    "oldest": SortOrder("0::bigint"),
    "price_asc": SortOrder(_PRICE.format("min", 2**62)),
    "price_desc": SortOrder(_PRICE.format("max", -1), downwards=True),
    "title": SortOrder(_TITLE),
}
#: What kind of thing each sorts by.
KEYS: Final[dict[str, type[int] | type[str]]] = {name: str if name == "title" else int for name in ORDERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOfProducts:
    """`currency` is for the prices, `locales` for the titles that are sorted by; `after` is the last one seen."""

    sort: str
    currency: str
    locales: Sequence[str]
    limit: int
    after: FoundProduct | None


class CollectionProducts:
    """Only products that are `reached` are in a collection."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID, reached: RowCondition) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._reached, self._values = narrow_rows.where(reached, narrow_rows.of_table("p", product_prices.COLUMNS))

    def page(self, collection: Collection, asked: PageOfProducts, now: datetime) -> list[FoundProduct]:
        query, values = self.statement(collection, asked, now)
        # What a rule comes to differs from rule to rule, so each is planned for itself.
        return [FoundProduct(*row) for row in self._connection.execute(query, values, prepare=False)]

    def statement(self, collection: Collection, asked: PageOfProducts, now: datetime) -> tuple[str, dict[str, Any]]:
        values: dict[str, Any] = {
            "tenant": self._tenant_id,
            "currency": asked.currency,
            "locales": column_arrays.texts(asked.locales),
            "limit": asked.limit,
            **self._values,
        }
        if asked.after is not None:
            values |= {"after_key": asked.after.key, "after_id": asked.after.id}
        if collection.rule is None:
            chosen = "collection_products m JOIN products p ON p.tenant_id = m.tenant_id AND p.id = m.product_id"
            values["collection"] = collection.id
            branches = [self._branch(chosen, "m.tenant_id = %(tenant)s AND m.collection_id = %(collection)s", asked)]
        else:
            text = RuleText(collection.rule, self._subtrees(collection), now)
            values |= text.values
            branches = [self._branch("products p", one, asked) for one in text.branches]
        if len(branches) == 1:
            return branches[0], values
        # Each is a page by itself: whatever is on the page of all of them is on that of one of them.
        united = " UNION ".join(f"({one})" for one in branches)
        return f"SELECT id, key FROM ({united}) AS found {_ordered(asked)}", values  # noqa: S608  # texts of the code

    def is_in_stock(self, product_id: UUID) -> bool:
        """Whether any of its variants can be ordered."""
        row = self._connection.execute(
            f"SELECT {IN_STOCK} FROM products p WHERE p.tenant_id = %s AND p.id = %s",  # noqa: S608  # a constant
            (self._tenant_id, product_id),
        ).fetchone()
        return row is not None and bool(row[0])

    def _branch(self, where_from: str, condition: str, asked: PageOfProducts) -> str:
        order = ORDERS[asked.sort]
        behind = "" if asked.after is None else f"WHERE {_behind(order, asked.after)}"
        return f"""
            SELECT id, key FROM (
                SELECT p.id, {order.key} AS key FROM {where_from}
                WHERE p.tenant_id = %(tenant)s {self._reached} AND {condition}
            ) AS one {behind} {_ordered(asked)}
        """  # noqa: S608  # texts of the code; all that comes from outside is a parameter

    def _subtrees(self, collection: Collection) -> dict[UUID, list[UUID]]:
        """Of the categories that the rule names: each with all that is below it."""
        wanted = {id_ for _, id_ in category_ids(collection.rule)} if collection.rule else set()
        if not wanted:
            return {}
        found = self._connection.execute(
            "SELECT id, path FROM categories WHERE tenant_id = %s AND path && %s::uuid[]",
            (self._tenant_id, column_arrays.ids(wanted)),
        ).fetchall()
        return {id_: [below for below, path in found if id_ in path] for id_ in wanted}


def _behind(order: SortOrder, after: FoundProduct) -> str:
    than = "<" if order.downwards else ">"
    return f"id {than} %(after_id)s" if _is_by_id(order) else f"(key, id) {than} (%(after_key)s, %(after_id)s)"


def _ordered(asked: PageOfProducts) -> str:
    order = ORDERS[asked.sort]
    way = "DESC" if order.downwards else "ASC"
    return f"ORDER BY {'' if _is_by_id(order) else f'key {way}, '}id {way} LIMIT %(limit)s"


def _is_by_id(order: SortOrder) -> bool:
    return order.key == ORDERS["newest"].key

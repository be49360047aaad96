"""Finds orders by the words that are in them, in whom they are about, and in how they were paid."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.changes import Versioned
from api.domain.orders import AnyOrder
from api.store import column_arrays, narrow_rows, orders
from api.store.list_pages import NEWEST, OLDEST, PageWanted
from api.store.sought_words import FoundIds, SoughtWord, WordSearch
from api.store.users import user_id_of
from schemas.row_conditions import EVERY_ROW, RowCondition

#: Field → what is looked for in it is written by r0450.
OF_ORDER: Final = ("id", "external_id", "payment_id", "lines.sku", "lines.title", "parcels.tracking_number")
OF_PAYMENTS: Final = ("payments.reference",)
PHONES: Final = ("contact.phone", "shipping_address.phone", "billing_address.phone")
OF_CONTACTS: Final = (
    "contact.name",
    "contact.email",
    *(
        f"{part}_address.{field}"
        for part in ("shipping", "billing")
        for field in ("name", "company", "line1", "line2", "postal_code", "city")
    ),
    *PHONES,
)
LIST: Final = replace(orders.LIST, name="found_orders", sorts={"newest": NEWEST, "oldest": OLDEST})
SEARCH: Final = WordSearch[Versioned[AnyOrder]](listed=LIST, rows="orders o", words="order_words", thing="order_id")


class FoundOrderRows:
    """Only what is `reached` is found."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID, reached: RowCondition = EVERY_ROW) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._reached, self._values = narrow_rows.where(reached, narrow_rows.of_table("o"))

    def read(self, typed: str, fields: Collection[str]) -> list[SoughtWord]:
        return SEARCH.read(self._connection, self._tenant_id, typed, fields)

    def find(self, sought: Sequence[SoughtWord], fields: Collection[str], wanted: PageWanted) -> FoundIds:
        return SEARCH.find(
            self._connection, self._tenant_id, sought, fields, wanted, reached=self._reached, values=self._values
        )

    def matched(
        self, sought: Sequence[SoughtWord], fields: Collection[str], ids: Collection[UUID]
    ) -> dict[UUID, list[str]]:
        return SEARCH.matched(self._connection, self._tenant_id, sought, fields, ids)

    def customers_by_phone(self, number: str, most: int) -> list[UUID]:
        """Who placed an order with a telephone number that begins or ends so, if it is one's account that placed it."""
        found = self._connection.execute(
            f"""
            SELECT DISTINCT o.customer_ref FROM (
                SELECT w.order_id FROM words_sought(%(number)s) AS r
                JOIN order_words w ON w.tenant_id = %(tenant)s AND w.word >= r.low AND w.word < r.high
                WHERE w.field = ANY (%(phones)s::text[]) LIMIT %(most)s
            ) w JOIN orders o ON o.tenant_id = %(tenant)s AND o.id = w.order_id
            WHERE o.customer_ref IS NOT NULL {self._reached}
            """,  # noqa: S608  # a condition of ours
            {
                "tenant": self._tenant_id,
                "number": number,
                "phones": column_arrays.texts(PHONES),
                "most": most,
                **self._values,
            },
        )
        return [id_ for (ref,) in found if (id_ := user_id_of(ref)) is not None]

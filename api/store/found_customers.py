"""Finds customers by who they are, and tells how often they ordered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.changes import Versioned
from api.domain.permissions import Role
from api.domain.users import Account
from api.store import column_arrays, narrow_rows
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted
from api.store.sought_words import FoundIds, SoughtWord, WordSearch
from schemas.row_conditions import EVERY_ROW, RowCondition

FIELDS: Final = ("id", "email", "name")
LIST: Final = ListTable[Versioned[Account]](
    name="found_customers",
    id="u.id",
    id_of=lambda held: held.value.user.id,
    filters={
        "status": "u.status = ANY (%(status)s::text[])",
        "customer_group": "u.customer_group = ANY (%(customer_group)s::text[])",
    },
    sorts={"newest": NEWEST, "oldest": OLDEST},
)
_CUSTOMERS: Final = f"AND u.role = '{Role.CUSTOMER}' "
SEARCH: Final = WordSearch[Versioned[Account]](listed=LIST, rows="users u", words="user_words", thing="user_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What somebody ordered so far."""

    orders: int = 0
    last_order_id: UUID | None = None
    last_placed_at: datetime | None = None


class FoundCustomerRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def read(self, typed: str) -> list[SoughtWord]:
        return SEARCH.read(self._connection, self._tenant_id, typed, FIELDS)

    def find(self, sought: Sequence[SoughtWord], wanted: PageWanted, besides: Collection[UUID]) -> FoundIds:
        return SEARCH.find(
            self._connection, self._tenant_id, sought, FIELDS, wanted, reached=_CUSTOMERS, besides=besides
        )

    def matched(self, sought: Sequence[SoughtWord], ids: Collection[UUID]) -> dict[UUID, list[str]]:
        return SEARCH.matched(self._connection, self._tenant_id, sought, FIELDS, ids)


class OrderedRows:
    """Only orders that are `reached` are counted."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID, reached: RowCondition = EVERY_ROW) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._reached, self._values = narrow_rows.where(reached, narrow_rows.of_table("o"))

    def by(self, customers: Collection[UUID]) -> dict[UUID, Ordered]:
        """Who ordered nothing is not in it."""
        found = self._connection.execute(
            f"""
            SELECT o.customer_ref, count(*), (array_agg(o.id ORDER BY o.placed_at DESC, o.id DESC))[1], max(o.placed_at)
            FROM orders o
            WHERE o.tenant_id = %(tenant)s {self._reached} AND o.customer_ref = ANY (%(refs)s::text[]) GROUP BY 1
            """,  # noqa: S608  # a condition of ours
            {
                "tenant": self._tenant_id,
                "refs": column_arrays.texts(str(one) for one in customers),
                **self._values,
            },
        )
        return {
            UUID(ref): Ordered(orders=count, last_order_id=last, last_placed_at=at) for ref, count, last, at in found
        }

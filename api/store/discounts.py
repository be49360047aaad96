"""Reads and writes discount codes, and which order used which: `discounts` and `discount_uses`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.changes import Versioned
from api.domain.discounts import Discount
from api.domain.errors import StaleVersion
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy

_FIELDS: Final = (
    "id",
    "code",
    "kind",
    "value",
    "currency",
    "minimum_minor",
    "starts_at",
    "ends_at",
    "most_uses",
    "most_each",
    "active",
    "uses",
)
_SELECT: Final = f"SELECT version, {', '.join(_FIELDS)} FROM discounts WHERE tenant_id = %(tenant)s "  # noqa: S608
#: What may be said anew; `uses` is counted.
_CHANGED: Final = ("value", "currency", "minimum_minor", "starts_at", "ends_at", "most_uses", "most_each", "active")

LIST: Final = ListTable[Versioned[Discount]](
    name="discounts",
    id="id",
    id_of=lambda held: held.value.id,
    filters={"active": "active = %(active)s::boolean", "kind": "kind = ANY (%(kind)s::text[])"},
    sorts={"oldest": OLDEST, "newest": NEWEST, "code": SortedBy("code", str, lambda held: held.value.code)},
)


class DiscountRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, discount_id: UUID) -> Versioned[Discount] | None:
        return self._one("AND id = %(id)s", id=discount_id)

    def hold(self, discount_id: UUID) -> Versioned[Discount] | None:
        """Nobody else changes or uses it before the transaction is over."""
        return self._one("AND id = %(id)s FOR UPDATE", id=discount_id)

    def coded(self, code: str) -> Discount | None:
        """In any case."""
        found = self._one("AND code_key = code_key(%(code)s)", code=code)
        return None if found is None else found.value

    def hold_coded(self, code: str) -> Discount | None:
        """The same; nobody else changes or uses it before the transaction is over."""
        found = self._one("AND code_key = code_key(%(code)s) FOR UPDATE", code=code)
        return None if found is None else found.value

    def page(self, wanted: PageWanted) -> list[Versioned[Discount]]:
        text, values = LIST.page(wanted)
        found = self._connection.execute(_SELECT + text, {"tenant": self._tenant_id, **values})
        return [_versioned(row) for row in found]

    def add(self, discount: Discount) -> Versioned[Discount]:
        values = [getattr(discount, name) for name in _FIELDS]
        self._connection.execute(
            f"INSERT INTO discounts (tenant_id, version, {', '.join(_FIELDS)})"  # noqa: S608
            f" VALUES (%s, 1, {', '.join(['%s'] * len(values))})",
            (self._tenant_id, *values),
        )
        return Versioned(discount, 1)

    def change(self, held: Versioned[Discount], discount: Discount) -> Versioned[Discount]:
        """Raises `StaleVersion` when it is not as it was."""
        updated = self._connection.execute(
            f"UPDATE discounts SET version = version + 1, {', '.join(f'{name} = %s' for name in _CHANGED)}"  # noqa: S608
            " WHERE tenant_id = %s AND id = %s AND version = %s",
            (*(getattr(discount, name) for name in _CHANGED), self._tenant_id, discount.id, held.version),
        )
        if updated.rowcount != 1:
            raise StaleVersion(held.version)
        return Versioned(replace(discount, uses=held.value.uses), held.version + 1)

    def used_by(self, discount_id: UUID, customer_ref: str) -> int:
        """How often; what was given back does not count."""
        row = self._connection.execute(
            "SELECT count(*) FROM discount_uses u JOIN orders o ON o.tenant_id = u.tenant_id AND o.id = u.order_id"
            " WHERE u.tenant_id = %s AND u.discount_id = %s AND NOT u.given_back AND o.customer_ref = %s",
            (self._tenant_id, discount_id, customer_ref),
        ).fetchone()
        return row[0] if row else 0

    def use(self, discount_id: UUID, order_id: UUID) -> None:
        """Of one that is held."""
        self._connection.execute(
            "INSERT INTO discount_uses (tenant_id, order_id, discount_id) VALUES (%s, %s, %s)",
            (self._tenant_id, order_id, discount_id),
        )
        self._count(discount_id, 1)

    def give_back(self, order_id: UUID) -> None:
        """What the order used can be used again; nothing where it used none."""
        row = self._connection.execute(
            "UPDATE discount_uses SET given_back = true WHERE tenant_id = %s AND order_id = %s AND NOT given_back"
            " RETURNING discount_id",
            (self._tenant_id, order_id),
        ).fetchone()
        if row is not None:
            self._count(row[0], -1)

    def _count(self, discount_id: UUID, more: int) -> None:
        self._connection.execute(
            "UPDATE discounts SET uses = uses + %s WHERE tenant_id = %s AND id = %s",
            (more, self._tenant_id, discount_id),
        )

    def _one(self, which: str, **given: object) -> Versioned[Discount] | None:
        row = self._connection.execute(_SELECT + which, {"tenant": self._tenant_id, **given}).fetchone()
        return None if row is None else _versioned(row)


def _versioned(row: Sequence[Any]) -> Versioned[Discount]:
    version, *facts = row
    return Versioned(Discount(**dict(zip(_FIELDS, facts, strict=True))), version)

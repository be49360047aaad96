"""Reads and writes price lists: `price_lists`, whose prices are in `price_list_entries`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.domain.errors import StaleVersion
from api.domain.price_lists import decides_otherwise
from api.store import column_arrays
from api.store.aggregate_table import AggregateTable
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy
from schemas.events.price_list import AGGREGATE, PriceList, PriceListDeleted, PriceListUpdated

_NAMES: Final = "name, currency, customer_group, starts_at, ends_at, priority, active, created_at"
_SELECT: Final = f"SELECT id, version, {_NAMES} FROM price_lists WHERE tenant_id = %(tenant)s "  # noqa: S608  # constants
#: As an object in JSON, for `read_list`; of the table `l`.
AS_JSON: Final = (
    "jsonb_build_array(l.id, l.name, l.currency, l.customer_group, l.starts_at, l.ends_at, l.priority, l.active,"
    " l.created_at)"
)

LIST: Final = ListTable[Versioned[PriceList]](
    name="price_lists",
    id="id",
    id_of=lambda held: held.value.id,
    filters={
        "active": "active = %(active)s::boolean",
        "currency": "currency = %(currency)s::text",
        "customer_group": "customer_group = %(customer_group)s::text",
    },
    sorts={
        "oldest": OLDEST,
        "newest": NEWEST,
        "name": SortedBy("name", str, lambda held: held.value.name),
        "priority_desc": SortedBy("priority", int, lambda held: held.value.priority, downwards=True),
    },
)


class PriceListRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, list_id: UUID) -> Versioned[PriceList] | None:
        return self.load([list_id]).get(list_id)

    def load(self, ids: Collection[UUID]) -> dict[UUID, Versioned[PriceList]]:
        found = self._rows("AND id = ANY (%(ids)s::uuid[])", ids=column_arrays.ids(ids))
        return {one.value.id: one for one in found}

    def hold(self, list_id: UUID) -> Versioned[PriceList] | None:
        """Nobody changes it, or a price in it, before the transaction is over."""
        return next(iter(self._rows("AND id = %(id)s FOR UPDATE", id=list_id)), None)

    def share(self, ids: Collection[UUID]) -> dict[UUID, PriceList]:
        """They stay as they are before the transaction is over; others may change prices in them, too."""
        where = "AND id = ANY (%(ids)s::uuid[]) ORDER BY id FOR SHARE"
        return {one.value.id: one.value for one in self._rows(where, ids=column_arrays.ids(ids))}

    def by_name(self, names: Collection[str]) -> dict[str, UUID]:
        found = self._rows("AND name = ANY (%(names)s::text[])", names=column_arrays.texts(names))
        return {one.value.name: one.value.id for one in found}

    def page(self, wanted: PageWanted) -> list[Versioned[PriceList]]:
        text, values = LIST.page(wanted)
        return self._rows(text, **values)

    def write(self, changes: Sequence[Decision[PriceList]]) -> None:
        """One after another: they are few."""
        for change in changes:
            event = change.happened[-1].event
            if change.was_at == 0:
                self._insert(change)
                continue
            if isinstance(event, PriceListDeleted) or (
                isinstance(event, PriceListUpdated) and decides_otherwise(event)
            ):
                self._look_again(change.aggregate_id)
            if isinstance(event, PriceListDeleted):
                self._changed("DELETE FROM price_lists ", change)
            else:
                columns = ", ".join(f"{name.strip()} = %({name.strip()})s" for name in _NAMES.split(","))
                self._changed(f"UPDATE price_lists SET version = %(version)s, {columns} ", change)  # noqa: S608

    def _insert(self, change: Decision[PriceList]) -> None:
        values = ", ".join(f"%({name.strip()})s" for name in _NAMES.split(","))
        self._connection.execute(
            f"INSERT INTO price_lists (tenant_id, id, version, {_NAMES})"  # noqa: S608  # constants
            f" VALUES (%(tenant)s, %(id)s, %(version)s, {values})",
            self._given(change),
        )

    def _changed(self, statement: str, change: Decision[PriceList]) -> None:
        done = self._connection.execute(
            f"{statement} WHERE tenant_id = %(tenant)s AND id = %(id)s AND version = %(was_at)s",
            self._given(change),
        )
        if done.rowcount != 1:
            raise StaleVersion(change.was_at)

    def _look_again(self, list_id: UUID) -> None:
        """What is told of the products in it may be another price now: whoever renews prices looks."""
        self._connection.execute(
            "UPDATE product_prices p SET due_at = now() WHERE p.tenant_id = %(tenant)s AND p.product_id IN ("
            " SELECT e.product_id FROM price_list_entries e WHERE e.tenant_id = %(tenant)s AND e.list_id = %(list)s)",
            {"tenant": self._tenant_id, "list": list_id},
        )

    def _given(self, change: Decision[PriceList]) -> dict[str, Any]:
        value = change.value
        own = {name.strip(): getattr(value, name.strip()) for name in _NAMES.split(",")}
        versions = {"version": change.version, "was_at": change.was_at}
        return {"tenant": self._tenant_id, "id": change.aggregate_id, **versions, **own}

    def _rows(self, where: str, **values: Any) -> list[Versioned[PriceList]]:
        found = self._connection.execute(_SELECT + where, {"tenant": self._tenant_id, **values})
        return [Versioned(of_row((row[0], *row[2:])), row[1]) for row in found]


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=lambda connection, tenant_id, ids: PriceListRows(connection, tenant_id).load(ids),
    state=state_events.created_or_updated(AGGREGATE),
)


def read_list(parts: Sequence[Any]) -> PriceList:
    """Of JSON."""
    list_id, name, currency, group, starts_at, ends_at, priority, active, created_at = parts
    moments = [None if one is None else datetime.fromisoformat(one) for one in (starts_at, ends_at, created_at)]
    return of_row((UUID(list_id), name, currency, group, moments[0], moments[1], priority, active, moments[2]))


def of_row(row: Sequence[Any]) -> PriceList:
    list_id, name, currency, group, starts_at, ends_at, priority, active, created_at = row
    return PriceList(
        id=list_id,
        name=name,
        currency=currency,
        customer_group=group,
        starts_at=starts_at,
        ends_at=ends_at,
        priority=priority,
        active=active,
        created_at=created_at,
    )

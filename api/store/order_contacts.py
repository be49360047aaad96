"""Reads and writes whom an order is about and where it goes: `order_contacts`, a row for each order that has any of it.

Its version is its own: no event tells of it, so the order's stays.
"""

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql

from api.domain.changes import Versioned
from api.domain.order_contacts import Address, Contact, Contacts, checked_contacts
from api.store import column_arrays

_PARTS: Final[tuple[tuple[str, type[Contact] | type[Address]], ...]] = (
    ("contact", Contact),
    ("shipping", Address),
    ("billing", Address),
)
_COLUMNS: Final = tuple(f"{part}_{field.name}" for part, kind in _PARTS for field in fields(kind))
_NAMES: Final = sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))
_SELECT: Final = sql.SQL("SELECT version, {} FROM order_contacts WHERE tenant_id = %s AND order_id = %s").format(_NAMES)
_PUT: Final = sql.SQL(
    "INSERT INTO order_contacts (tenant_id, order_id, version, {names}) VALUES (%s, %s, 1, {values})"
    " ON CONFLICT (tenant_id, order_id) DO UPDATE SET version = order_contacts.version + 1, {changed}"
    " RETURNING version"
).format(
    names=_NAMES,
    values=sql.SQL(", ").join([sql.Placeholder()] * len(_COLUMNS)),
    changed=sql.SQL(", ").join(sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in _COLUMNS),
)
_FORGET: Final = sql.SQL(
    "UPDATE order_contacts SET version = version + 1, {nothing} WHERE tenant_id = %s AND num_nonnulls({names}) > 0 AND "
).format(
    nothing=sql.SQL(", ").join(sql.SQL("{} = NULL").format(sql.Identifier(name)) for name in _COLUMNS), names=_NAMES
)
#: What an order has of which nobody said anything yet.
NOTHING_YET: Final = Versioned(Contacts(), 0)


class ContactRows:
    """Whoever asks has looked whether the order is there for them."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, order_id: UUID) -> Versioned[Contacts]:
        row = self._connection.execute(_SELECT, (self._tenant_id, order_id)).fetchone()
        return NOTHING_YET if row is None else Versioned(_contacts(row[1:]), row[0])

    def add(self, order_id: UUID, contacts: Contacts) -> None:
        """Of an order that was placed in the same transaction. Raises `Invalid` naming each field."""
        if not contacts.is_empty:
            self.put(order_id, contacts)

    def put(self, order_id: UUID, contacts: Contacts) -> Versioned[Contacts]:
        """In place of what was there. Raises `Invalid` naming each field."""
        taken = checked_contacts(contacts)
        given = (taken.contact, taken.shipping_address, taken.billing_address)
        values = [
            getattr(part, field.name, None)
            for (_, kind), part in zip(_PARTS, given, strict=True)
            for field in fields(kind)
        ]
        row = self._connection.execute(_PUT, (self._tenant_id, order_id, *values)).fetchone()
        return Versioned(taken, row[0] if row else 0)

    def knows(self, emails: Sequence[str]) -> bool:
        """Whether somebody is told by one of these addresses."""
        row = self._connection.execute(
            "SELECT FROM order_contacts WHERE tenant_id = %s AND contact_email = ANY (%s::text[]) LIMIT 1",
            (self._tenant_id, column_arrays.texts(emails)),
        ).fetchone()
        return row is not None

    def forget_of_email(self, emails: Sequence[str]) -> None:
        """Nothing is left of whoever is told by one of these addresses, whosever order it is."""
        self._connection.execute(
            _FORGET + sql.SQL("contact_email = ANY (%s::text[])"), (self._tenant_id, column_arrays.texts(emails))
        )


def forget(connection: psycopg.Connection[Any], tenant_id: UUID, order_ids: Collection[UUID]) -> None:
    connection.execute(_FORGET + sql.SQL("order_id = ANY (%s::uuid[])"), (tenant_id, column_arrays.ids(order_ids)))


def _contacts(row: Sequence[Any]) -> Contacts:
    held = dict(zip(_COLUMNS, row, strict=True))
    contact = Contact(**_of("contact", held))
    return Contacts(
        contact=None if contact == Contact() else contact,
        shipping_address=_address("shipping", held),
        billing_address=_address("billing", held),
    )


def _address(part: str, held: dict[str, Any]) -> Address | None:
    return None if held[f"{part}_country"] is None else Address(**_of(part, held))


def _of(part: str, held: dict[str, Any]) -> dict[str, Any]:
    return {column.removeprefix(f"{part}_"): value for column, value in held.items() if column.startswith(f"{part}_")}

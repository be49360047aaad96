"""Whom an order is about and where it goes: names, addresses, e-mail and phone, which no event ever holds.

They may change until nothing of the order is here any more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

from api.domain import order_events
from api.domain.errors import Conflict, FieldError, Invalid
from api.domain.orders import AnyOrder, Cancelled, Delivered, Shipped

#: Field → how many characters it has at most; commands take these from here, and the database keeps them: r0320.
LONGEST: Final = {
    "name": 200,
    "email": 254,
    "phone": 40,
    "company": 200,
    "line1": 200,
    "line2": 200,
    "postal_code": 20,
    "city": 100,
    "region": 100,
    "country": 2,
}
#: Any letters there are, and nothing that moves a cursor or ends a line.
NO_CONTROLS: Final = r"^[^\x00-\x1f\x7f-\x9f]+$"
EMAIL: Final = r"^[^@\s\x00-\x1f\x7f-\x9f]{1,64}@[^@\s\x00-\x1f\x7f-\x9f]{1,189}$"
COUNTRY: Final = r"^[A-Z]{2}$"
_FORMS: Final = {"email": re.compile(EMAIL), "country": re.compile(COUNTRY)}
_ANY: Final = re.compile(NO_CONTROLS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Who is told what becomes of the order."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`country` is the two letters of ISO 3166-1."""

    line1: str
    city: str
    country: str
    name: str | None = None
    company: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    region: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """All of it that an order has; without a billing address the bill goes where the goods go."""

    contact: Contact | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None

    @property
    def is_empty(self) -> bool:
        return self == Contacts()


def checked_contacts(contacts: Contacts) -> Contacts:
    """As they are stored. Raises `Invalid` naming every field that is too long, or not what it is to be."""
    wrong = [
        FieldError(f"{part.name}.{field}", code, message)
        for part in fields(contacts)
        for field, code, message in _wrong(getattr(contacts, part.name))
    ]
    if wrong:
        raise Invalid("The contact data cannot be taken.", wrong)
    if contacts.contact == Contact():
        return Contacts(shipping_address=contacts.shipping_address, billing_address=contacts.billing_address)
    return contacts


def require_changeable(order: AnyOrder) -> None:
    """Raises `Conflict` for an order of which nothing goes anywhere any more."""
    if isinstance(order, Shipped | Delivered | Cancelled):
        raise Conflict(f"The order is {order_events.status(order)}: where it goes changes no more.")


def _wrong(part: Contact | Address | None) -> Iterator[tuple[str, str, str]]:
    for field in () if part is None else fields(part):
        value = getattr(part, field.name)
        if value is None:
            continue
        if len(value) > LONGEST[field.name]:
            yield field.name, "string_too_long", f"It has at most {LONGEST[field.name]} characters."
        elif value != value.strip() or not _FORMS.get(field.name, _ANY).fullmatch(value):
            yield field.name, "string_pattern_mismatch", "It is not what it is to be."

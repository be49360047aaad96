"""Whom an order is about and where it goes, in JSON."""

from typing import Self

from api.domain.changes import Versioned
from api.domain.order_contacts import Contacts
from api.http.bodies.fields import AnswerBody


class ContactAnswer(AnswerBody):
    name: str | None
    email: str | None
    phone: str | None


class AddressAnswer(AnswerBody):
    name: str | None
    company: str | None
    line1: str
    line2: str | None
    postal_code: str | None
    city: str
    region: str | None
    country: str
    phone: str | None


class _ContactsFacts(AnswerBody):
    contact: ContactAnswer | None
    shipping_address: AddressAnswer | None
    billing_address: AddressAnswer | None


class ContactsAnswer(_ContactsFacts):
    """`version` counts the changes of this alone; 0 where nobody said anything yet."""

    version: int

    @classmethod
    def of(cls, held: Versioned[Contacts]) -> Self:
        return cls(**dict(_ContactsFacts.model_validate(held.value)), version=held.version)

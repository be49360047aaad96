"""Whom an order is about and where it goes, as people say it."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from api.domain.order_contacts import COUNTRY, EMAIL, LONGEST, NO_CONTROLS, Address, Contact, Contacts
from api.use_cases.fields import Input


def _limits(field: str, pattern: str = NO_CONTROLS) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST[field], pattern=pattern)


_Name = Annotated[str, _limits("name")]
_Email = Annotated[str, _limits("email", EMAIL), AfterValidator(str.lower)]
_Phone = Annotated[str, _limits("phone")]
_Company = Annotated[str, _limits("company")]
_Line = Annotated[str, _limits("line1")]
_Line2 = Annotated[str, _limits("line2")]
_PostalCode = Annotated[str, _limits("postal_code")]
_City = Annotated[str, _limits("city")]
_Region = Annotated[str, _limits("region")]
_Country = Annotated[str, _limits("country", COUNTRY)]

_ANNA: JsonDict = {"name": "Anna Köhler", "email": "anna@example.org", "phone": "+43 1 234567"}
_HOME: JsonDict = {
    "name": "Anna Köhler",
    "line1": "Lindengasse 3",
    "postal_code": "1070",
    "city": "Wien",
    "country": "AT",
}


class ContactGiven(Input):
    """Who is told what becomes of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANNA]})

    name: _Name | None = None
    email: _Email | None = None
    phone: _Phone | None = None


class GuestContact(ContactGiven):
    email: _Email


class AddressGiven(Input):
    model_config = ConfigDict(json_schema_extra={"examples": [_HOME]})

    name: _Name | None = Field(default=None, description="Who is to get it.")
    company: _Company | None = None
    line1: _Line = Field(description="Street and number.")
    line2: _Line2 | None = None
    postal_code: _PostalCode | None = None
    city: _City
    region: _Region | None = None
    country: _Country = Field(description="Two letters of ISO 3166-1.")
    phone: _Phone | None = None


class ContactsGiven(Input):
    """In no event, and nowhere but in the database; erased with the person."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"contact": _ANNA, "shipping_address": _HOME}]})

    contact: ContactGiven | None = None
    shipping_address: AddressGiven | None = None
    billing_address: AddressGiven | None = Field(default=None, description="Where the goods go, when it is missing.")

    def contacts(self) -> Contacts:
        return Contacts(
            contact=None if self.contact is None else Contact(**dict(self.contact)),
            shipping_address=_address(self.shipping_address),
            billing_address=_address(self.billing_address),
        )


def _address(given: AddressGiven | None) -> Address | None:
    return None if given is None else Address(**dict(given))

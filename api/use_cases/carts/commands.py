"""What people ask of carts and command. Every `*_minor` is in minor units of the cart's `currency`."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, JsonValue, StrictBool, StrictInt, StringConstraints

from api.domain.carts import CartState
from api.domain.orders import MOST_LINES, MOST_OF_A_LINE
from api.domain.shipping_methods import LONGEST_CODE
from api.store.carts import LIST
from api.use_cases.discounts.commands import Code
from api.use_cases.fields import Country, Currency, ExternalId, Input, Locale, Minor, Moment, Sku
from api.use_cases.orders.contact_commands import ContactsGiven
from api.use_cases.pages import PageAsked

PostalCode = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20, pattern=r"^[^\x00-\x1f\x7f]+$")
]
MethodCode = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CODE, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
_SOME: Final[dict[str, JsonValue]] = {"sku": "CHEESE-200", "quantity": 2}


class AddedLine(Input):
    sku: Sku
    quantity: Annotated[StrictInt, Field(ge=1, le=MOST_OF_A_LINE)]


class SetLine(Input):
    sku: Sku
    quantity: Annotated[StrictInt, Field(ge=0, le=MOST_OF_A_LINE, description="So many are in it then; 0: none.")]


class AddedLines(Input):
    """They come to what is in the cart already, at the price of now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lines": [_SOME]}]})

    lines: list[AddedLine] = Field(min_length=1, max_length=MOST_LINES)


class SetLines(Input):
    """What is not named stays as it is; the price of what is named is that of now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lines": [{**_SOME, "quantity": 0}]}]})

    lines: list[SetLine] = Field(min_length=1, max_length=MOST_LINES)


class NewCart(Input):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"lines": [_SOME], "country": "AT", "postal_code": "1070"}]}
    )

    customer_ref: ExternalId | None = Field(
        default=None, description="Whose it is, as the shop names customers; a customer's carts are always their own."
    )
    currency: Currency | None = Field(default=None, description="The shop's own when it is missing.")
    country: Country | None = Field(default=None, description="Where it goes: two letters of ISO 3166-1.")
    postal_code: PostalCode | None = None
    lines: list[AddedLine] = Field(default=[], max_length=MOST_LINES)


class CartChange(Input):
    """What is missing stays as it is; `null` says nothing any more."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"country": "AT", "postal_code": "1070"}]})

    country: Country | None = None
    postal_code: PostalCode | None = None
    shipping_method: MethodCode | None = Field(default=None, description="One of those that the cart is offered.")
    discount_code: Code | None = Field(default=None, description="In any case; a cart has one.")


class Checkout(ContactsGiven):
    """The cart becomes an order. Where it goes decides the tax: a shipping address counts before what the cart says."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"total_minor": 790, "contact": {"email": "anna@example.org"}}]}
    )

    accept_changes: StrictBool = Field(
        default=False, description="Whether prices may be others than when the lines were put in."
    )
    total_minor: Minor | None = Field(
        default=None, description="What the buyer was shown: with another total nothing is ordered."
    )


class CartAsked(Input):
    locale: Locale | None = Field(default=None, description="For the names of shipping methods.")


class CartsAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["newest", "oldest", "changed_desc", "changed_asc"] = "newest"
    state: CartState | None = None
    customer_ref: ExternalId | None = None
    changed_since: Moment | None = Field(default=None, description="At this time or later.")
    changed_until: Moment | None = Field(default=None, description="Before this time: those that were left.")

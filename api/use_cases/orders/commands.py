"""What people ask of orders and command. Every `*_minor` is in minor units of the order's `currency`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictInt

from api.domain.money import MOST_MINOR
from api.domain.orders import MOST_LINES, MOST_OF_A_LINE, Status
from api.store.orders import LIST
from api.use_cases.fields import Currency, ExternalId, Input, Minor, Moment, Name, Quantity, SignedMinor, Sku, Unit
from api.use_cases.orders.contact_commands import ContactsGiven, GuestContact
from api.use_cases.pages import PageAsked, Several
from api.use_cases.prices.commands import CustomerGroup
from schemas.units import PIECE

LineNo = Annotated[StrictInt, Field(ge=1, le=MOST_LINES, description="Which line of the order, from 1.")]


class NewLine(Input):
    """Price, title and category are the shop's."""

    sku: Sku
    quantity: Annotated[StrictInt, Field(ge=1, le=MOST_OF_A_LINE)]


class NewGuestOrder(ContactsGiven):
    """Price, title and category are the shop's; the contact has an e-mail address, for there is no account."""

    contact: GuestContact
    currency: Currency | None = Field(default=None, description="The shop's own when it is missing.")
    lines: list[NewLine] = Field(min_length=1, max_length=MOST_LINES)


class ClaimBrought(Input):
    claim_token: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="As it was shown when the order was placed."
    )


class NewOrder(ContactsGiven):
    """`customer_ref` is the shop's own name for the customer; a customer's orders are always their own."""

    external_id: ExternalId | None = Field(
        default=None, description="The shop's own name for the order; refused when a customer sends it."
    )
    customer_ref: ExternalId | None = None
    customer_group: CustomerGroup | None = Field(
        default=None,
        description="Whose prices it is placed at, the customer's own when missing; refused when a customer sends it.",
    )
    currency: Currency | None = Field(default=None, description="The shop's own when it is missing.")
    lines: list[NewLine] = Field(min_length=1, max_length=MOST_LINES)


class Payment(Input):
    payment_id: ExternalId


class ShippedLine(Input):
    line_no: LineNo
    quantity: Annotated[StrictInt, Field(ge=1, le=MOST_OF_A_LINE)]


class Shipment(Input):
    """A parcel that leaves."""

    lines: list[ShippedLine] | None = Field(
        default=None, min_length=1, max_length=MOST_LINES, description="All that is left when it is missing."
    )
    carrier: Name | None = Field(default=None, description="Who takes it there; missing: the shop itself.")
    tracking_number: ExternalId | None = Field(default=None, description="What the carrier calls it.")


class RefundedLine(Input):
    line_no: LineNo
    returned: Quantity = Field(default=0, description="How many of those that had left came back.")
    not_sent: Quantity = Field(default=0, description="How many of those that are still here will not leave.")
    amount_minor: Minor | None = Field(default=None, description="What these were worth when it is missing.")


class RefundAsked(Input):
    """What goes back to the customer: for lines, for none of them (`other_minor`: shipping, goodwill), or both."""

    reason: Name
    lines: list[RefundedLine] = Field(default=[], max_length=MOST_LINES)
    other_minor: Minor = 0


class Cancellation(Input):
    reason: Name
    refund_minor: Minor | None = Field(
        default=None, description="All that was paid and has not gone back yet when it is missing."
    )


class ImportedLine(Input):
    """Worth `quantity` × `unit_price_minor` + `adjustment_minor`."""

    sku: Sku
    quantity: Quantity
    unit: Unit = Field(default=PIECE, description="What the quantity counts: `piece`, `kg`, `0.001 gal`.")
    unit_price_minor: Minor
    list_price_minor: Minor | None = Field(
        default=None, description="What one cost without any reduction: the unit price or more."
    )
    adjustment_minor: SignedMinor = 0
    discount_minor: Minor | None = Field(
        default=None, description="What of the adjustment is a discount; all that it takes off when it is missing."
    )


class ImportedOrder(Input):
    """A past order, with the facts of how far it came, each at its own time."""

    external_id: ExternalId
    customer_ref: ExternalId | None = None
    currency: Currency | None = None
    lines: list[ImportedLine] = Field(min_length=1, max_length=MOST_LINES)
    tax_minor: Minor = 0
    shipping_minor: Minor = 0
    discount_minor: Minor = 0
    placed_at: Moment
    confirmed_at: Moment | None = None
    paid_at: Moment | None = None
    payment_id: ExternalId | None = None


class OrdersSought(Input):
    """Which orders; all that is given has to fit."""

    status: Several[Status] | None = Field(default=None, description="Any of these.")
    customer_ref: ExternalId | None = None
    currency: Currency | None = None
    placed_since: Moment | None = Field(default=None, description="At this time or later.")
    placed_until: Moment | None = Field(default=None, description="Before this time.")
    total_min: int | None = Field(default=None, ge=0, le=MOST_MINOR, description="In minor units of each's currency.")
    total_max: int | None = Field(default=None, ge=0, le=MOST_MINOR)
    payment: Literal["unpaid", "paid", "partly_refunded", "refunded"] | None = Field(
        default=None, description="`paid`: and nothing of it went back."
    )


class OrdersAsked(OrdersSought, PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["newest", "oldest", "placed_desc", "placed_asc", "total_desc", "total_asc"] = "newest"

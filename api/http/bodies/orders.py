"""An order in JSON. Every `*_minor` is in minor units of the order's `currency`."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StrictInt

from api.domain.changes import Versioned
from api.domain.order_events import as_value
from api.domain.orders import AnyOrder
from api.http.bodies.fields import (
    Answer,
    Body,
    Currency,
    ExternalId,
    Minor,
    Moment,
    Name,
    Page,
    PageAsked,
    Quantity,
    Receipted,
    SignedMinor,
    Sku,
)

Status = Literal["pending", "confirmed", "paid", "cancelled"]
MOST_LINES = 1000


class NewLine(Body):
    """Price, title and category are the shop's."""

    sku: Sku
    quantity: Annotated[StrictInt, Field(ge=1, le=1_000_000)]


class NewOrder(Body):
    """`customer_ref` is the shop's own name for the customer; a customer's orders are always their own."""

    external_id: ExternalId | None = Field(
        default=None, description="The shop's own name for the order; refused when a customer sends it."
    )
    customer_ref: ExternalId | None = None
    currency: Currency | None = Field(default=None, description="The shop's own when it is missing.")
    lines: list[NewLine] = Field(min_length=1, max_length=MOST_LINES)


class Payment(Body):
    payment_id: ExternalId


class Cancellation(Body):
    reason: Name
    refund_minor: Minor | None = Field(default=None, description="All of a paid order's total when it is missing.")


class ImportedLine(Body):
    """Worth `quantity` × `unit_price_minor` + `adjustment_minor`."""

    sku: Sku
    quantity: Quantity
    unit_price_minor: Minor
    adjustment_minor: SignedMinor = 0


class ImportedOrder(Body):
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


class OrdersAsked(PageAsked):
    status: Status | None = None
    customer_ref: ExternalId | None = None


class LineAnswer(Answer):
    product_id: UUID
    variant_id: UUID
    sku: str
    title: str
    category: str | None
    quantity: int
    unit_price_minor: int
    adjustment_minor: int
    total_minor: int


class _OrderFacts(Answer):
    id: UUID
    external_id: str | None
    customer_ref: str | None
    status: str
    currency: str
    lines: list[LineAnswer]
    tax_minor: int
    shipping_minor: int
    discount_minor: int
    total_minor: int
    placed_at: datetime
    confirmed_at: datetime | None
    paid_at: datetime | None
    payment_id: str | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    refund_minor: int | None


class OrderAnswer(_OrderFacts):
    version: int

    @classmethod
    def of(cls, held: Versioned[AnyOrder], **more: str) -> Self:
        facts = _OrderFacts.model_validate(as_value(held.value))
        return cls(**dict(facts), version=held.version, **more)


class OrderDone(OrderAnswer, Receipted):
    pass


class OrderPage(Page):
    items: list[OrderAnswer]

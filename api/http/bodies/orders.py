"""An order in JSON. Every `*_minor` is in minor units of the order's `currency`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.changes import Versioned
from api.domain.order_events import as_value
from api.domain.order_timeline import Step, StepName
from api.domain.orders import AnyOrder
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted
from api.http.bodies.payments import PaymentPage


class LineAnswer(AnswerBody):
    product_id: UUID
    variant_id: UUID
    sku: str
    title: str
    category: str | None = Field(description="The first of its path.")
    category_path: list[str] = Field(description="Names from the root down to the product's first category.")
    brand: str | None
    quantity: int
    unit: str = Field(description="What the quantity counts.")
    unit_price_minor: int
    list_price_minor: int | None = Field(description="What one cost without any reduction; null: nobody said.")
    adjustment_minor: int
    discount_minor: int = Field(description="What of the adjustment is a discount, 0 or more.")
    total_minor: int


class ParcelLineAnswer(AnswerBody):
    line_no: int = Field(description="Which line of the order, from 1.")
    quantity: int


class ParcelAnswer(AnswerBody):
    parcel_no: int
    lines: list[ParcelLineAnswer]
    carrier: str | None
    tracking_number: str | None
    shipped_at: datetime


class RefundLineAnswer(AnswerBody):
    line_no: int = Field(description="Which line of the order, from 1.")
    returned: int
    not_sent: int
    amount_minor: int


class RefundAnswer(AnswerBody):
    refund_no: int
    lines: list[RefundLineAnswer]
    other_minor: int
    amount_minor: int
    reason: str
    refunded_at: datetime


class _OrderFacts(AnswerBody):
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
    parcels: list[ParcelAnswer]
    shipped_at: datetime | None = Field(description="When the last parcel left.")
    delivered_at: datetime | None
    refunds: list[RefundAnswer]
    refunded_minor: int = Field(description="All that went back so far.")


class StepAnswer(AnswerBody):
    step: StepName
    at: datetime
    amount_minor: int | None = Field(description="What was to be paid, was paid, or went back.")
    reason: str | None = Field(
        description="For the shop's people only; a provider's word for a decline is for the customer, too."
    )
    parcel: ParcelAnswer | None
    refunded_lines: list[RefundLineAnswer]
    payment_id: UUID | None = Field(description="The payment that took the step.")


class TimelineAnswer(AnswerBody):
    """The earliest step first."""

    currency: str
    items: list[StepAnswer]

    @classmethod
    def of(cls, held: Versioned[AnyOrder], steps: Sequence[Step]) -> Self:
        items = [StepAnswer.model_validate(step) for step in steps]
        return cls(currency=held.value.terms.currency, items=items)


class OrderAnswer(_OrderFacts):
    version: int
    payments: PaymentPage | None = Field(
        default=None,
        exclude_if=lambda told: told is None,
        description="With `include=payments`: the newest that were tried to pay it, as its own call lists them.",
    )
    timeline: TimelineAnswer | None = Field(
        default=None,
        exclude_if=lambda told: told is None,
        description="With `include=timeline`: what became of it, step by step.",
    )

    @classmethod
    def of(cls, held: Versioned[AnyOrder], **more: str | None) -> Self:
        facts = _OrderFacts.model_validate(as_value(held.value))
        return cls(**dict(facts), version=held.version, **more)


class OrderDone(OrderAnswer, Receipted):
    pass


class GuestOrderDone(OrderDone):
    claim_token: str = Field(description="Shown this once: with it the order is read, and claimed into an account.")


class CartOrdered(OrderDone):
    claim_token: str | None = Field(
        description="Of a visitor's order: with it the order is read, and claimed into an account. Checking out again"
        " gives another, and this one is worth nothing then."
    )


class OrderPage(PageAnswer):
    items: list[OrderAnswer]

"""Declares the events of an order, a promise to sell some lines at some price."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """`total_minor` = `quantity` × `unit_price_minor` + `adjustment_minor`, always.

    The adjustment is signed: a discount is below zero, a deposit or an amount without a quantity above.
    `title` and `category` (the root category's name) are as they were at the time of sale.
    """

    product_id: UUID
    variant_id: UUID
    sku: str
    title: str
    category: str | None
    quantity: int
    unit_price_minor: int
    adjustment_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Money in minor units of `currency`. `total_minor` = sum of the lines + tax + shipping − discount.

    `status` is pending, confirmed, paid or cancelled. `customer_ref` is the shop's own opaque name for the customer:
    never an address or a person's name.
    """

    id: UUID
    external_id: str | None
    customer_ref: str | None
    status: str
    currency: str
    lines: tuple[OrderLine, ...]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced:
    """A customer committed to it: the order is pending."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed:
    """pending → confirmed: the shop will deliver."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaid:
    """confirmed → paid, by the payment `order.payment_id`."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelledV1:
    """pending, confirmed or paid → cancelled."""

    order: Order
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled:
    """v2: whoever balances the books had to guess what went back to the customer; now the event says it.

    `refund_minor` is 0 for an order that was never paid.
    """

    order: Order
    reason: str
    refund_minor: int

    @classmethod
    def from_previous(cls, old: OrderCancelledV1) -> "OrderCancelled":
        """Version 1 always refunded a paid order in full."""
        refund = old.order.total_minor if old.order.paid_at is not None else 0
        return cls(order=old.order, reason=old.reason, refund_minor=refund)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeleted:
    """The order is gone: the database was put back to before it was placed. `order` is what was last said of it.

    In the history that the shop has now, this one was never placed. Nobody deletes an order but with its whole shop:
    then nothing but its id is true of `order`.
    """

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAnonymised:
    """Nobody can tell any more whose order it is: `customer_ref` is a made-up one, and nothing leads back from it."""

    order: Order


HISTORIES = (
    History("order.placed", (OrderPlaced,)),
    History("order.confirmed", (OrderConfirmed,)),
    History("order.paid", (OrderPaid,)),
    History("order.cancelled", (OrderCancelledV1, OrderCancelled)),
    History("order.deleted", (OrderDeleted,)),
    History("order.anonymised", (OrderAnonymised,)),
)
AGGREGATE = Aggregate(
    name="order",
    plural="orders",
    owner="sales",
    histories=HISTORIES,
    gone=OrderDeleted,
    partitions=4,
)
OrderEvent = OrderPlaced | OrderConfirmed | OrderPaid | OrderCancelled | OrderDeleted | OrderAnonymised

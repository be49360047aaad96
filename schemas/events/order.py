"""Declares the events of an order, a promise to sell some lines at some price."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History
from schemas.units import PIECE

#: What an event can hold: of numbers of 64 bits one has none that is its opposite.
_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineV1:
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
class OrderLine:
    """v2: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    `total_minor` = `quantity` × `unit_price_minor` + `adjustment_minor`, always. The adjustment is signed, and
    `discount_minor`, never below zero, is what of it the customer was spared; `adjustment_minor` + `discount_minor` is
    what is left: a deposit, an amount without a quantity, what was rounded.

    `title`, `category_path`, `category` (the first of the path), `brand` and `list_price_minor` are as they were at the
    time of sale.
    """

    product_id: UUID
    variant_id: UUID
    sku: str
    title: str
    category: str | None
    category_path: tuple[str, ...]
    brand: str | None
    quantity: int
    unit: str
    unit_price_minor: int
    list_price_minor: int | None
    adjustment_minor: int
    discount_minor: int
    total_minor: int

    @classmethod
    def from_previous(cls, old: OrderLineV1) -> "OrderLine":
        """Version 1 counted pieces, and what it took off was a discount. It knew the root category only."""
        return cls(
            product_id=old.product_id,
            variant_id=old.variant_id,
            sku=old.sku,
            title=old.title,
            category=old.category,
            category_path=() if old.category is None else (old.category,),
            brand=None,
            quantity=old.quantity,
            unit=PIECE,
            unit_price_minor=old.unit_price_minor,
            list_price_minor=None,
            adjustment_minor=old.adjustment_minor,
            discount_minor=min(max(-old.adjustment_minor, 0), _LARGEST),
            total_minor=old.total_minor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLine:
    """So many of a line of the order; `line_no` is its place there, from 1."""

    line_no: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What left together. `parcel_no` counts the parcels of the order from 1; the number of its tracking is the
    carrier's. It has no lines only where nothing of the order can be put into a parcel.
    """

    parcel_no: int
    lines: tuple[ParcelLine, ...]
    carrier: str | None
    tracking_number: str | None
    shipped_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    """`returned` of what had left came back, and `not_sent` of what was still here will not leave any more.

    Both may be 0, where a customer keeps what they have and pays less.
    """

    line_no: int
    returned: int
    not_sent: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """What went back to the customer at once: `amount_minor` = the lines + `other_minor`, which is for no line."""

    refund_no: int
    lines: tuple[RefundLine, ...]
    other_minor: int
    amount_minor: int
    reason: str
    refunded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderV1:
    """Money in minor units of `currency`. `total_minor` = sum of the lines + tax + shipping − discount.

    `status` is pending, confirmed, paid or cancelled. `customer_ref` is the shop's own opaque name for the customer:
    never an address or a person's name.
    """

    id: UUID
    external_id: str | None
    customer_ref: str | None
    status: str
    currency: str
    lines: tuple[OrderLineV1, ...]
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
class OrderV2:
    """v2: an order leaves in parcels, and whoever waits for it wants to know what is in which.

    Money in minor units of `currency`. `total_minor` = sum of the lines + tax + shipping − discount.

    `status` is pending, confirmed, paid, partly_shipped, shipped, delivered or cancelled; `shipped_at` is when the last
    of its parcels left. `refunded_minor` is all that went back so far, `refund_minor` what did when it was cancelled.
    `customer_ref` is the shop's own opaque name for the customer:
    never an address or a person's name.
    """

    id: UUID
    external_id: str | None
    customer_ref: str | None
    status: str
    currency: str
    lines: tuple[OrderLineV1, ...]
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
    parcels: tuple[Parcel, ...]
    shipped_at: datetime | None
    delivered_at: datetime | None
    refunds: tuple[Refund, ...]
    refunded_minor: int

    @classmethod
    def from_previous(cls, old: OrderV1) -> "OrderV2":
        """Before version 2 an order was paid, and nobody said what became of it."""
        return cls(
            id=old.id,
            external_id=old.external_id,
            customer_ref=old.customer_ref,
            status=old.status,
            currency=old.currency,
            lines=old.lines,
            tax_minor=old.tax_minor,
            shipping_minor=old.shipping_minor,
            discount_minor=old.discount_minor,
            total_minor=old.total_minor,
            placed_at=old.placed_at,
            confirmed_at=old.confirmed_at,
            paid_at=old.paid_at,
            payment_id=old.payment_id,
            cancelled_at=old.cancelled_at,
            cancel_reason=old.cancel_reason,
            refund_minor=old.refund_minor,
            parcels=(),
            shipped_at=None,
            delivered_at=None,
            refunds=(),
            refunded_minor=old.refund_minor or 0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """v3: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    Money in minor units of `currency`. `total_minor` = sum of the lines + tax + shipping − discount.

    `status` is pending, confirmed, paid, partly_shipped, shipped, delivered or cancelled; `shipped_at` is when the last
    of its parcels left. `refunded_minor` is all that went back so far, `refund_minor` what did when it was cancelled.
    `customer_ref` is the shop's own opaque name for the customer:
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
    parcels: tuple[Parcel, ...]
    shipped_at: datetime | None
    delivered_at: datetime | None
    refunds: tuple[Refund, ...]
    refunded_minor: int

    @classmethod
    def from_previous(cls, old: OrderV2) -> "Order":
        """What version 2 said, in the words of version 3."""
        return cls(
            id=old.id,
            external_id=old.external_id,
            customer_ref=old.customer_ref,
            status=old.status,
            currency=old.currency,
            lines=tuple(OrderLine.from_previous(each) for each in old.lines),
            tax_minor=old.tax_minor,
            shipping_minor=old.shipping_minor,
            discount_minor=old.discount_minor,
            total_minor=old.total_minor,
            placed_at=old.placed_at,
            confirmed_at=old.confirmed_at,
            paid_at=old.paid_at,
            payment_id=old.payment_id,
            cancelled_at=old.cancelled_at,
            cancel_reason=old.cancel_reason,
            refund_minor=old.refund_minor,
            parcels=old.parcels,
            shipped_at=old.shipped_at,
            delivered_at=old.delivered_at,
            refunds=old.refunds,
            refunded_minor=old.refunded_minor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlacedV1:
    """A customer committed to it: the order is pending."""

    order: OrderV1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlacedV2:
    """v2: an order leaves in parcels, and whoever waits for it wants to know what is in which.

    A customer committed to it: the order is pending.
    """

    order: OrderV2

    @classmethod
    def from_previous(cls, old: OrderPlacedV1) -> "OrderPlacedV2":
        """What version 1 said, in the words of version 2."""
        return cls(order=OrderV2.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced:
    """v3: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    A customer committed to it: the order is pending.
    """

    order: Order

    @classmethod
    def from_previous(cls, old: OrderPlacedV2) -> "OrderPlaced":
        """What version 2 said, in the words of version 3."""
        return cls(order=Order.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmedV1:
    """pending → confirmed: the shop will deliver."""

    order: OrderV1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmedV2:
    """v2: an order leaves in parcels, and whoever waits for it wants to know what is in which.

    pending → confirmed: the shop will deliver.
    """

    order: OrderV2

    @classmethod
    def from_previous(cls, old: OrderConfirmedV1) -> "OrderConfirmedV2":
        """What version 1 said, in the words of version 2."""
        return cls(order=OrderV2.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed:
    """v3: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    pending → confirmed: the shop will deliver.
    """

    order: Order

    @classmethod
    def from_previous(cls, old: OrderConfirmedV2) -> "OrderConfirmed":
        """What version 2 said, in the words of version 3."""
        return cls(order=Order.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaidV1:
    """confirmed → paid, by the payment `order.payment_id`."""

    order: OrderV1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaidV2:
    """v2: an order leaves in parcels, and whoever waits for it wants to know what is in which.

    confirmed → paid, by the payment `order.payment_id`.
    """

    order: OrderV2

    @classmethod
    def from_previous(cls, old: OrderPaidV1) -> "OrderPaidV2":
        """What version 1 said, in the words of version 2."""
        return cls(order=OrderV2.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaid:
    """v3: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    confirmed → paid, by the payment `order.payment_id`.
    """

    order: Order

    @classmethod
    def from_previous(cls, old: OrderPaidV2) -> "OrderPaid":
        """What version 2 said, in the words of version 3."""
        return cls(order=Order.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShippedV1:
    """A parcel of a paid order left: `parcel`, the last of `order.parcels`.

    While something stays behind, the order is partly_shipped; with the last parcel it is shipped.
    """

    order: OrderV2
    parcel: Parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShipped:
    """v2: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    A parcel of a paid order left: `parcel`, the last of `order.parcels`.

    While something stays behind, the order is partly_shipped; with the last parcel it is shipped.
    """

    order: Order
    parcel: Parcel

    @classmethod
    def from_previous(cls, old: OrderShippedV1) -> "OrderShipped":
        """What version 1 said, in the words of version 2."""
        return cls(order=Order.from_previous(old.order), parcel=old.parcel)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeliveredV1:
    """shipped → delivered: all of it is where it was to go."""

    order: OrderV2


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDelivered:
    """v2: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    shipped → delivered: all of it is where it was to go.
    """

    order: Order

    @classmethod
    def from_previous(cls, old: OrderDeliveredV1) -> "OrderDelivered":
        """What version 1 said, in the words of version 2."""
        return cls(order=Order.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefundedV1:
    """Some of what was paid went back, by `refund`, the last of `order.refunds`.

    The order stays in its status, unless nothing is left to be sent: then it is shipped.
    """

    order: OrderV2
    refund: Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefunded:
    """v2: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    Some of what was paid went back, by `refund`, the last of `order.refunds`.

    The order stays in its status, unless nothing is left to be sent: then it is shipped.
    """

    order: Order
    refund: Refund

    @classmethod
    def from_previous(cls, old: OrderRefundedV1) -> "OrderRefunded":
        """What version 1 said, in the words of version 2."""
        return cls(order=Order.from_previous(old.order), refund=old.refund)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelledV1:
    """pending, confirmed or paid → cancelled."""

    order: OrderV1
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelledV2:
    """v2: whoever balances the books had to guess what went back to the customer; now the event says it.

    `refund_minor` is 0 for an order that was never paid.
    """

    order: OrderV1
    reason: str
    refund_minor: int

    @classmethod
    def from_previous(cls, old: OrderCancelledV1) -> "OrderCancelledV2":
        """Version 1 always refunded a paid order in full."""
        refund = old.order.total_minor if old.order.paid_at is not None else 0
        return cls(order=old.order, reason=old.reason, refund_minor=refund)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelledV3:
    """v3: an order leaves in parcels, and whoever waits for it wants to know what is in which.

    `refund_minor` is 0 for an order that was never paid.
    """

    order: OrderV2
    reason: str
    refund_minor: int

    @classmethod
    def from_previous(cls, old: OrderCancelledV2) -> "OrderCancelledV3":
        """What version 2 said, in the words of version 3."""
        return cls(order=OrderV2.from_previous(old.order), reason=old.reason, refund_minor=old.refund_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled:
    """v4: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    `refund_minor` is 0 for an order that was never paid.
    """

    order: Order
    reason: str
    refund_minor: int

    @classmethod
    def from_previous(cls, old: OrderCancelledV3) -> "OrderCancelled":
        """What version 3 said, in the words of version 4."""
        return cls(order=Order.from_previous(old.order), reason=old.reason, refund_minor=old.refund_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeletedV1:
    """The order is gone: the database was put back to before it was placed. `order` is what was last said of it.

    In the history that the shop has now, this one was never placed. Nobody deletes an order but with its whole shop:
    then nothing but its id is true of `order`.
    """

    order: OrderV1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeletedV2:
    """v2: an order leaves in parcels, and whoever waits for it wants to know what is in which.

    The order is gone: the database was put back to before it was placed. `order` is what was last said of it.

    In the history that the shop has now, this one was never placed. Nobody deletes an order but with its whole shop:
    then nothing but its id is true of `order`.
    """

    order: OrderV2

    @classmethod
    def from_previous(cls, old: OrderDeletedV1) -> "OrderDeletedV2":
        """What version 1 said, in the words of version 2."""
        return cls(order=OrderV2.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeleted:
    """v3: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    The order is gone: the database was put back to before it was placed. `order` is what was last said of it.

    In the history that the shop has now, this one was never placed. Nobody deletes an order but with its whole shop:
    then nothing but its id is true of `order`.
    """

    order: Order

    @classmethod
    def from_previous(cls, old: OrderDeletedV2) -> "OrderDeleted":
        """What version 2 said, in the words of version 3."""
        return cls(order=Order.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAnonymisedV1:
    """Nobody can tell any more whose order it is: `customer_ref` is a made-up one, and nothing leads back from it."""

    order: OrderV1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAnonymisedV2:
    """v2: an order leaves in parcels, and whoever waits for it wants to know what is in which.

    Nobody can tell any more whose order it is: `customer_ref` is a made-up one, and nothing leads back from it.
    """

    order: OrderV2

    @classmethod
    def from_previous(cls, old: OrderAnonymisedV1) -> "OrderAnonymisedV2":
        """What version 1 said, in the words of version 2."""
        return cls(order=OrderV2.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAnonymised:
    """v3: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    Nobody can tell any more whose order it is: `customer_ref` is a made-up one, and nothing leads back from it.
    """

    order: Order

    @classmethod
    def from_previous(cls, old: OrderAnonymisedV2) -> "OrderAnonymised":
        """What version 2 said, in the words of version 3."""
        return cls(order=Order.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClaimedV1:
    """Somebody showed that an order without a customer is theirs: `order.customer_ref` is who."""

    order: OrderV2


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClaimed:
    """v2: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    Somebody showed that an order without a customer is theirs: `order.customer_ref` is who.
    """

    order: Order

    @classmethod
    def from_previous(cls, old: OrderClaimedV1) -> "OrderClaimed":
        """What version 1 said, in the words of version 2."""
        return cls(order=Order.from_previous(old.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEditedV1:
    """Before the shop confirmed it, an order got other lines: it is pending still, and its total is theirs."""

    order: OrderV2


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEdited:
    """v2: a line says what was sold as it was sold: its categories, brand, unit, list price and discount.

    Before the shop confirmed it, an order got other lines: it is pending still, and its total is theirs.
    """

    order: Order

    @classmethod
    def from_previous(cls, old: OrderEditedV1) -> "OrderEdited":
        """What version 1 said, in the words of version 2."""
        return cls(order=Order.from_previous(old.order))


HISTORIES = (
    History("order.placed", (OrderPlacedV1, OrderPlacedV2, OrderPlaced)),
    History("order.confirmed", (OrderConfirmedV1, OrderConfirmedV2, OrderConfirmed)),
    History("order.paid", (OrderPaidV1, OrderPaidV2, OrderPaid)),
    History("order.shipped", (OrderShippedV1, OrderShipped)),
    History("order.delivered", (OrderDeliveredV1, OrderDelivered)),
    History("order.refunded", (OrderRefundedV1, OrderRefunded)),
    History("order.cancelled", (OrderCancelledV1, OrderCancelledV2, OrderCancelledV3, OrderCancelled)),
    History("order.deleted", (OrderDeletedV1, OrderDeletedV2, OrderDeleted)),
    History("order.anonymised", (OrderAnonymisedV1, OrderAnonymisedV2, OrderAnonymised)),
    History("order.claimed", (OrderClaimedV1, OrderClaimed)),
    History("order.edited", (OrderEditedV1, OrderEdited)),
)
AGGREGATE = Aggregate(
    name="order",
    plural="orders",
    owner="sales",
    histories=HISTORIES,
    gone=OrderDeleted,
    partitions=4,
)
OrderEvent = (
    OrderPlaced
    | OrderConfirmed
    | OrderPaid
    | OrderShipped
    | OrderDelivered
    | OrderRefunded
    | OrderCancelled
    | OrderDeleted
    | OrderAnonymised
    | OrderClaimed
    | OrderEdited
)

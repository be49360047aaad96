"""Tells the state of an order to others, and knows it again: states ⇄ `schemas.events.order`."""

from dataclasses import replace
from datetime import datetime

from api.domain.changes import DatedEvent, Decision, Versioned
from api.domain.errors import IllegalTransition
from api.domain.orders import (
    AnyOrder,
    Cancelled,
    Confirmed,
    Delivered,
    Open,
    Paid,
    PartlyShipped,
    Pending,
    Sent,
    Shipped,
    Status,
    Terms,
)
from schemas.events.order import (
    Order,
    OrderAnonymised,
    OrderCancelled,
    OrderClaimed,
    OrderConfirmed,
    OrderDelivered,
    OrderEvent,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    Refund,
)


def happened(order: AnyOrder) -> DatedEvent:
    """The event that brought the order into this state."""
    event: OrderEvent
    match order:
        case Pending():
            event, at = OrderPlaced(order=as_value(order)), order.terms.placed_at
        case Confirmed():
            event, at = OrderConfirmed(order=as_value(order)), order.confirmed_at
        case Paid():
            event, at = OrderPaid(order=as_value(order)), order.paid_at
        case PartlyShipped() | Shipped():
            parcel = order.parcels[-1]
            event, at = OrderShipped(order=as_value(order), parcel=parcel), parcel.shipped_at
        case Delivered():
            event, at = OrderDelivered(order=as_value(order)), order.delivered_at
        case Cancelled():
            event = OrderCancelled(order=as_value(order), reason=order.reason, refund_minor=order.refund_minor)
            at = order.cancelled_at
    return DatedEvent(event, at)


def newest(order: AnyOrder) -> DatedEvent:
    """The event that tells what was done to it last."""
    step, refunds = happened(order), refunds_of(order)
    if isinstance(order, Cancelled) or not refunds or refunds[-1].refunded_at <= step.at:
        return step
    return refunded(order)


def refunded(order: AnyOrder) -> DatedEvent:
    """The event of its last refund; there is one."""
    refund = refunds_of(order)[-1]
    return DatedEvent(OrderRefunded(order=as_value(order), refund=refund), refund.refunded_at)


def change(*steps: AnyOrder, was_at: int, fingerprint: bytes | None = None) -> Decision[AnyOrder]:
    """The change that consists of these states one after another."""
    return Decision(
        aggregate_id=steps[-1].terms.id,
        value=steps[-1],
        happened=tuple(happened(step) for step in steps),
        was_at=was_at,
        fingerprint=fingerprint,
    )


def anonymise(held: Versioned[AnyOrder], pseudonym: str, now: datetime) -> Decision[AnyOrder]:
    """Nobody can tell any more whose it is, nor ask a carrier; all else stays."""
    was = as_value(held.value)
    parcels = tuple(replace(parcel, tracking_number=None) for parcel in was.parcels)
    now_is = replace(was, customer_ref=pseudonym, parcels=parcels)
    return Decision(
        aggregate_id=now_is.id,
        value=from_value(now_is),
        happened=(DatedEvent(OrderAnonymised(order=now_is), now),),
        was_at=held.version,
    )


def claim(held: Versioned[AnyOrder], customer_ref: str, now: datetime) -> Decision[AnyOrder]:
    """An order that was nobody's is theirs."""
    now_is = replace(as_value(held.value), customer_ref=customer_ref)
    return Decision(
        aggregate_id=now_is.id,
        value=from_value(now_is),
        happened=(DatedEvent(OrderClaimed(order=now_is), now),),
        was_at=held.version,
    )


def status(order: AnyOrder) -> Status:
    match order:
        case Pending():
            return "pending"
        case Confirmed():
            return "confirmed"
        case Paid():
            return "paid"
        case PartlyShipped():
            return "partly_shipped"
        case Shipped():
            return "shipped"
        case Delivered():
            return "delivered"
        case Cancelled():
            return "cancelled"


def moments(order: AnyOrder) -> tuple[datetime | None, ...]:
    """When what is known of it happened."""
    value = as_value(order)
    left = (parcel.shipped_at for parcel in value.parcels)
    back = (refund.refunded_at for refund in value.refunds)
    return (value.placed_at, value.confirmed_at, value.paid_at, *left, *back, value.delivered_at, value.cancelled_at)


def refunds_of(order: AnyOrder) -> tuple[Refund, ...]:
    """What went back, but for what did when it was cancelled."""
    match order:
        case Pending() | Confirmed():
            return ()
        case Paid():
            return order.refunds
        case PartlyShipped() | Shipped():
            return order.paid.refunds
        case Delivered():
            return order.shipped.paid.refunds
        case Cancelled():
            return refunds_of(order.was)


def as_value(order: AnyOrder) -> Order:
    """The order as events carry it."""
    match order:
        case Pending() | Confirmed() | Paid():
            return _value(order, status(order))
        case PartlyShipped():
            return replace(_value(order.paid, status(order)), parcels=order.parcels)
        case Shipped():
            return replace(
                _value(order.paid, status(order)),
                parcels=order.parcels,
                shipped_at=order.shipped_at,
            )
        case Delivered():
            return replace(as_value(order.shipped), status=status(order), delivered_at=order.delivered_at)
        case Cancelled():
            was = _value(order.was, status(order))
            return replace(
                was,
                cancelled_at=order.cancelled_at,
                cancel_reason=order.reason,
                refund_minor=order.refund_minor,
                refunded_minor=was.refunded_minor + order.refund_minor,
            )


def from_value(order: Order) -> AnyOrder:
    """The state an order is in, from its stored facts."""
    was = _open(order)
    if order.cancelled_at is not None:
        return Cancelled(
            was=was,
            cancelled_at=order.cancelled_at,
            reason=order.cancel_reason or "",
            refund_minor=order.refund_minor or 0,
        )
    if not isinstance(was, Paid) or not order.parcels:
        return was
    if order.shipped_at is None:
        return PartlyShipped(was, order.parcels)
    shipped = Shipped(was, order.parcels)
    return shipped if order.delivered_at is None else Delivered(shipped, order.delivered_at)


def pending(order: AnyOrder, wanted: str) -> Pending:
    """The order as a pending one. Raises `IllegalTransition` when it is not."""
    if isinstance(order, Pending):
        return order
    raise IllegalTransition("order", status(order), wanted)


def confirmed(order: AnyOrder, wanted: str) -> Confirmed:
    if isinstance(order, Confirmed):
        return order
    raise IllegalTransition("order", status(order), wanted)


def to_be_shipped(order: AnyOrder, wanted: str) -> Paid | PartlyShipped:
    if isinstance(order, Paid | PartlyShipped):
        return order
    raise IllegalTransition("order", status(order), wanted)


def paid(order: AnyOrder, wanted: str) -> Paid | Sent:
    """As one that was paid, whatever has left of it since."""
    if isinstance(order, Paid | PartlyShipped | Shipped | Delivered):
        return order
    raise IllegalTransition("order", status(order), wanted)


def shipped(order: AnyOrder, wanted: str) -> Shipped:
    if isinstance(order, Shipped):
        return order
    raise IllegalTransition("order", status(order), wanted)


def still_open(order: AnyOrder, wanted: str) -> Open:
    if isinstance(order, Pending | Confirmed | Paid):
        return order
    raise IllegalTransition("order", status(order), wanted)


def _open(order: Order) -> Open:
    terms = Terms(
        id=order.id,
        external_id=order.external_id,
        customer_ref=order.customer_ref,
        currency=order.currency,
        lines=order.lines,
        tax_minor=order.tax_minor,
        shipping_minor=order.shipping_minor,
        discount_minor=order.discount_minor,
        total_minor=order.total_minor,
        placed_at=order.placed_at,
    )
    if order.confirmed_at is None:
        return Pending(terms)
    if order.paid_at is None or order.payment_id is None:
        return Confirmed(terms, order.confirmed_at)
    return Paid(terms, order.confirmed_at, order.paid_at, order.payment_id, order.refunds)


def _value(order: Open, status: Status) -> Order:
    """What it knows as one that is open."""
    terms, refunds = order.terms, refunds_of(order)
    return Order(
        id=terms.id,
        external_id=terms.external_id,
        customer_ref=terms.customer_ref,
        status=status,
        currency=terms.currency,
        lines=terms.lines,
        tax_minor=terms.tax_minor,
        shipping_minor=terms.shipping_minor,
        discount_minor=terms.discount_minor,
        total_minor=terms.total_minor,
        placed_at=terms.placed_at,
        confirmed_at=None if isinstance(order, Pending) else order.confirmed_at,
        paid_at=order.paid_at if isinstance(order, Paid) else None,
        payment_id=order.payment_id if isinstance(order, Paid) else None,
        cancelled_at=None,
        cancel_reason=None,
        refund_minor=None,
        parcels=(),
        shipped_at=None,
        delivered_at=None,
        refunds=refunds,
        refunded_minor=sum([refund.amount_minor for refund in refunds]),
    )

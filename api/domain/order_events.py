"""Tells the state of an order to others, and knows it again: states ⇄ `schemas.events.order`."""

from dataclasses import replace
from datetime import datetime

from api.domain.changes import DatedEvent, Decision, Versioned
from api.domain.errors import IllegalTransition
from api.domain.orders import AnyOrder, Cancelled, Confirmed, Open, Paid, Pending, Terms
from schemas.events.order import (
    Order,
    OrderAnonymised,
    OrderCancelled,
    OrderConfirmed,
    OrderEvent,
    OrderPaid,
    OrderPlaced,
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
        case Cancelled():
            event = OrderCancelled(order=as_value(order), reason=order.reason, refund_minor=order.refund_minor)
            at = order.cancelled_at
    return DatedEvent(event, at)


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
    """Nobody can tell any more whose it is; all else stays."""
    now_is = replace(as_value(held.value), customer_ref=pseudonym)
    return Decision(
        aggregate_id=now_is.id,
        value=from_value(now_is),
        happened=(DatedEvent(OrderAnonymised(order=now_is), now),),
        was_at=held.version,
    )


def status(order: AnyOrder) -> str:
    match order:
        case Pending():
            return "pending"
        case Confirmed():
            return "confirmed"
        case Paid():
            return "paid"
        case Cancelled():
            return "cancelled"


def moments(order: AnyOrder) -> tuple[datetime | None, ...]:
    """When what is known of it happened."""
    value = as_value(order)
    return (value.placed_at, value.confirmed_at, value.paid_at, value.cancelled_at)


def as_value(order: AnyOrder) -> Order:
    """The order as events carry it."""
    match order:
        case Pending():
            return _value(order.terms, "pending")
        case Confirmed():
            return _value(order.terms, "confirmed", confirmed_at=order.confirmed_at)
        case Paid():
            return _value(
                order.terms,
                "paid",
                confirmed_at=order.confirmed_at,
                paid_at=order.paid_at,
                payment_id=order.payment_id,
            )
        case Cancelled():
            was = order.was
            return _value(
                order.terms,
                "cancelled",
                confirmed_at=None if isinstance(was, Pending) else was.confirmed_at,
                paid_at=was.paid_at if isinstance(was, Paid) else None,
                payment_id=was.payment_id if isinstance(was, Paid) else None,
                cancelled_at=order.cancelled_at,
                cancel_reason=order.reason,
                refund_minor=order.refund_minor,
            )


def from_value(order: Order) -> AnyOrder:
    """The state an order is in, from its stored facts."""
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
    was: Open = Pending(terms)
    if order.confirmed_at is not None:
        was = Confirmed(terms, order.confirmed_at)
        if order.paid_at is not None and order.payment_id is not None:
            was = Paid(terms, order.confirmed_at, order.paid_at, order.payment_id)
    if order.cancelled_at is None:
        return was
    return Cancelled(
        was=was,
        cancelled_at=order.cancelled_at,
        reason=order.cancel_reason or "",
        refund_minor=order.refund_minor or 0,
    )


def pending(order: AnyOrder, wanted: str) -> Pending:
    """The order as a pending one. Raises `IllegalTransition` when it is not."""
    if isinstance(order, Pending):
        return order
    raise IllegalTransition("order", status(order), wanted)


def confirmed(order: AnyOrder, wanted: str) -> Confirmed:
    if isinstance(order, Confirmed):
        return order
    raise IllegalTransition("order", status(order), wanted)


def still_open(order: AnyOrder, wanted: str) -> Open:
    if isinstance(order, Cancelled):
        raise IllegalTransition("order", status(order), wanted)
    return order


def _value(
    terms: Terms,
    status: str,
    *,
    confirmed_at: datetime | None = None,
    paid_at: datetime | None = None,
    payment_id: str | None = None,
    cancelled_at: datetime | None = None,
    cancel_reason: str | None = None,
    refund_minor: int | None = None,
) -> Order:
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
        confirmed_at=confirmed_at,
        paid_at=paid_at,
        payment_id=payment_id,
        cancelled_at=cancelled_at,
        cancel_reason=cancel_reason,
        refund_minor=refund_minor,
    )

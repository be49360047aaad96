"""Moves an order on: confirmed by the shop, paid, shipped parcel by parcel, delivered, refunded, or cancelled."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from api.domain import order_events
from api.domain import orders as domain
from api.domain import refund_order as refunding
from api.domain import ship_order as shipping
from api.domain.changes import ANY_VERSION, DatedEvent, Decision, Expected, Versioned
from api.domain.moments import not_before
from api.domain.orders import AnyOrder, Cancelled, Pending
from api.domain.payments import BackReason
from api.store.unit_of_work import UnitOfWork
from api.use_cases.orders.commands import Cancellation, Payment, RefundAsked, Shipment
from api.use_cases.orders.owe_refund import owe_refund
from api.use_cases.require_found import found
from api.use_cases.stock.reserve_stock import keep_reserved, release_reserved, take_reserved
from schemas.events.order import ParcelLine


def confirm_order(work: UnitOfWork, order_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[AnyOrder]:
    """The shop will deliver: pending → confirmed."""
    return _move(
        work, order_id, expected, lambda order, now: domain.confirm(order_events.pending(order, "confirmed"), now)
    )


def pay_order(
    work: UnitOfWork, order_id: UUID, command: Payment, expected: Expected = ANY_VERSION
) -> Versioned[AnyOrder]:
    """The money is there: confirmed → paid."""

    def paid(order: AnyOrder, now: datetime) -> AnyOrder:
        return domain.pay(order_events.confirmed(order, "paid"), command.payment_id, now)

    moved = _move(work, order_id, expected, paid)
    keep_reserved(work, order_id)
    return moved


def pay_at_provider(work: UnitOfWork, held: Versioned[AnyOrder], payment_id: UUID) -> None:
    """A payment has succeeded: pending or confirmed → paid, confirmed on the way if it has to be."""
    at = not_before(work.now, *order_events.moments(held.value))
    steps: list[AnyOrder] = []
    if isinstance(held.value, Pending):
        steps.append(domain.confirm(held.value, at))
    confirmed = order_events.confirmed(steps[-1] if steps else held.value, "paid")
    steps.append(domain.pay(confirmed, str(payment_id), at))
    work.save(work.orders, order_events.change(*steps, was_at=held.version))
    keep_reserved(work, held.value.terms.id)


def ship_order(
    work: UnitOfWork, order_id: UUID, command: Shipment, expected: Expected = ANY_VERSION
) -> Versioned[AnyOrder]:
    """A parcel leaves: paid → partly_shipped, and with the last of them → shipped. What was reserved of it is taken."""
    lines = None
    if command.lines is not None:
        lines = [ParcelLine(line_no=one.line_no, quantity=one.quantity) for one in command.lines]

    def sent(order: AnyOrder, now: datetime) -> AnyOrder:
        return shipping.ship(
            order_events.to_be_shipped(order, "shipped"),
            lines=lines,
            carrier=command.carrier,
            tracking_number=command.tracking_number,
            at=now,
        )

    moved = _move(work, order_id, expected, sent)
    order = order_events.as_value(moved.value)
    shipped: dict[UUID, int] = {}
    for one in order.parcels[-1].lines:
        variant_id = order.lines[one.line_no - 1].variant_id
        shipped[variant_id] = shipped.get(variant_id, 0) + one.quantity
    take_reserved(work, order_id, shipped)
    return moved


def deliver_order(work: UnitOfWork, order_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[AnyOrder]:
    """All of it has arrived: shipped → delivered."""
    return _move(
        work, order_id, expected, lambda order, now: shipping.deliver(order_events.shipped(order, "delivered"), now)
    )


def refund_order(
    work: UnitOfWork, order_id: UUID, command: RefundAsked, expected: Expected = ANY_VERSION
) -> Versioned[AnyOrder]:
    """Some of what was paid goes back, by line: what came back, or will not leave, or is worth less."""
    lines = [
        refunding.LineToRefund(
            line_no=one.line_no, returned=one.returned, not_sent=one.not_sent, amount_minor=one.amount_minor
        )
        for one in command.lines
    ]

    def refunded(order: AnyOrder, now: datetime) -> AnyOrder:
        return refunding.refund(
            order_events.paid(order, "refunded"),
            lines=lines,
            other_minor=command.other_minor,
            reason=command.reason,
            at=now,
        )

    moved = _move(work, order_id, expected, refunded, order_events.refunded)
    amount = order_events.refunds_of(moved.value)[-1].amount_minor
    owe_refund(work, moved.value, amount, BackReason.ORDER_REFUNDED)
    return moved


def cancel_order(
    work: UnitOfWork, order_id: UUID, command: Cancellation, expected: Expected = ANY_VERSION
) -> Versioned[AnyOrder]:
    """pending, confirmed or paid → cancelled; a paid one says what is refunded. What it had reserved is free again."""

    def cancelled(order: AnyOrder, now: datetime) -> AnyOrder:
        still_open = order_events.still_open(order, "cancelled")
        return domain.cancel(still_open, command.reason, now, command.refund_minor)

    moved = _move(work, order_id, expected, cancelled)
    work.discounts.give_back(order_id)
    release_reserved(work, order_id)
    if isinstance(moved.value, Cancelled):
        owe_refund(work, moved.value, moved.value.refund_minor, BackReason.ORDER_CANCELLED)
    return moved


def _move(
    work: UnitOfWork,
    order_id: UUID,
    expected: Expected,
    step: Callable[[AnyOrder, datetime], AnyOrder],
    told: Callable[[AnyOrder], DatedEvent] = order_events.happened,
) -> Versioned[AnyOrder]:
    """Raises `NotFound`, `VersionMismatch`, `IllegalTransition`."""
    held = found(work.orders.get, "order", order_id)
    expected.require(held)
    at = not_before(work.now, *order_events.moments(held.value))
    now_is = step(held.value, at)
    return work.save(
        work.orders,
        Decision(aggregate_id=order_id, value=now_is, happened=(told(now_is),), was_at=held.version),
    )

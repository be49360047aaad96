"""Tells what became of an order, step by step, from its own facts and its payments': nothing besides is kept for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, get_args
from uuid import UUID

from api.domain.order_events import as_value
from api.domain.orders import AnyOrder
from api.domain.payments import OwedRefund, PaymentStatus
from schemas.events.order import Order, Parcel, RefundLine
from schemas.events.payment import Payment

StepName = Literal[
    "placed",
    "payment_started",
    "payment_declined",
    "payment_succeeded",
    "confirmed",
    "paid",
    "shipped",
    "delivered",
    "refunded",
    "cancelled",
    "refund_refused",
    "payment_refunded",
    "refunded_by_hand",
]
#: In which they come at the same moment.
_PLACES: Final = {name: place for place, name in enumerate(get_args(StepName))}
#: Whose reason is a provider's word, which who paid was told.
_OF_PROVIDERS: Final = frozenset({"payment_declined"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`amount_minor` is what was to be paid, was paid, or went back, in minor units of the order's currency.

    `payment_id` is there where a payment took the step. Where a provider refused, its word is the reason.
    """

    step: StepName
    at: datetime
    amount_minor: int | None = None
    reason: str | None = None
    parcel: Parcel | None = None
    refunded_lines: tuple[RefundLine, ...] = ()
    payment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PaymentTold:
    """A payment of the order, and what of it goes back."""

    payment: Payment
    refunds: Sequence[OwedRefund]


def timeline(order: AnyOrder, payments: Sequence[PaymentTold] = ()) -> tuple[Step, ...]:
    """The earliest first; of those at the same moment in the order in which an order goes through them."""
    steps = [*_steps(as_value(order)), *(step for told in payments for step in _payment_steps(told))]
    return tuple(sorted(steps, key=lambda step: (step.at, _PLACES[step.step])))


def without_reasons(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """As a customer sees it: why the shop's people did something is theirs."""
    return tuple(step if step.step in _OF_PROVIDERS else replace(step, reason=None) for step in steps)


def _steps(order: Order) -> Iterator[Step]:
    yield Step(step="placed", at=order.placed_at, amount_minor=order.total_minor)
    if order.confirmed_at is not None:
        yield Step(step="confirmed", at=order.confirmed_at)
    if order.paid_at is not None:
        yield Step(step="paid", at=order.paid_at, amount_minor=order.total_minor)
    for parcel in order.parcels:
        yield Step(step="shipped", at=parcel.shipped_at, parcel=parcel)
    if order.delivered_at is not None:
        yield Step(step="delivered", at=order.delivered_at)
    for refund in order.refunds:
        yield Step(
            step="refunded",
            at=refund.refunded_at,
            amount_minor=refund.amount_minor,
            reason=refund.reason,
            refunded_lines=refund.lines,
        )
    if order.cancelled_at is not None:
        yield Step(step="cancelled", at=order.cancelled_at, amount_minor=order.refund_minor, reason=order.cancel_reason)


def _payment_steps(told: PaymentTold) -> Iterator[Step]:
    """Of a decline that a success followed only the success is known."""
    paid = told.payment
    yield Step(step="payment_started", at=paid.started_at, amount_minor=paid.amount_minor, payment_id=paid.id)
    if paid.settled_at is not None and paid.status == PaymentStatus.DECLINED:
        yield Step(step="payment_declined", at=paid.settled_at, reason=paid.decline_reason, payment_id=paid.id)
    elif paid.settled_at is not None:
        received = paid.received_minor
        yield Step(step="payment_succeeded", at=paid.settled_at, amount_minor=received, payment_id=paid.id)
    for owed in told.refunds:
        yield from _refund_steps(owed)


def _refund_steps(owed: OwedRefund) -> Iterator[Step]:
    if owed.error:
        at = owed.refused_at or owed.made_at  # of what was refused before that moment was kept
        yield _back("refund_refused", owed, at, owed.error)
    if owed.refunded_at is not None:
        yield _back(
            "payment_refunded" if owed.by_hand is None else "refunded_by_hand", owed, owed.refunded_at, owed.by_hand
        )


def _back(step: StepName, owed: OwedRefund, at: datetime, reason: str | None) -> Step:
    return Step(step=step, at=at, amount_minor=owed.amount_minor, reason=reason, payment_id=owed.payment_id)

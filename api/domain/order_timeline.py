"""Tells what became of an order, step by step, from its own facts: nothing besides them is kept for it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from api.domain.order_events import as_value
from api.domain.orders import AnyOrder
from schemas.events.order import Order, Parcel, RefundLine

StepName = Literal["placed", "confirmed", "paid", "shipped", "delivered", "refunded", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`amount_minor` is what was to be paid, was paid, or went back, in minor units of the order's currency."""

    step: StepName
    at: datetime
    amount_minor: int | None = None
    reason: str | None = None
    parcel: Parcel | None = None
    refunded_lines: tuple[RefundLine, ...] = ()


def timeline(order: AnyOrder) -> tuple[Step, ...]:
    """The earliest first; of those at the same moment in the order in which an order goes through them."""
    return tuple(sorted(_steps(as_value(order)), key=lambda step: step.at))


def without_reasons(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """As a customer sees it: why the shop's people did something is theirs."""
    return tuple(replace(step, reason=None) for step in steps)


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

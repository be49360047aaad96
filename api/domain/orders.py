"""The life of an order: pending → confirmed → paid → shipped → delivered, and from the first three → cancelled.

A paid order of which some parcels have left, and not all, is partly shipped; how that goes is in `ship_order`.

Every state is a type of its own that carries exactly what that state knows, and every step is a function from one type
to another: `pay(pending, …)` does not type-check. A stored order is loaded as the union `AnyOrder`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args
from uuid import UUID

from api.domain.errors import Invalid
from api.domain.money import MOST_MINOR
from schemas.events.order import OrderLine, Parcel, Refund

Status = Literal["pending", "confirmed", "paid", "partly_shipped", "shipped", "delivered", "cancelled"]
#: How many lines an order has at most, and how many pieces a line of a new one.
MOST_LINES: Final = 1000
MOST_OF_A_LINE: Final = 1_000_000
#: How many of either an order has at most; the database keeps it, too: r0271.
MOST_PARCELS: Final = 1000
MOST_REFUNDS: Final = 1000
STATUSES: Final[tuple[str, ...]] = get_args(Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was agreed when it was placed. Its lines, and what is due for them, change until it is confirmed
    (`edit_order`), and nothing else.
    """

    id: UUID
    external_id: str | None
    customer_ref: str | None
    currency: str
    lines: tuple[OrderLine, ...]
    tax_minor: int
    shipping_minor: int
    discount_minor: int
    total_minor: int
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    terms: Terms


@dataclass(frozen=True, slots=True)
class Confirmed:
    terms: Terms
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class Paid:
    terms: Terms
    confirmed_at: datetime
    paid_at: datetime
    payment_id: str
    refunds: tuple[Refund, ...] = ()

    @property
    def kept_minor(self) -> int:
        """What of the payment has not gone back."""
        return self.terms.total_minor - sum([refund.amount_minor for refund in self.refunds])


@dataclass(frozen=True, slots=True)
class PartlyShipped:
    """At least one parcel has left, and something is still here."""

    paid: Paid
    parcels: tuple[Parcel, ...]

    @property
    def terms(self) -> Terms:
        return self.paid.terms


@dataclass(frozen=True, slots=True)
class Shipped:
    """Nothing is here any more."""

    paid: Paid
    parcels: tuple[Parcel, ...]

    @property
    def terms(self) -> Terms:
        return self.paid.terms

    @property
    def shipped_at(self) -> datetime:
        return self.parcels[-1].shipped_at


@dataclass(frozen=True, slots=True)
class Delivered:
    shipped: Shipped
    delivered_at: datetime

    @property
    def terms(self) -> Terms:
        return self.shipped.terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """`was` is the state it was cancelled in."""

    was: Pending | Confirmed | Paid
    cancelled_at: datetime
    reason: str
    refund_minor: int

    @property
    def terms(self) -> Terms:
        return self.was.terms


Open = Pending | Confirmed | Paid
Sent = PartlyShipped | Shipped | Delivered
AnyOrder = Open | Sent | Cancelled


def place(
    *,
    order_id: UUID,
    external_id: str | None,
    customer_ref: str | None,
    currency: str,
    lines: Sequence[OrderLine],
    tax_minor: int = 0,
    shipping_minor: int = 0,
    discount_minor: int = 0,
    placed_at: datetime,
) -> Pending:
    """A new order; the total is computed here and nowhere else."""
    if not lines:
        raise Invalid.field("lines", "too_short", "An order has at least one line.")
    total = sum([line.total_minor for line in lines]) + tax_minor + shipping_minor - discount_minor
    if not 0 <= total <= MOST_MINOR:
        raise Invalid.field("total_minor", "out_of_range", f"The total would be {total}; it is 0 to {MOST_MINOR}.")
    return Pending(
        Terms(
            id=order_id,
            external_id=external_id,
            customer_ref=customer_ref,
            currency=currency,
            lines=tuple(lines),
            tax_minor=tax_minor,
            shipping_minor=shipping_minor,
            discount_minor=discount_minor,
            total_minor=total,
            placed_at=placed_at,
        )
    )


def confirm(order: Pending, at: datetime) -> Confirmed:
    if at < order.terms.placed_at:
        raise Invalid.field("confirmed_at", "too_early", "An order is not confirmed before it is placed.")
    return Confirmed(order.terms, at)


def pay(order: Confirmed, payment_id: str, at: datetime) -> Paid:
    if at < order.confirmed_at:
        raise Invalid.field("paid_at", "too_early", "An order is not paid before it is confirmed.")
    return Paid(order.terms, order.confirmed_at, at, payment_id)


def cancel(order: Open, reason: str, at: datetime, refund_minor: int | None = None) -> Cancelled:
    """Without a word about the refund, all goes back that was paid and has not yet."""
    most = order.kept_minor if isinstance(order, Paid) else 0
    refund = most if refund_minor is None else refund_minor
    if not 0 <= refund <= most:
        raise Invalid.field("refund_minor", "out_of_range", f"What can be refunded is 0 to {most}.")
    return Cancelled(was=order, cancelled_at=at, reason=reason, refund_minor=refund)

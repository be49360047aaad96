"""Books an order into a ledger that is only ever added to: a sale when it is paid, a reversal when some is undone.

Each entry is on its own day. What is booked is never booked otherwise later: the entries of an order as it was are the
first of those of the order as it is. All of them together are the money that the shop kept.

An adjustment is money that moves for no line's own reason: goodwill, shipping that is given back, what a shop keeps of
a cancelled order. Sales are no smaller or larger for it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.amount_shares import shares
from schemas.events.order import Order, OrderLine, Refund
from sinks.analytics.refund_parts import NOTHING, LineParts, parts_of

Kind = Literal["sale", "reversal", "adjustment"]
Cause = Literal["payment", "refund", "cancellation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Signed: a reversal has what it takes below zero, of a discount too. `line_no` is None for what is for no line.

    `refund_no` is that of the refund. What moves is gross − discount + other − order_discount + tax + shipping +
    adjustment.
    """

    kind: Kind
    cause: Cause
    refund_no: int | None
    line_no: int | None
    quantity: int
    gross_minor: int
    discount_minor: int
    other_minor: int
    order_discount_minor: int
    tax_minor: int
    shipping_minor: int
    adjustment_minor: int
    recognised_at: datetime

    @property
    def money_minor(self) -> int:
        line = self.gross_minor - self.discount_minor + self.other_minor - self.order_discount_minor
        return line + self.tax_minor + self.shipping_minor + self.adjustment_minor


@dataclass(slots=True)
class _Sold:
    """A line that is paid, and what is left of it: how many, of what money, and how much of its money went back."""

    of: LineParts
    quantity: int
    left: LineParts
    shipping_minor: int
    refunded_minor: int = 0


def entries(order: Order) -> Iterator[Entry]:
    """In the order in which it happened; of a moment by line. None before it is paid."""
    if order.paid_at is None:
        return
    sold = _sold(order)
    yield from _sale(sold, order.paid_at)
    adjusted = 0
    for refund in order.refunds:
        for entry in _refunded(refund, sold):
            adjusted += entry.adjustment_minor
            yield entry
    if order.cancelled_at is not None:
        kept = order.total_minor - order.refunded_minor
        yield from _cancelled(sold, order.cancelled_at, kept - adjusted)


def undone(order: Order) -> Iterator[Entry]:
    """The entries but for the sale, which the lines of the order tell themselves."""
    if order.refunds or order.cancelled_at is not None:
        yield from (entry for entry in entries(order) if entry.kind != "sale")


def lines_of(order: Order) -> Iterator[tuple[LineParts, int]]:
    """What each line's money is made of, and its share of the shipping: together they are the order's total."""
    totals = [line.total_minor for line in order.lines]
    of_order = (shares(each, totals) for each in (order.discount_minor, order.tax_minor, order.shipping_minor))
    for line, discount, tax, shipping in zip(order.lines, *of_order, strict=True):
        yield _parts(line, discount, tax), shipping


def _sold(order: Order) -> Mapping[int, _Sold]:
    both = zip(order.lines, lines_of(order), strict=True)
    return {
        line_no: _Sold(parts, line.quantity, parts, shipping)
        for line_no, (line, (parts, shipping)) in enumerate(both, start=1)
    }


def _parts(line: OrderLine, order_discount: int, tax: int) -> LineParts:
    other = line.adjustment_minor + line.discount_minor
    rounded = other if _is_rounding(other, line.quantity) else 0
    return LineParts(
        gross_minor=line.quantity * line.unit_price_minor + rounded,
        discount_minor=line.discount_minor,
        other_minor=other - rounded,
        order_discount_minor=order_discount,
        tax_minor=tax,
    )


def _is_rounding(other_minor: int, quantity: int) -> bool:
    """What a price by the thousandth of a gallon is rounded up by is no charge below zero: it never was gross. That is
    less than one minor unit for each of the quantity; a deposit that is given back is as much or more.
    """
    return -quantity < other_minor < 0


def _sale(sold: Mapping[int, _Sold], at: datetime) -> Iterator[Entry]:
    for line_no, line in sold.items():
        yield _entry("sale", "payment", at, line_no, line.quantity, line.of, shipping=line.shipping_minor)


def _refunded(refund: Refund, sold: Mapping[int, _Sold]) -> Iterator[Entry]:
    """What a line gets beyond what was paid for it is an adjustment, and what is for no line."""
    at, number = refund.refunded_at, refund.refund_no
    for one in refund.lines:
        line = sold.get(one.line_no)
        if line is None:
            yield _adjustment("refund", at, one.line_no, -one.amount_minor, number)
            continue
        after = line.refunded_minor + one.amount_minor
        back = parts_of(line.of, after).minus(parts_of(line.of, line.refunded_minor))
        units = one.returned + one.not_sent
        line.left, line.quantity, line.refunded_minor = line.left.minus(back), line.quantity - units, after
        yield _entry("reversal", "refund", at, one.line_no, -units, NOTHING.minus(back), refund_no=number)
        if one.amount_minor != back.value_minor:
            yield _adjustment("refund", at, one.line_no, back.value_minor - one.amount_minor, number)
    if refund.other_minor:
        yield _adjustment("refund", at, None, -refund.other_minor, number)


def _cancelled(sold: Mapping[int, _Sold], at: datetime, adjusted: int) -> Iterator[Entry]:
    """All that is left of every line is undone. `adjusted`: what the shop keeps all the same, or gave too much."""
    for line_no, line in sold.items():
        undone = NOTHING.minus(line.left)
        yield _entry("reversal", "cancellation", at, line_no, -line.quantity, undone, shipping=-line.shipping_minor)
    if adjusted:
        yield _adjustment("cancellation", at, None, adjusted)


def _entry(
    kind: Kind,
    cause: Cause,
    at: datetime,
    line_no: int,
    quantity: int,
    parts: LineParts,
    *,
    shipping: int = 0,
    refund_no: int | None = None,
) -> Entry:
    return Entry(
        kind=kind,
        cause=cause,
        refund_no=refund_no,
        line_no=line_no,
        quantity=quantity,
        gross_minor=parts.gross_minor,
        discount_minor=parts.discount_minor,
        other_minor=parts.other_minor,
        order_discount_minor=parts.order_discount_minor,
        tax_minor=parts.tax_minor,
        shipping_minor=shipping,
        adjustment_minor=0,
        recognised_at=at,
    )


def _adjustment(cause: Cause, at: datetime, line_no: int | None, amount: int, refund_no: int | None = None) -> Entry:
    return Entry(
        kind="adjustment",
        cause=cause,
        refund_no=refund_no,
        line_no=line_no,
        quantity=0,
        gross_minor=0,
        discount_minor=0,
        other_minor=0,
        order_discount_minor=0,
        tax_minor=0,
        shipping_minor=0,
        adjustment_minor=amount,
        recognised_at=at,
    )

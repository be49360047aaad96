"""Refunds some of what was paid: by line, before or after it was sent, and never more than was paid.

A unit comes back (`returned`) or does not leave any more (`not_sent`), or the customer keeps it and pays less. Without
an amount a line gets back what its units were worth.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from api.domain.errors import FieldError, Invalid
from api.domain.orders import MOST_REFUNDS, Delivered, Paid, PartlyShipped, Sent, Shipped, Terms
from api.domain.ship_order import left_to_ship
from schemas.amount_shares import line_values, units_value
from schemas.events.order import Parcel, Refund, RefundLine


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToRefund:
    """`amount_minor` is None for what its units were worth."""

    line_no: int
    returned: int
    not_sent: int
    amount_minor: int | None


def refund(
    order: Paid | Sent, *, lines: Sequence[LineToRefund], other_minor: int, reason: str, at: datetime
) -> Paid | Sent:
    """`other_minor` is for no line. Raises `Invalid` naming every line that cannot be refunded so."""
    paid, parcels = _paid(order), () if isinstance(order, Paid) else _parcels(order)
    if len(paid.refunds) == MOST_REFUNDS:
        raise Invalid.field("refunds", "too_long", f"An order has at most {MOST_REFUNDS} refunds.")
    _require_possible(lines, paid, parcels)
    refunded = [_priced(line, paid.terms, _units_before(paid)) for line in lines]
    amount = sum([line.amount_minor for line in refunded]) + other_minor
    if amount > paid.kept_minor:
        message = f"It would be {amount}, and of what was paid {paid.kept_minor} has not gone back."
        raise Invalid.field("amount_minor", "out_of_range", message)
    if amount == 0 and not any(line.returned or line.not_sent for line in refunded):
        raise Invalid.field("lines", "too_short", "A refund gives something back, or takes something.")
    one_more = Refund(
        refund_no=len(paid.refunds) + 1,
        lines=tuple(sorted(refunded, key=lambda line: line.line_no)),
        other_minor=other_minor,
        amount_minor=amount,
        reason=reason,
        refunded_at=at,
    )
    return _with(order, replace(paid, refunds=(*paid.refunds, one_more)))


def _with(order: Paid | Sent, paid: Paid) -> Paid | Sent:
    match order:
        case Paid():
            if left_to_ship(order, ()) and not left_to_ship(paid, ()):
                raise Invalid.field("lines", "nothing_left", "Of which nothing is to be sent, that order is cancelled.")
            return paid
        case PartlyShipped(_, parcels):
            return PartlyShipped(paid, parcels) if left_to_ship(paid, parcels) else Shipped(paid, parcels)
        case Shipped():
            return replace(order, paid=paid)
        case Delivered():
            return replace(order, shipped=replace(order.shipped, paid=paid))


def _paid(order: Paid | Sent) -> Paid:
    match order:
        case Paid():
            return order
        case PartlyShipped() | Shipped():
            return order.paid
        case Delivered():
            return order.shipped.paid


def _parcels(order: Sent) -> tuple[Parcel, ...]:
    return order.shipped.parcels if isinstance(order, Delivered) else order.parcels


def _units_before(paid: Paid) -> Counter[int]:
    """By line: how many came back or will not leave."""
    units = Counter[int]()
    for one in paid.refunds:
        units.update({line.line_no: line.returned + line.not_sent for line in one.lines})
    return units


def _priced(line: LineToRefund, terms: Terms, before: Counter[int]) -> RefundLine:
    amount = line.amount_minor
    if amount is None:
        value, quantity = line_values(terms)[line.line_no - 1], terms.lines[line.line_no - 1].quantity
        amount = units_value(value, quantity, before[line.line_no], line.returned + line.not_sent)
    return RefundLine(line_no=line.line_no, returned=line.returned, not_sent=line.not_sent, amount_minor=amount)


def _require_possible(lines: Sequence[LineToRefund], paid: Paid, parcels: Sequence[Parcel]) -> None:
    here = {line.line_no: line.quantity for line in left_to_ship(paid, parcels)}
    there = Counter[int]()
    for parcel in parcels:
        there.update({line.line_no: line.quantity for line in parcel.lines})
    for one in paid.refunds:
        there.subtract({line.line_no: line.returned for line in one.lines})
    seen: set[int] = set()
    wrong: list[FieldError] = []
    for at, line in enumerate(lines):
        field, some = f"lines.{at}", here.get(line.line_no, 0)
        if not 1 <= line.line_no <= len(paid.terms.lines):
            wrong.append(FieldError(f"{field}.line_no", "unknown_line", f"The order has no line {line.line_no}."))
        elif line.line_no in seen:
            wrong.append(FieldError(f"{field}.line_no", "repeated", f"Line {line.line_no} is named twice."))
        else:
            if not 0 <= line.returned <= there[line.line_no]:
                message = f"Of line {line.line_no} the customer has {there[line.line_no]}."
                wrong.append(FieldError(f"{field}.returned", "out_of_range", message))
            if not 0 <= line.not_sent <= some:
                message = f"Of line {line.line_no} there are {some} left to ship."
                wrong.append(FieldError(f"{field}.not_sent", "out_of_range", message))
        seen.add(line.line_no)
    if wrong:
        raise Invalid("Some lines cannot be refunded.", wrong)

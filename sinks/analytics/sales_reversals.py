"""Says what each refund of an order takes back: of a line's units, its revenue and the money, on the day of the refund.

Revenue is the lines' totals, without tax and the order's discount; the money of a refund has its share of both. So of
the money that goes back for a line, as much counts against revenue as the line's total is of what was paid for it: who
gets all of it back takes all of its revenue back, to the cent, in however many refunds.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.amount_shares import line_values
from schemas.events.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """Amounts are 0 or below. Without `line_no` it is for no line: shipping, goodwill."""

    refund_no: int
    line_no: int | None
    returned: int
    not_sent: int
    revenue_minor: int
    money_minor: int
    recognised_at: datetime


def reversals(order: Order) -> Iterator[Reversal]:
    """In the order in which it went back; of a refund the lines first."""
    sold = _sold(order) if order.refunds else {}
    before = Counter[int]()
    for refund in order.refunds:
        for line in refund.lines:
            total, value = sold.get(line.line_no, (0, 0))
            after = before[line.line_no] + line.amount_minor
            yield Reversal(
                refund_no=refund.refund_no,
                line_no=line.line_no,
                returned=line.returned,
                not_sent=line.not_sent,
                revenue_minor=_taken_back(total, value, before[line.line_no]) - _taken_back(total, value, after),
                money_minor=-line.amount_minor,
                recognised_at=refund.refunded_at,
            )
            before[line.line_no] = after
        if refund.other_minor:
            yield Reversal(
                refund_no=refund.refund_no,
                line_no=None,
                returned=0,
                not_sent=0,
                revenue_minor=0,
                money_minor=-refund.other_minor,
                recognised_at=refund.refunded_at,
            )


def _sold(order: Order) -> dict[int, tuple[int, int]]:
    """By line: its total, and what was paid for it."""
    both = zip(order.lines, line_values(order), strict=True)
    return {line_no: (line.total_minor, value) for line_no, (line, value) in enumerate(both, start=1)}


def _taken_back(total: int, value: int, money: int) -> int:
    """Of a line's total, when so much of what was paid for it is back. More than that is goodwill, and no revenue."""
    if total <= 0 or value <= 0:
        return 0
    return total * min(money, value) // value

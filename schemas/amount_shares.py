"""Divides an amount among lines so that nothing is lost: each gets its share, and the shares are the amount.

By largest remainder: every line gets its share without the fraction, and what is left over goes one by one to the lines
whose fractions were largest, to the earlier line among equals. Ten cents over three equal lines are 4, 3 and 3.
"""

from collections.abc import Sequence
from typing import Protocol

from schemas.events.order import OrderLine


class WithShares(Protocol):
    """An order, whose tax and discount are its lines'."""

    @property
    def lines(self) -> Sequence[OrderLine]: ...

    @property
    def tax_minor(self) -> int: ...

    @property
    def discount_minor(self) -> int: ...


def shares(amount_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """One for each weight; who weighs nothing gets nothing, unless nobody weighs anything: then all weigh the same."""
    if not amount_minor:
        return (0,) * len(weights)
    counted = [max(weight, 0) for weight in weights]
    if not any(counted):
        counted = [1] * len(counted)
    whole = sum(counted)
    parts = [amount_minor * weight // whole for weight in counted]
    over = sorted(range(len(parts)), key=lambda at: (-(amount_minor * counted[at] % whole), at))
    for at in over[: amount_minor - sum(parts)]:
        parts[at] += 1
    return tuple(parts)


def line_values(order: WithShares) -> tuple[int, ...]:
    """What was paid for each line: its total and its shares of the order's tax and discount.

    Together with the shipping they are the order's total.
    """
    totals = [line.total_minor for line in order.lines]
    tax, discount = shares(order.tax_minor, totals), shares(order.discount_minor, totals)
    return tuple(total + more - less for total, more, less in zip(totals, tax, discount, strict=True))


def units_value(value_minor: int, quantity: int, before: int, units: int) -> int:
    """What so many units of a line are worth, after so many others of it: all of them together are the line's value."""
    if value_minor <= 0 or quantity <= 0:
        return 0
    return value_minor * (before + units) // quantity - value_minor * before // quantity

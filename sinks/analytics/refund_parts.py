"""Says of what the money is that goes back for a line: of its price, its discount, its tax, to the cent.

What a line cost is gross − discount + other − its share of the order's discount + its share of the tax. As much of each
goes back as of the whole, counted from the first refund on, so that who gets all of it back has taken back all of each,
in however many refunds. One part has to take what rounding leaves over: one that the line has.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LineParts:
    """What a line's money is made of. `total_minor` is what its lines says, `value_minor` what was paid for it."""

    gross_minor: int
    discount_minor: int
    other_minor: int
    order_discount_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        return self.gross_minor - self.discount_minor + self.other_minor

    @property
    def value_minor(self) -> int:
        return self.total_minor - self.order_discount_minor + self.tax_minor

    def minus(self, less: "LineParts") -> "LineParts":
        return LineParts(
            gross_minor=self.gross_minor - less.gross_minor,
            discount_minor=self.discount_minor - less.discount_minor,
            other_minor=self.other_minor - less.other_minor,
            order_discount_minor=self.order_discount_minor - less.order_discount_minor,
            tax_minor=self.tax_minor - less.tax_minor,
        )


NOTHING = LineParts(gross_minor=0, discount_minor=0, other_minor=0, order_discount_minor=0, tax_minor=0)


def parts_of(line: LineParts, money_minor: int) -> LineParts:
    """What so much of what was paid for the line is made of; of more than all of it, all of it."""
    value = line.value_minor
    money = min(money_minor, value)
    if line.total_minor <= 0 or money <= 0:
        return NOTHING
    total = line.total_minor * money // value
    order_discount = line.order_discount_minor * money // value
    tax = money - total + order_discount
    if not line.tax_minor:
        order_discount, tax = order_discount - tax, 0
    discount = line.discount_minor * total // line.total_minor
    other = line.other_minor * total // line.total_minor
    gross = total + discount - other
    if not line.gross_minor:
        other, gross = other + gross, 0
    return LineParts(
        gross_minor=gross,
        discount_minor=discount,
        other_minor=other,
        order_discount_minor=order_discount,
        tax_minor=tax,
    )

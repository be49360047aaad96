"""Gives an order that nobody has confirmed yet other lines."""

from collections.abc import Sequence

from api.domain.count_cart import CountedCart
from api.domain.errors import Conflict, Invalid
from api.domain.orders import Pending, place
from schemas.events.order import OrderLine


def edit(order: Pending, lines: Sequence[OrderLine]) -> Pending:
    """The same order with these lines, and the total that they make; its shipping stays.

    Raises `Conflict` for one whose tax, discount or adjustments were worked out elsewhere, of the lines it has, or one
    that has a variant in another unit than its new lines, and `Invalid` as `place`.
    """
    was = order.terms
    _require_same_units(was.lines, lines)
    if was.tax_minor or was.discount_minor or any(map(_is_from_elsewhere, was.lines)):
        raise Conflict(
            "Its tax, discount or adjustments were worked out elsewhere, of the lines it has: cancel it and place "
            "another."
        )
    return _with(order, lines, tax_minor=0, shipping_minor=was.shipping_minor, discount_minor=0)


def edit_as_counted(order: Pending, cart: CountedCart) -> Pending:
    """The same order with what its cart comes to now.

    Raises `Invalid` naming all that would keep the cart from being ordered, and as `place`; `Conflict` where the order
    has a variant in another unit than the cart now.
    """
    if cart.problems:
        raise Invalid("It cannot be ordered like this.", list(cart.problems))
    due = cart.totals
    lines = [line.sold for line in cart.lines if line.sold is not None]
    _require_same_units(order.terms.lines, lines)
    return _with(
        order,
        lines,
        tax_minor=due.tax_minor,
        shipping_minor=due.shipping_minor,
        discount_minor=due.discount_minor,
    )


def _is_from_elsewhere(line: OrderLine) -> bool:
    """A discount and a deposit may come to an adjustment of nothing."""
    return bool(line.adjustment_minor or line.discount_minor)


def _require_same_units(was: Sequence[OrderLine], lines: Sequence[OrderLine]) -> None:
    """Who says 500 of what was ordered by the gram means no kilograms. Raises `Conflict`."""
    units = {line.variant_id: line.unit for line in lines}
    for line in was:
        now = units.get(line.variant_id, line.unit)
        if now != line.unit:
            raise Conflict(f"{line.sku} was ordered by {line.unit}, and is sold by {now}: cancel it and place another.")


def _with(
    order: Pending, lines: Sequence[OrderLine], *, tax_minor: int, shipping_minor: int, discount_minor: int
) -> Pending:
    was = order.terms
    return place(
        order_id=was.id,
        external_id=was.external_id,
        customer_ref=was.customer_ref,
        currency=was.currency,
        lines=lines,
        tax_minor=tax_minor,
        shipping_minor=shipping_minor,
        discount_minor=discount_minor,
        placed_at=was.placed_at,
    )

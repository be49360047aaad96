"""Gives an order that nobody has confirmed yet other lines."""

from collections.abc import Sequence

from api.domain.count_cart import CountedCart
from api.domain.errors import Conflict, Invalid
from api.domain.orders import Pending, place
from schemas.events.order import PIECE, OrderLine


def edit(order: Pending, lines: Sequence[OrderLine]) -> Pending:
    """The same order with these lines, and the total that they make; its shipping stays.

    Raises `Conflict` for one whose tax, discount, adjustments or units were worked out elsewhere, of the lines it has,
    and `Invalid` as `place`.
    """
    was = order.terms
    if was.tax_minor or was.discount_minor or any(map(_is_from_elsewhere, was.lines)):
        raise Conflict(
            "Its tax, discount, adjustments or units were worked out elsewhere, of the lines it has: cancel it and "
            "place another."
        )
    return _with(order, lines, tax_minor=0, shipping_minor=was.shipping_minor, discount_minor=0)


def edit_as_counted(order: Pending, cart: CountedCart) -> Pending:
    """The same order with what its cart comes to now.

    Raises `Invalid` naming all that would keep the cart from being ordered, and as `place`.
    """
    if cart.problems:
        raise Invalid("It cannot be ordered like this.", list(cart.problems))
    due = cart.totals
    return _with(
        order,
        [line.sold for line in cart.lines if line.sold is not None],
        tax_minor=due.tax_minor,
        shipping_minor=due.shipping_minor,
        discount_minor=due.discount_minor,
    )


def _is_from_elsewhere(line: OrderLine) -> bool:
    """A discount and a deposit may come to an adjustment of nothing."""
    return bool(line.adjustment_minor or line.discount_minor) or line.unit != PIECE


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

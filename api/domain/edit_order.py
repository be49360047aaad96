"""Gives an order that nobody has confirmed yet other lines."""

from collections.abc import Sequence

from api.domain.errors import Conflict
from api.domain.orders import Pending, place
from schemas.events.order import OrderLine


def edit(order: Pending, lines: Sequence[OrderLine]) -> Pending:
    """The same order with these lines, and the total that they make; its shipping stays.

    Raises `Conflict` for one whose tax, discount or adjustments were worked out of the lines it has, and `Invalid` as
    `place`.
    """
    was = order.terms
    if was.tax_minor or was.discount_minor or any(line.adjustment_minor for line in was.lines):
        raise Conflict("Its tax, discount or adjustments are of the lines it has: cancel it and place another.")
    return place(
        order_id=was.id,
        external_id=was.external_id,
        customer_ref=was.customer_ref,
        currency=was.currency,
        lines=lines,
        shipping_minor=was.shipping_minor,
        placed_at=was.placed_at,
    )

"""Edits an order that nobody has confirmed yet: other lines at the prices of now, what is due, and its stock."""

from uuid import UUID

from api.domain import edit_order as domain
from api.domain import order_events
from api.domain.changes import ANY_VERSION, DatedEvent, Decision, Expected, Versioned
from api.domain.errors import Invalid
from api.domain.moments import not_before
from api.domain.orders import AnyOrder
from api.store.unit_of_work import UnitOfWork
from api.use_cases.order_edits.commands import LinesGiven
from api.use_cases.order_edits.count_anew import count_anew
from api.use_cases.orders.place_order import priced_lines
from api.use_cases.require_found import found
from api.use_cases.stock.reserve_stock import change_reserved
from schemas.events.order import OrderEdited


def edit_order(
    work: UnitOfWork, order_id: UUID, command: LinesGiven, expected: Expected = ANY_VERSION
) -> Versioned[AnyOrder]:
    """Priced as `place_order` does, and of one that was made of a cart all is counted as a checkout does. What more is
    ordered of a variant is reserved, what less is free again.

    Raises `NotFound`, `VersionMismatch`, `IllegalTransition`, as `place_order`, and as `count_anew`.
    """
    held = found(work.orders.hold, "order", order_id)
    expected.require(held)
    was = order_events.pending(held.value, "edited")
    whose = was.terms.customer_ref
    lines = priced_lines(work, command.lines, was.terms.currency, whose, command.customer_group)
    cart = work.carts.hold_of_order(order_id)
    if cart is None and command.shipping_method is not None:
        raise Invalid.field("shipping_method", "not_allowed", "It was not made of a cart: its shipping stays.")
    now_is = domain.edit(was, lines) if cart is None else count_anew(work, cart, was, lines, command)
    event = OrderEdited(order=order_events.as_value(now_is))
    at = not_before(work.now, *order_events.moments(was))
    saved: Versioned[AnyOrder] = work.save(
        work.orders,
        Decision(aggregate_id=order_id, value=now_is, happened=(DatedEvent(event, at),), was_at=held.version),
    )
    change_reserved(work, order_id, was.terms.lines, now_is.terms.lines)
    return saved

"""Counts an order that was made of a cart anew, as a checkout does: tax, shipping and discount of other lines."""

from collections.abc import Sequence
from dataclasses import replace

from api.domain import edit_order as domain
from api.domain.carts import Cart, CartLine, added_up, sent_to, with_quantities
from api.domain.changes import Versioned
from api.domain.count_cart import as_ordered, counted
from api.domain.discounts import kept
from api.domain.orders import Pending
from api.store.unit_of_work import UnitOfWork
from api.use_cases.carts.count_carts import locales_of, shelf_of
from api.use_cases.order_edits.commands import LinesGiven
from schemas.events.order import OrderLine


def count_anew(
    work: UnitOfWork, held: Versioned[Cart], was: Pending, lines: Sequence[OrderLine], command: LinesGiven
) -> Pending:
    """The order with these lines, and its cart says so, too. Doubles are one line, as in any cart.

    Its code stays good for it, whatever became of the code since: its use was counted. Raises `Invalid` naming all
    that would keep the cart from being ordered.
    """
    cart = _filled(work, held.value, was, lines, command)
    code = None if cart.discount_code is None else work.discounts.coded(cart.discount_code)
    shelf = shelf_of(work, cart, None if code is None else kept(code), work.now)
    # What the order itself holds is there for it; whoever reserves knows what is missing.
    shelf = replace(shelf, available={}, customer_group=command.customer_group or shelf.customer_group)
    shown = counted(cart, shelf, locales_of(work, None))
    now_is = domain.edit_as_counted(was, shown)
    work.carts.change(held, as_ordered(replace(cart, customer_ref=held.value.customer_ref), shown, was.terms.id))
    if not command.keep_discount:
        work.discounts.give_back(was.terms.id)
    return now_is


def _filled(work: UnitOfWork, ordered: Cart, was: Pending, lines: Sequence[OrderLine], command: LinesGiven) -> Cart:
    """Whose the order is by now, and sent where that goes."""
    address = work.contacts.get(was.terms.id).value.shipping_address
    empty = replace(
        sent_to(ordered, address),
        customer_ref=was.terms.customer_ref,
        shipping_method=command.shipping_method or ordered.shipping_method,
        discount_code=ordered.discount_code if command.keep_discount else None,
        lines=(),
    )
    wanted = [
        CartLine(
            variant_id=line.variant_id, sku=line.sku, quantity=line.quantity, unit_price_minor=line.unit_price_minor
        )
        for line in lines
    ]
    return with_quantities(empty, added_up(empty, wanted), work.now)

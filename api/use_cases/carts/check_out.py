"""Makes an order of a cart, once: whoever checks it out again, by whatever key, is answered with the same order.

All of it is one transaction: the order, what it reserves, the discount it uses, and the cart that says what it became.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from api.domain import order_events
from api.domain import orders as domain
from api.domain.carts import CartChanged, sent_to
from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.domain.claim_tokens import ClaimToken
from api.domain.count_cart import CountedCart, as_ordered, changed_prices, counted
from api.domain.errors import FieldError, Invalid
from api.domain.orders import AnyOrder
from api.store.unit_of_work import UnitOfWork
from api.use_cases.carts.commands import Checkout
from api.use_cases.carts.count_carts import locales_of, shelf_of
from api.use_cases.carts.reach_cart import hold_cart, shows_its_token, whose_cart
from api.use_cases.orders.guest_orders import give_token
from api.use_cases.require_found import found
from api.use_cases.stock.reserve_stock import reserve_stock

#: What is missing is for the buyer to say; anything else has changed since they looked.
_MISSING = frozenset({"missing", "too_short"})


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """`placed`: by this very call. `claim`: of a visitor's order, in place of any that was given before."""

    order: Versioned[AnyOrder]
    placed: bool
    claim: ClaimToken | None


def check_out(
    work: UnitOfWork, cart_id: UUID, token: str | None, command: Checkout, expected: Expected = ANY_VERSION
) -> CheckedOut:
    """Raises `NotFound`, `VersionMismatch`, `Invalid` for what was not said, `CartChanged` naming each line that is
    not what it was, and `Short` naming those there is too little for.
    """
    held = hold_cart(work, cart_id, token)
    cart = held.value
    if cart.order_id is not None:
        order = found(work.orders.get, "order", cart.order_id)
        return CheckedOut(order, placed=False, claim=_claim(work, order, cart_id, token))
    expected.require(held)
    discount = None if cart.discount_code is None else work.discounts.hold_coded(cart.discount_code)
    shelf, locales = shelf_of(work, cart, discount, work.now), locales_of(work, None)
    shown = counted(cart, shelf, locales).totals.total_minor
    cart = sent_to(cart, command.contacts().shipping_address)
    now_is = counted(cart, shelf, locales)
    _require_as_seen(now_is, command, shown)
    owner = whose_cart(work.access, cart.customer_ref)
    placed = domain.place(
        order_id=work.new_id(),
        external_id=None,
        customer_ref=owner,
        currency=cart.currency,
        lines=[line.sold for line in now_is.lines if line.sold is not None],
        tax_minor=now_is.totals.tax_minor,
        shipping_minor=now_is.totals.shipping_minor,
        discount_minor=now_is.totals.discount_minor,
        placed_at=work.now,
    )
    saved = work.save(work.orders, order_events.change(placed, was_at=0))
    work.contacts.add(placed.terms.id, command.contacts())
    if discount is not None:
        work.discounts.use(discount.id, placed.terms.id)
    cart = replace(cart, customer_ref=owner, changed_at=work.now)
    work.carts.change(held, as_ordered(cart, now_is, saved.value.terms.id))
    reserve_stock(work, placed.terms.id, placed.terms.lines)
    return CheckedOut(saved, placed=True, claim=_claim(work, saved, cart_id, token))


def _claim(work: UnitOfWork, order: Versioned[AnyOrder], cart_id: UUID, token: str | None) -> ClaimToken | None:
    """For who brought the token of the visitor's cart it was."""
    nobodys = order.value.terms.customer_ref is None
    return give_token(work, order.value.terms.id) if nobodys and shows_its_token(work, cart_id, token) else None


def _require_as_seen(now_is: CountedCart, command: Checkout, shown: int) -> None:
    """`shown` is what the cart comes to where it was said to go."""
    missing = [one for one in now_is.problems if one.code in _MISSING]
    if missing:
        raise Invalid("The cart cannot be ordered yet.", missing)
    changed = list(now_is.problems)
    if not command.accept_changes:
        changed += changed_prices(now_is)
    total = now_is.totals.total_minor
    seen = command.total_minor
    if seen is None:
        seen = total if command.accept_changes else shown
    if seen != total:
        changed.append(FieldError("total_minor", "total_changed", f"It was {seen}, and is {total}."))
    if changed:
        raise CartChanged("The cart is not any more what it was.", changed)

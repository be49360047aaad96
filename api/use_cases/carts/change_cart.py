"""Fills carts, empties them, and says where they go and how they are sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from api.domain.cart_tokens import new_token, token_hash
from api.domain.carts import Cart, CartLine, added_up, require_open, with_quantities
from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.domain.errors import Invalid
from api.domain.money import checked_currency
from api.domain.order_prices import Offer, at_list_price
from api.store.unit_of_work import UnitOfWork
from api.use_cases.carts.commands import AddedLine, AddedLines, CartChange, NewCart, SetLine, SetLines
from api.use_cases.carts.count_carts import ShownCart, shown_cart
from api.use_cases.carts.reach_cart import hold_cart, whose_cart
from api.use_cases.orders.order_lines import order_lines, seen_offers
from schemas.article_codes import code_key
from schemas.events.order import OrderLine


def make_cart(work: UnitOfWork, command: NewCart) -> ShownCart:
    """With a token when it is nobody's. Raises `Invalid` naming every line that cannot be put in, and `Forbidden`."""
    owner = whose_cart(work.access, command.customer_ref)
    empty = Cart(
        id=work.new_id(),
        customer_ref=owner,
        currency=checked_currency(command.currency or work.access.shop.currency, "currency"),
        country=command.country,
        postal_code=command.postal_code,
        shipping_method=None,
        discount_code=None,
        lines=(),
        made_at=work.now,
        changed_at=work.now,
    )
    token = new_token() if owner is None else None
    cart = with_quantities(empty, added_up(empty, _priced(work, empty, command.lines)), work.now)
    held = work.carts.add(cart, None if token is None else token_hash(token))
    return shown_cart(work, held, work.now, token=token)


def add_lines(
    work: UnitOfWork, cart_id: UUID, token: str | None, command: AddedLines, expected: Expected = ANY_VERSION
) -> ShownCart:
    """Raises `NotFound`, `VersionMismatch`, `CartOrdered`, and `Invalid` naming every line that cannot be put in."""
    return _fill(work, cart_id, token, expected, lambda cart: added_up(cart, _priced(work, cart, command.lines)))


def set_lines(
    work: UnitOfWork, cart_id: UUID, token: str | None, command: SetLines, expected: Expected = ANY_VERSION
) -> ShownCart:
    """The same; what is to be none need not be sold any more."""

    def wanted(cart: Cart) -> Mapping[UUID, CartLine]:
        there = {code_key(line.sku): line for line in cart.lines}
        out = [line for line in command.lines if line.quantity == 0 and code_key(line.sku) in there]
        named = [line for line in command.lines if line not in out]
        removed = [replace(there[code_key(line.sku)], quantity=0) for line in out]
        return {line.variant_id: line for line in (*removed, *_priced(work, cart, named))}

    return _fill(work, cart_id, token, expected, wanted)


def change_cart(
    work: UnitOfWork, cart_id: UUID, token: str | None, command: CartChange, expected: Expected = ANY_VERSION
) -> ShownCart:
    """Raises `NotFound`, `VersionMismatch`, `CartOrdered`, and `Invalid` for a method that does not go there and
    a code that there is not."""
    held = _open(work, cart_id, token, expected)
    asked = {name: getattr(command, name) for name in command.model_fields_set}
    cart = replace(held.value, **asked, changed_at=work.now)
    shown = shown_cart(work, Versioned(cart, held.version), work.now)
    offered = () if shown.counted is None else [method.code for method in shown.counted.methods]
    if asked.get("shipping_method") is not None and cart.shipping_method not in offered:
        raise Invalid.field("shipping_method", "not_offered", f"It goes by one of these: {', '.join(offered) or '-'}.")
    if asked.get("discount_code") is not None and work.discounts.coded(asked["discount_code"]) is None:
        raise Invalid.field("discount_code", "unknown_code", f"There is no code {asked['discount_code']}.")
    return replace(shown, held=work.carts.change(held, cart))


def remove_cart(work: UnitOfWork, cart_id: UUID, token: str | None, expected: Expected = ANY_VERSION) -> None:
    """Raises `NotFound`, `VersionMismatch`, `CartOrdered`."""
    _open(work, cart_id, token, expected)
    work.carts.remove(cart_id)


def _fill(
    work: UnitOfWork,
    cart_id: UUID,
    token: str | None,
    expected: Expected,
    wanted: Callable[[Cart], Mapping[UUID, CartLine]],
) -> ShownCart:
    held = _open(work, cart_id, token, expected)
    cart = with_quantities(held.value, wanted(held.value), work.now)
    return shown_cart(work, work.carts.change(held, cart), work.now)


def _open(work: UnitOfWork, cart_id: UUID, token: str | None, expected: Expected) -> Versioned[Cart]:
    held = hold_cart(work, cart_id, token)
    expected.require(held)
    require_open(held.value)
    return held


def _priced(work: UnitOfWork, cart: Cart, given: Sequence[AddedLine | SetLine]) -> list[CartLine]:
    """At the price of now for whose it is, the price of an order's line."""
    offers = seen_offers(work, {line.sku for line in given})
    group = work.users.customer_group(whose_cart(work.access, cart.customer_ref))

    def price(offer: Offer, line: AddedLine | SetLine, field: str) -> OrderLine:
        return at_list_price(offer, line.quantity, cart.currency, field, customer_group=group)

    return [
        CartLine(
            variant_id=sold.variant_id, sku=sold.sku, quantity=sold.quantity, unit_price_minor=sold.unit_price_minor
        )
        for sold in order_lines(given, offers, price)
    ]

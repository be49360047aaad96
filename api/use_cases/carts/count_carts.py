"""Looks up what a cart stands for now, in a constant number of queries, and counts it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.domain.carts import Cart
from api.domain.changes import Versioned
from api.domain.count_cart import CountedCart, Shelf, counted
from api.domain.discounts import Discount
from api.domain.shown_locale import fallbacks
from api.store.view import View
from api.use_cases.carts.commands import CartsAsked
from api.use_cases.carts.reach_cart import get_cart, whose_cart
from api.use_cases.pages import Page, read_page


@dataclass(frozen=True, slots=True)
class ShownCart:
    """`counted` is None for one that was ordered: the order says what was agreed. `token` is said once."""

    held: Versioned[Cart]
    counted: CountedCart | None
    token: str | None = None


def read_cart(view: View, cart_id: UUID, token: str | None, locale: str | None, at: datetime) -> ShownCart:
    """As it is at that moment. Raises `NotFound`."""
    return shown_cart(view, get_cart(view, cart_id, token), at, locale=locale)


def list_carts(view: View, asked: CartsAsked) -> Page[Versioned[Cart]]:
    """Raises `Forbidden` for those of somebody else, `Invalid` for a cursor of another question."""
    return read_page(asked, view.carts.page, customer_ref=view.access.owner(asked.customer_ref))


def shown_cart(
    view: View, held: Versioned[Cart], at: datetime, *, locale: str | None = None, token: str | None = None
) -> ShownCart:
    cart = held.value
    made = None
    if cart.order_id is None:
        found = None if cart.discount_code is None else view.discounts.coded(cart.discount_code)
        made = counted(cart, shelf_of(view, cart, found, at), locales_of(view, locale))
    return ShownCart(held, made, token)


def locales_of(view: View, locale: str | None) -> tuple[str, ...]:
    return fallbacks(locale, view.access.shop.default_locale)


def shelf_of(view: View, cart: Cart, discount: Discount | None, at: datetime) -> Shelf:
    """`discount` is what the cart's code stands for."""
    customer = whose_cart(view.access, cart.customer_ref)
    used = None if discount is None or customer is None else view.discounts.used_by(discount.id, customer)
    ids = [line.variant_id for line in cart.lines]
    skus = view.stock.skus(ids)
    offers = view.orders.offers(set(skus.values()), view.access.shop.default_locale, with_prices=True)
    by_variant = {id_: offers[sku] for id_, sku in skus.items() if sku in offers}
    return Shelf(
        offers=by_variant,
        available=view.stock.available(ids),
        paths=view.taxes.paths_of_products({offer.product_id for offer in by_variant.values()}),
        taxes=view.taxes.get().value,
        methods=view.shipping.get().value,
        discount=discount,
        discount_used=used,
        customer_group=view.users.customer_group(customer),
        at=at,
    )

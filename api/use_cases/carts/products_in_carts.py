"""Shows the products that are in carts, in one locale."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from api.domain.carts import Cart
from api.domain.changes import Versioned
from api.domain.shown_locale import shown
from api.store.view import View
from api.use_cases.shown_products import InLocale, without_lost
from schemas.events.product import Product


def products_in_carts(view: View, held: Sequence[Versioned[Cart]], locales: tuple[str, ...]) -> list[list[InLocale]]:
    """Of each cart, each product once, in the order of its lines. One that is not to be seen is not among them."""
    wanted = {line.variant_id for one in held for line in one.value.lines}
    found = without_lost(view, view.products.of_variants(wanted)) if wanted else []
    by_variant = {variant.id: one for one in found for variant in one.value.variants}
    return [[_in_locale(one, locales) for one in _products_of(cart.value, by_variant)] for cart in held]


def _products_of(cart: Cart, by_variant: Mapping[UUID, Versioned[Product]]) -> list[Versioned[Product]]:
    there = (by_variant[line.variant_id] for line in cart.lines if line.variant_id in by_variant)
    return list({one.value.id: one for one in there}.values())


def _in_locale(held: Versioned[Product], locales: tuple[str, ...]) -> InLocale:
    return InLocale(held=held, text=shown(held.value.translations, locales), chain=locales)

"""Finds one product as a storefront shows it: by its address or a SKU, in one locale."""

from uuid import UUID

from pydantic import Field

from api.domain.changes import Versioned
from api.domain.errors import NotFound
from api.domain.shown_locale import fallbacks, shown
from api.store.view import View
from api.use_cases.fields import Input, Locale
from api.use_cases.handle_lookup import Moved, at_handle
from api.use_cases.shown_products import InLocale, without_lost
from schemas.article_codes import code_key
from schemas.events.product import Product


class OneLocale(Input):
    locale: Locale | None = Field(
        default=None,
        description="`de-AT` is answered in `de-AT`, else in `de`, else in the shop's own language, which is meant"
        " when it is missing, else in the product's first.",
    )


def by_handle(view: View, handle: str, locale: str | None) -> InLocale | Moved:
    """Raises `NotFound`."""
    chain = fallbacks(locale, view.access.shop.default_locale)
    held = at_handle(view.products, "product", handle, chain)
    return held if isinstance(held, Moved) else _in_locale(view, held, chain)


def by_sku(view: View, sku: str, locale: str | None) -> InLocale:
    """Raises `NotFound`."""
    held = view.products.by_sku(sku)
    if held is None:
        raise NotFound("product", "with this SKU")
    chain = fallbacks(locale, view.access.shop.default_locale)
    named = (variant.id for variant in held.value.variants if code_key(variant.sku) == code_key(sku))
    return _in_locale(view, held, chain, next(named, None))


def _in_locale(
    view: View, held: Versioned[Product], chain: tuple[str, ...], variant_id: UUID | None = None
) -> InLocale:
    [seen] = without_lost(view, [held])
    return InLocale(held=seen, text=shown(seen.value.translations, chain), chain=chain, variant_id=variant_id)

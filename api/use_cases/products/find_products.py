"""Finds one product as a storefront shows it: by its address or a SKU, in one locale."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from api.domain.changes import Versioned
from api.domain.errors import NotFound
from api.domain.shown_locale import fallbacks, shown
from api.store.view import View
from api.use_cases.chosen_fields import Fields
from api.use_cases.fields import Input, Locale
from schemas.article_codes import code_key
from schemas.events.product import Product, ProductText


class OneLocale(Input):
    locale: Locale | None = Field(
        default=None,
        description="`de-AT` is answered in `de-AT`, else in `de`, else in the shop's own language, which is meant"
        " when it is missing, else in the product's first.",
    )
    fields: Fields = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InLocale:
    """`variant_id` is that of the SKU it was found by."""

    held: Versioned[Product]
    text: ProductText
    variant_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Under this handle the product is found now."""

    handle: str


def by_handle(view: View, handle: str, locale: str | None) -> InLocale | Moved:
    """Raises `NotFound`. A handle means what it does in the locale asked for, before what it does in another."""
    chain = fallbacks(locale, view.access.shop.default_locale)
    if held := view.products.by_handle(handle, chain):
        return InLocale(held=held, text=shown(held.value.translations, chain))
    if held := view.products.by_old_handle(handle, chain):
        return Moved(shown(held.value.translations, chain).handle)
    raise NotFound("product", "with this handle")


def by_sku(view: View, sku: str, locale: str | None) -> InLocale:
    """Raises `NotFound`."""
    held = view.products.by_sku(sku)
    if held is None:
        raise NotFound("product", "with this SKU")
    chain = fallbacks(locale, view.access.shop.default_locale)
    named = (variant.id for variant in held.value.variants if code_key(variant.sku) == code_key(sku))
    return InLocale(held=held, text=shown(held.value.translations, chain), variant_id=next(named, None))

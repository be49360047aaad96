"""Shows the products of a collection a page at a time, in an order that the client chooses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.errors import Invalid
from api.domain.shown_locale import fallbacks, shown
from api.store.collection_products import KEYS, FoundProduct, PageOfProducts
from api.store.list_pages import Place
from api.store.view import View
from api.use_cases import page_cursors
from api.use_cases.collections.commands import ProductsInAsked
from api.use_cases.handle_lookup import Moved, at_handle
from api.use_cases.require_found import found
from api.use_cases.shown_products import InLocale, without_lost
from schemas.events.collection import Collection
from schemas.events.product import Product


@dataclass(frozen=True, slots=True)
class ProductsPage:
    """`next_cursor` is None on the last page."""

    items: Sequence[Versioned[Product]]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ProductsShown:
    """The same, each in one locale."""

    items: Sequence[InLocale]
    next_cursor: str | None


def products_in(view: View, collection_id: UUID, asked: ProductsInAsked, now: datetime) -> ProductsPage:
    """Raises `NotFound`, and `Invalid` for a cursor of another order."""
    return _page(view, found(view.collections.get, "collection", collection_id).value, asked, now)


def products_at_handle(view: View, handle: str, asked: ProductsInAsked, now: datetime) -> ProductsShown | Moved:
    """Raises as `products_in`."""
    chain = fallbacks(asked.locale, view.access.shop.default_locale)
    held = at_handle(view.collections, "collection", handle, chain)
    if isinstance(held, Moved):
        return held
    page = _page(view, held.value, asked, now)
    items = [InLocale(held=one, text=shown(one.value.translations, chain), chain=chain) for one in page.items]
    return ProductsShown(items, page.next_cursor)


def _page(view: View, collection: Collection, asked: ProductsInAsked, now: datetime) -> ProductsPage:
    sort = asked.sort or ("position" if collection.rule is None else "newest")
    if sort == "position" and collection.rule is not None:
        raise Invalid.field("sort", "no_position", "Its rule says which products are in it, and gives them no places.")
    currency = asked.currency or view.access.shop.currency
    locales = fallbacks(asked.locale, view.access.shop.default_locale)
    told = page_cursors.question("products_of_collection", collection.id, sort, currency, locales)
    wanted = PageOfProducts(
        sort=sort,
        currency=currency,
        locales=locales,
        limit=asked.limit + 1,
        after=None if asked.cursor is None else _after(page_cursors.read(asked.cursor, told, KEYS[sort])),
    )
    here = view.collection_products.page(collection, wanted, now)
    shown_ones = here[: asked.limit]
    held = view.products.load([one.id for one in shown_ones]) if shown_ones else {}
    more = len(here) > len(shown_ones)
    cursor = page_cursors.written(told, Place(shown_ones[-1].id, shown_ones[-1].key)) if more else None
    there = [held[one.id] for one in shown_ones if one.id in held]
    return ProductsPage(without_lost(view, there), cursor)


def _after(place: Place) -> FoundProduct:
    if not isinstance(place.key, int | str):
        raise TypeError("an order of products has a number or a text")
    return FoundProduct(place.id, place.key)

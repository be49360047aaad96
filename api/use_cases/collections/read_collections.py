"""Shows collections: one, by id or by its address in one locale, a page of them, or those that a product is in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.collection_rules import ProductNow, meets
from api.domain.shown_locale import fallbacks, shown
from api.store.view import View
from api.use_cases.collections.commands import CollectionsAsked
from api.use_cases.handle_lookup import Moved, at_handle
from api.use_cases.pages import Page, read_page
from api.use_cases.require_found import found
from schemas.events.collection import Collection, CollectionText


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionInLocale:
    held: Versioned[Collection]
    text: CollectionText


def get_collection(view: View, collection_id: UUID) -> Versioned[Collection]:
    """Raises `NotFound`."""
    return found(view.collections.get, "collection", collection_id)


def list_collections(view: View, asked: CollectionsAsked) -> Page[Versioned[Collection]]:
    """Raises `Invalid` for a cursor of another question."""
    return read_page(asked, view.collections.page)


def collection_by_handle(view: View, handle: str, locale: str | None) -> CollectionInLocale | Moved:
    """Raises `NotFound`."""
    chain = fallbacks(locale, view.access.shop.default_locale)
    held = at_handle(view.collections, "collection", handle, chain)
    if isinstance(held, Moved):
        return held
    return CollectionInLocale(held=held, text=shown(held.value.translations, chain))


def collections_of_product(
    view: View, product_id: UUID, asked: CollectionsAsked, now: datetime
) -> Page[Versioned[Collection]]:
    """Those it was chosen for and those whose rule means it. Raises `NotFound`, and `Invalid` as above."""
    product = found(view.products.get, "product", product_id).value
    there = ProductNow(product=product, in_stock=view.collection_products.is_in_stock(product_id))
    by_rule = [id_ for id_, rule in view.collections.rules().items() if meets(rule, there, now)]
    within = [*by_rule, *view.collections.chosen_for(product_id)]
    return read_page(asked, view.collections.page, below=product_id, within=within)

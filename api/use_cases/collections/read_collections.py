"""Shows collections: one, by id or by its address in one locale, a page of them, or those that a product is in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.collection_rules import ProductNow, meets
from api.domain.shown_locale import fallbacks, shown
from api.store.view import View
from api.use_cases.handle_lookup import Moved, at_handle
from api.use_cases.pages import Page, PageAsked, page_of
from api.use_cases.require_found import found
from schemas.events.collection import Collection, CollectionText


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionInLocale:
    held: Versioned[Collection]
    text: CollectionText


def get_collection(view: View, collection_id: UUID) -> Versioned[Collection]:
    """Raises `NotFound`."""
    return found(view.collections.get, "collection", collection_id)


def list_collections(view: View, asked: PageAsked) -> Page[Versioned[Collection]]:
    return page_of(view.collections.page(asked.cursor, asked.limit + 1), asked.limit, lambda held: held.value.id)


def collection_by_handle(view: View, handle: str, locale: str | None) -> CollectionInLocale | Moved:
    """Raises `NotFound`."""
    chain = fallbacks(locale, view.access.shop.default_locale)
    held = at_handle(view.collections, "collection", handle, chain)
    if isinstance(held, Moved):
        return held
    return CollectionInLocale(held=held, text=shown(held.value.translations, chain))


def collections_of_product(
    view: View, product_id: UUID, asked: PageAsked, now: datetime
) -> Page[Versioned[Collection]]:
    """Those it was chosen for and those whose rule means it, by id. Raises `NotFound`."""
    product = found(view.products.get, "product", product_id).value
    there = ProductNow(product=product, in_stock=view.collection_products.is_in_stock(product_id))
    by_rule = [id_ for id_, rule in view.collections.rules().items() if meets(rule, there, now)]
    ids = sorted(id_ for id_ in (*by_rule, *view.collections.chosen_for(product_id)))
    left = [id_ for id_ in ids if asked.cursor is None or id_ > asked.cursor]
    held = view.collections.load(left)
    return page_of([held[id_] for id_ in left if id_ in held], asked.limit, lambda one: one.value.id)

"""Shows products: one, or a page of them."""

from dataclasses import replace
from uuid import UUID

from api.domain.changes import Versioned
from api.store.view import View
from api.use_cases.pages import Page, read_page
from api.use_cases.products.commands import ProductsAsked
from api.use_cases.require_found import found
from api.use_cases.shown_products import without_lost
from schemas.events.product import Product


def get_product(view: View, product_id: UUID) -> Versioned[Product]:
    """Raises `NotFound`."""
    return without_lost(view, [found(view.products.get, "product", product_id)])[0]


def list_products(view: View, asked: ProductsAsked) -> Page[Versioned[Product]]:
    """Raises `Invalid` for a cursor of another question."""
    page = read_page(asked, view.products.page)
    return replace(page, items=without_lost(view, page.items))

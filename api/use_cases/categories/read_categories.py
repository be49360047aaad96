"""Shows categories: one, or a page of them, oldest first."""

from uuid import UUID

from api.domain.changes import Versioned
from api.store.view import View
from api.use_cases.pages import Page, PageAsked, page_of
from api.use_cases.require_found import found
from schemas.events.category import Category


def get_category(view: View, category_id: UUID) -> Versioned[Category]:
    """Raises `NotFound`."""
    return found(view.categories.get, "category", category_id)


def list_categories(view: View, asked: PageAsked) -> Page[Versioned[Category]]:
    return page_of(view.categories.page(asked.cursor, asked.limit + 1), asked.limit, lambda held: held.value.id)

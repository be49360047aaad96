"""Finds categories by their names, with the number of products that whoever asks sees in them."""

from dataclasses import dataclass, replace

from api.domain.scope import Access
from api.use_cases.read_models.question import Search, Settled
from api.use_cases.read_models.search_products import visible_to
from sinks.search.found_categories import FoundCategories


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoriesAsked:
    """It names no shop, as no question does."""

    text: str
    locale: str | None
    offset: int
    size: int


def find_categories(search: Search, access: Access, asked: CategoriesAsked, settings: Settled) -> FoundCategories:
    """Whose prices a product has makes no difference to where it is. Raises `Unavailable`."""
    shown = visible_to(access, asked.locale, settings, None, None)
    return search.find_categories(replace(shown, text=asked.text, offset=asked.offset, per_page=asked.size))

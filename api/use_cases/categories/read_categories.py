"""Shows categories: one, by id or by its address in a language, or a page of them, oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.errors import NotFound
from api.domain.shown_locale import fallbacks, shown
from api.store.view import View
from api.use_cases.categories.commands import CategoriesAsked
from api.use_cases.pages import Page, read_page
from api.use_cases.require_found import found
from schemas.events.category import Category
from schemas.events.product import Product


@dataclass(frozen=True, slots=True)
class AddressedCategory:
    """`slugs` is its address as it is now, from the root down to the category itself."""

    held: Versioned[Category]
    slugs: tuple[str, ...]


def get_category(view: View, category_id: UUID) -> Versioned[Category]:
    """Raises `NotFound`."""
    return found(view.categories.get, "category", category_id)


def list_categories(view: View, asked: CategoriesAsked) -> Page[Versioned[Category]]:
    """Raises `Invalid` for a cursor of another question."""
    return read_page(asked, view.categories.page)


def categories_of_products(view: View, held: Sequence[Versioned[Product]]) -> list[list[Versioned[Category]]]:
    """Of each product, those that it was put into, in its order."""
    found = view.categories.load({id_ for one in held for id_ in one.value.category_ids})
    return [[found[id_] for id_ in one.value.category_ids if id_ in found] for one in held]


def category_of_slug(view: View, slug: str, locale: str | None) -> AddressedCategory:
    """The one that has or had it. Raises `NotFound`."""
    found = _addressed(view, slug, locale)
    return next((one for one in found if one.slugs[-1] == slug), found[0])


def category_of_path(view: View, slugs: Sequence[str], locale: str | None) -> AddressedCategory:
    """The one whose address it is, or else the one that the last slug names or named, whatever is above it now.

    Raises `NotFound`.
    """
    found = _addressed(view, slugs[-1], locale)
    return next((one for one in found if one.slugs == tuple(slugs)), found[0])


def _addressed(view: View, slug: str, locale: str | None) -> list[AddressedCategory]:
    """Those with the slug in some language, the best first: it names one category in each. At least one."""
    locales = fallbacks(locale, view.access.shop.default_locale)
    named = view.categories.named(slug, locales)
    if not named:
        raise NotFound("category", "with this slug")
    held = view.categories.load(named)
    ways = view.categories.load({step for one in held.values() for step in one.value.path})

    def slugs_of(category: Category) -> tuple[str, ...]:
        return tuple(shown(ways[step].value.translations, locales).slug for step in category.path)

    return [AddressedCategory(held[id_], slugs_of(held[id_].value)) for id_ in named]

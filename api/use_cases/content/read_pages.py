"""Shows pages and posts: one, by id or by its address in one locale, or a page of the list of them."""

from dataclasses import dataclass
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.shown_locale import fallbacks, shown
from api.store.view import View
from api.use_cases import pages as listing
from api.use_cases.content.commands import ContentPageAddress, ContentPagesAsked
from api.use_cases.handle_lookup import Moved, at_handle
from api.use_cases.require_found import found
from schemas.events.page import Page, PageText


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInLocale:
    held: Versioned[Page]
    text: PageText


def get_page(view: View, page_id: UUID) -> Versioned[Page]:
    """Raises `NotFound`."""
    return found(view.pages.get, "page", page_id)


def list_pages(view: View, asked: ContentPagesAsked) -> listing.Page[Versioned[Page]]:
    """Raises `Invalid` for a cursor of another question."""
    return listing.read_page(asked, view.pages.page)


def page_by_handle(view: View, handle: str, asked: ContentPageAddress) -> PageInLocale | Moved:
    """Raises `NotFound`."""
    chain = fallbacks(asked.locale, view.access.shop.default_locale)
    held = at_handle(view.pages.of_kind(asked.kind), asked.kind, handle, chain)
    if isinstance(held, Moved):
        return held
    return PageInLocale(held=held, text=shown(held.value.translations, chain))

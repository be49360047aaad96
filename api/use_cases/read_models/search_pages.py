"""Finds pages and posts by words, kind and tags; and those that a search may become while it is typed."""

from dataclasses import replace

from pydantic import Field

from api.domain.errors import Invalid
from api.domain.pages import Kind
from api.domain.scope import Access
from api.use_cases.fields import Locale
from api.use_cases.read_models.question import Asked, Repeated, SearchedPages, Settled, Wait
from api.use_cases.read_models.search_products import understood
from api.use_cases.read_models.suggest_while_typing import SuggestionsSought
from sinks.search.page_query import PageQuery
from sinks.search.page_questions import FoundPages, PageHit
from sinks.search.product_query import DEEPEST_HIT
from sinks.sink import Unavailable


class PagesSought(Asked):
    q: str = Field(default="", max_length=200, description="Without words, the newest come first.")
    locale: Locale | None = Field(default=None, description="The shop's own when it is missing.")
    kind: Kind | None = None
    tag: Repeated = Field(default=[], max_length=50, description="Any of these.")
    page: int = Field(default=1, ge=1, le=DEEPEST_HIT)
    per_page: int = Field(default=20, ge=1, le=100)


def search_pages(
    pages: SearchedPages, access: Access, asked: PagesSought, until_visible: Wait, settings: Settled
) -> FoundPages:
    """Only what is published is in the read model, whoever asks. Raises `Invalid`, `Unavailable`, and as the wait."""
    if asked.page * asked.per_page > DEEPEST_HIT:
        raise Invalid.field("page", "too_deep", f"Only the first {DEEPEST_HIT} hits can be paged through.")
    until_visible()
    query = replace(
        _visible_to(access, asked.locale, settings),
        text=asked.q,
        kind=asked.kind,
        tags=tuple(asked.tag),
        page=asked.page,
        per_page=asked.per_page,
    )
    return pages.find_pages(query)


def suggest_pages(
    pages: SearchedPages, access: Access, asked: SuggestionsSought, settings: Settled
) -> tuple[PageHit, ...]:
    """None when this read model does not answer: products are suggested all the same."""
    query = replace(_visible_to(access, asked.locale, settings), text=asked.q, per_page=asked.size)
    try:
        return pages.suggest_pages(query).hits
    except Unavailable:
        return ()


def _visible_to(access: Access, locale: str | None, settings: Settled) -> PageQuery:
    """All that who asks may see of their shop, in the language that was asked for, or its own."""
    shop = access.shop
    return PageQuery(
        tenant_id=shop.id,
        locales=understood(locale, shop),
        reached=access.reached("search"),
        settings=settings(shop.id),
    )

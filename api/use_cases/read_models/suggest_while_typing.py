"""Says what a search may be about while it is typed: products and categories."""

from dataclasses import replace
from typing import Annotated, Final

from pydantic import Field

from api.domain.scope import Access
from api.use_cases.fields import Locale
from api.use_cases.read_models.question import NO_FLAG, Grouped, PricesAsked, Search, Settled, Wait
from api.use_cases.read_models.search_products import priced_for, visible_to
from sinks.search.found_products import Suggestions

MOST_SUGGESTED: Final = 20


class SuggestionsSought(PricesAsked):
    q: str = Field(min_length=1, max_length=200, description="As far as it is typed; the last word may go on.")
    locale: Locale | None = Field(default=None, description="The shop's own when it is missing.")
    size: Annotated[int, Field(ge=1, le=MOST_SUGGESTED), NO_FLAG] = Field(
        default=6, description="At most so many of each kind."
    )


def suggest_while_typing(
    search: Search, access: Access, asked: SuggestionsSought, until_visible: Wait, settings: Settled, groups: Grouped
) -> Suggestions:
    """Nothing for spaces. Raises `Forbidden`, `Unavailable`, and as the wait."""
    until_visible()
    shown = visible_to(access, asked.locale, settings, asked.currency, priced_for(access, asked, groups))
    return search.suggest(replace(shown, text=asked.q, per_page=asked.size))

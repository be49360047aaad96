"""Says what a search may be about while it is typed: products and categories."""

from typing import Final

from pydantic import Field

from api.domain.scope import Access
from api.use_cases.fields import Currency, Locale
from api.use_cases.read_models.question import Asked, Search, Wait
from api.use_cases.read_models.search_products import understood
from sinks.search.product_query import ProductQuery
from sinks.search.product_questions import Suggestions

MOST_SUGGESTED: Final = 20


class SuggestionsSought(Asked):
    q: str = Field(min_length=1, max_length=200, description="As far as it is typed; the last word may go on.")
    locale: Locale | None = Field(default=None, description="The shop's own when it is missing.")
    currency: Currency | None = Field(default=None, description="Of all prices. The shop's own when it is missing.")
    size: int = Field(default=6, ge=1, le=MOST_SUGGESTED, description="At most so many of each kind.")


def suggest_while_typing(search: Search, access: Access, asked: SuggestionsSought, until_visible: Wait) -> Suggestions:
    """Nothing for spaces. Raises `Unavailable`, and as the wait."""
    until_visible()
    shop = access.shop
    return search.suggest(
        ProductQuery(
            tenant_id=shop.id,
            text=asked.q,
            locales=understood(asked.locale, shop),
            currency=asked.currency or shop.currency,
            per_page=asked.size,
            facets=frozenset(),
            reached=access.reached("search"),
        )
    )

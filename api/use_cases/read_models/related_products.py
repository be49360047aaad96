"""Says what else somebody may like who looks at a product: what is related to it, and what is bought with it."""

from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from api.domain.errors import NotFound
from api.domain.scope import Access
from api.use_cases.fields import Locale
from api.use_cases.read_models.question import NO_FLAG, Grouped, PricesAsked, Revenue, Search, Settled, Wait
from api.use_cases.read_models.search_products import priced_for, visible_to
from sinks.search.product_query import ProductQuery
from sinks.search.related_products import RelatedProducts, TheseProducts

MOST_RELATED: Final = 20
#: Of what is bought together, what may not be shown any more leaves its place to the next.
_SPARE: Final = 3


class RelatedAsked(PricesAsked):
    locale: Locale | None = Field(default=None, description="The shop's own when it is missing.")
    size: Annotated[int, Field(ge=1, le=MOST_RELATED), NO_FLAG] = Field(default=6, description="At most so many.")


def related_products(
    search: Search,
    access: Access,
    product_id: UUID,
    asked: RelatedAsked,
    until_visible: Wait,
    settings: Settled,
    groups: Grouped,
) -> RelatedProducts:
    """Raises `NotFound` where search shows no such product, `Forbidden`, `Unavailable`, and as the wait."""
    until_visible()
    found = search.related(_query(access, asked, settings, groups), product_id)
    if found is None:
        raise NotFound("product", product_id)
    return found


def bought_together(
    search: Search,
    sales: Revenue,
    access: Access,
    product_id: UUID,
    asked: RelatedAsked,
    until_visible: Wait,
    settings: Settled,
    groups: Grouped,
) -> TheseProducts:
    """As old as the older of both read models. Raises as `related_products` does."""
    until_visible()
    query = _query(access, asked, settings, groups)
    if not search.these(query, [product_id]).hits:
        raise NotFound("product", product_id)
    bought = sales.bought_together(access.shop.id, product_id, asked.size * _SPARE)
    shown = search.these(query, bought.product_ids)
    return TheseProducts(shown.hits[: asked.size], shown.freshness.together_with(bought.freshness))


def _query(access: Access, asked: RelatedAsked, settings: Settled, groups: Grouped) -> ProductQuery:
    shown = visible_to(access, asked.locale, settings, asked.currency, priced_for(access, asked, groups))
    return replace(shown, per_page=asked.size)

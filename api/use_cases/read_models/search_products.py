"""Finds products by words, category, brand, price, and whether they are in stock."""

from uuid import UUID

from pydantic import Field

from api.domain.errors import Invalid
from api.domain.money import MOST_MINOR
from api.domain.scope import Access
from api.use_cases.fields import Locale
from api.use_cases.read_models.question import Asked, Repeated, Search, Wait
from sinks.search.product_query import DEEPEST_HIT, ProductQuery, Sort
from sinks.search.product_questions import FoundProducts


class ProductsSought(Asked):
    """Prices are minor units."""

    q: str = Field(default="", max_length=200)
    locale: Locale | None = Field(default=None, description="The shop's own when it is missing.")
    category: UUID | None = None
    brand: Repeated = Field(default=[], max_length=50)
    price_min: int | None = Field(default=None, ge=0, le=MOST_MINOR)
    price_max: int | None = Field(default=None, ge=0, le=MOST_MINOR)
    in_stock: bool | None = Field(default=None, description="Only what can be ordered, or only what cannot.")
    sort: Sort = "relevance"
    page: int = Field(default=1, ge=1, le=DEEPEST_HIT)
    per_page: int = Field(default=20, ge=1, le=100)


def search_products(search: Search, access: Access, asked: ProductsSought, until_visible: Wait) -> FoundProducts:
    """Only what is published is in the read model, whoever asks. Raises `Invalid`, `Unavailable`, and as the wait."""
    if asked.page * asked.per_page > DEEPEST_HIT:
        raise Invalid.field("page", "too_deep", f"Only the first {DEEPEST_HIT} hits can be paged through.")
    until_visible()
    shop = access.shop
    return search.search(
        ProductQuery(
            tenant_id=shop.id,
            text=asked.q,
            locale=asked.locale or shop.default_locale,
            category_id=asked.category,
            brands=tuple(asked.brand),
            price_min_minor=asked.price_min,
            price_max_minor=asked.price_max,
            in_stock=asked.in_stock,
            sort=asked.sort,
            page=asked.page,
            per_page=asked.per_page,
            reached=access.reached("search"),
        )
    )

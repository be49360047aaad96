"""What can be asked of the products of one tenant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from schemas.row_conditions import EVERY_ROW, RowCondition

Sort = Literal["relevance", "price_asc", "price_desc", "newest", "title"]
Facet = Literal["category", "brand", "tag", "option", "attribute", "price", "stock"]

#: OpenSearch goes no deeper than this many hits by page.
DEEPEST_HIT: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductQuery:
    """`locales` are those that the visitor understands, the first best: what is searched and shown.

    Prices are minor units of `currency`; a product without a price in it is found, and has none. Pages count from 1.
    Values of one option or attribute are alternatives; all that is chosen holds together. What is not `reached` is
    neither found nor counted in any facet.
    """

    tenant_id: UUID
    text: str = ""
    locales: tuple[str, ...] = ("en",)
    currency: str = "EUR"
    category_id: UUID | None = None
    brands: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_min_minor: int | None = None
    price_max_minor: int | None = None
    in_stock: bool | None = None
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 20
    facets: frozenset[Facet] = frozenset({"category", "brand", "price", "stock"})
    facet_size: int = 50
    reached: RowCondition = EVERY_ROW

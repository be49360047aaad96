"""What can be asked of the products of one tenant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from schemas.row_conditions import EVERY_ROW, RowCondition
from sinks.search.product_choices import Choice, Counted
from sinks.search.search_settings import NO_SETTINGS, SearchSettings

Sort = Literal["relevance", "price_asc", "price_desc", "newest", "title"]
Facet = Literal["category", "brand", "tag", "option", "attribute", "price", "stock"]
FacetOrder = Literal["count", "alpha"]

#: OpenSearch goes no deeper than this many hits by page.
DEEPEST_HIT: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductQuery:
    """`locales` are those that the visitor understands, the first best: what is searched and shown.

    Prices are minor units of `currency`; a product without a price in it is found, and has none. They are those that
    customers of `customer_group` pay; None: those that everybody pays. Pages count from 1.
    Values of one option or attribute are alternatives; all that is chosen holds together. What is not `reached` is
    neither found nor counted in any facet. `choices` hold for every facet, too, and for what is `counted`. With
    `offset` hits begin there, whatever the page. `settings`: what the shop says of its search. `now`: of a walk,
    by when products are new, and what sells best does not count; None: by OpenSearch's clock.
    """

    tenant_id: UUID
    text: str = ""
    locales: tuple[str, ...] = ("en",)
    currency: str = "EUR"
    customer_group: str | None = None
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
    facet_order: FacetOrder = "count"
    choices: tuple[Choice, ...] = ()
    counted: tuple[Counted, ...] = ()
    offset: int | None = None
    reached: RowCondition = EVERY_ROW
    settings: SearchSettings = NO_SETTINGS
    now: datetime | None = None

    @property
    def first(self) -> int:
        """Of the hits that are shown, counted from 0."""
        return (self.page - 1) * self.per_page if self.offset is None else self.offset

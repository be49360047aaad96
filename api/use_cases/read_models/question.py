"""What every question to a read model may bring, and what a read model is to those who ask it."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Protocol
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from api.use_cases.fields import LONGEST_NAME, Currency, Input, as_list
from api.use_cases.prices.commands import CustomerGroup
from sinks.analytics.bought_together import BoughtTogether
from sinks.analytics.metric_questions import MetricFound, MetricQuery
from sinks.analytics.often_asked import OftenAsked
from sinks.analytics.sales_questions import Sales, SalesQuery
from sinks.analytics.search_questions import SearchesQuery, SearchReport
from sinks.opensearch.point_holders import Holder
from sinks.search.best_sellers import BestSellers
from sinks.search.found_categories import FoundCategories
from sinks.search.found_products import ExplainedProducts, FoundPage, FoundProducts, Suggestions
from sinks.search.page_query import PageQuery
from sinks.search.page_questions import FoundPages
from sinks.search.product_pages import Place
from sinks.search.product_query import ProductQuery
from sinks.search.related_products import RelatedProducts, TheseProducts
from sinks.search.search_settings import SearchSettings
from sinks.sql.sql_reader import SqlAnswer, SqlQuery
from sinks.wanted_version import Wanted

MOST_RECEIPTS: Final = 50
#: What can be stored can be asked for.
LONGEST: Final = LONGEST_NAME


#: A parameter that may be there several times.
Repeated = Annotated[
    list[Annotated[str, StringConstraints(max_length=LONGEST)]],
    BeforeValidator(as_list),
    WithJsonSchema({"type": "array", "items": {"type": "string", "maxLength": LONGEST}, "maxItems": MOST_RECEIPTS}),
]


def _no_flag(given: Any) -> Any:
    if isinstance(given, bool):
        raise ValueError("is a number, and neither true nor false")
    return given


#: Of a whole number, which is a text in an address: `true` is none.
NO_FLAG: Final = BeforeValidator(_no_flag)
#: Returns when what the receipts stand for is visible, or raises.
Wait = Callable[[], None]
#: What the shop of this id says of its search.
Settled = Callable[[UUID], SearchSettings]
#: The customer group that somebody is in who is called so in the shop of this id; None: they pay what everybody does.
Grouped = Callable[[UUID, str], str | None]


class Asked(Input):
    """What every question to a read model may bring."""

    after: Repeated = Field(
        default=[], max_length=MOST_RECEIPTS, description="Receipts: wait until their changes are visible."
    )
    wait: float = Field(default=5, ge=0, le=30, description="Seconds to wait for them at most.")


class PricesAsked(Asked):
    """Whose prices are shown, filtered and sorted by, and in which currency."""

    currency: Currency | None = Field(default=None, description="Of all prices. The shop's own when it is missing.")
    customer_group: CustomerGroup | None = Field(
        default=None,
        description="Whose prices: for the shop's own people only. A customer is shown those of their group.",
    )


class AskedModel(Protocol):
    def shown(self, wanted: Collection[Wanted]) -> Collection[Wanted]:
        """Those that readers see, in this version or a newer one. Raises `Unavailable`."""

    def ping(self) -> None:
        """Raises `Unavailable` when it cannot answer."""


class Search(AskedModel, Protocol):
    def search(self, query: ProductQuery) -> FoundProducts: ...

    def first_page(self, query: ProductQuery, holder: Holder) -> FoundPage: ...

    def next_page(self, query: ProductQuery, place: Place, holder: Holder) -> FoundPage: ...

    def search_all(self, queries: Sequence[ProductQuery]) -> tuple[FoundProducts, ...]: ...

    def explain(self, query: ProductQuery) -> ExplainedProducts: ...

    def suggest(self, query: ProductQuery) -> Suggestions: ...

    def find_categories(self, query: ProductQuery) -> FoundCategories: ...

    def related(self, query: ProductQuery, product_id: UUID) -> RelatedProducts | None: ...

    def these(self, query: ProductQuery, product_ids: Sequence[UUID]) -> TheseProducts: ...


class SearchedPages(AskedModel, Protocol):
    def find_pages(self, query: PageQuery) -> FoundPages: ...

    def suggest_pages(self, query: PageQuery) -> FoundPages: ...


class SearchReports(Protocol):
    def searches(self, query: SearchesQuery) -> SearchReport: ...

    def often_asked(self, tenant_id: UUID) -> OftenAsked: ...

    def ping(self) -> None:
        """Raises `Unavailable` when it cannot answer."""


class Statements(Protocol):
    def ask(self, query: SqlQuery) -> SqlAnswer:
        """Raises `StatementRefused`, `TooManyStatements`, `Unavailable`."""


class Revenue(AskedModel, Protocol):
    def sales(self, query: SalesQuery) -> Sales: ...

    def metric(self, query: MetricQuery) -> MetricFound: ...

    def best_sellers(self, tenant_id: UUID, now: datetime) -> BestSellers: ...

    def bought_together(self, tenant_id: UUID, product_id: UUID, most: int) -> BoughtTogether: ...

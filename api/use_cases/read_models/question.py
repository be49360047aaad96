"""What every question to a read model may bring, and what a read model is to those who ask it."""

from collections.abc import Callable, Collection
from typing import Annotated, Final, Protocol

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from api.use_cases.fields import Input, as_list
from sinks.analytics.sales_questions import Sales, SalesQuery
from sinks.search.product_query import ProductQuery
from sinks.search.product_questions import FoundProducts, Suggestions
from sinks.wanted_version import Wanted

MOST_RECEIPTS: Final = 50
LONGEST: Final = 200


#: A parameter that may be there several times.
Repeated = Annotated[
    list[Annotated[str, StringConstraints(max_length=LONGEST)]],
    BeforeValidator(as_list),
    WithJsonSchema({"type": "array", "items": {"type": "string", "maxLength": LONGEST}, "maxItems": MOST_RECEIPTS}),
]
#: Returns when what the receipts stand for is visible, or raises.
Wait = Callable[[], None]


class Asked(Input):
    """What every question to a read model may bring."""

    after: Repeated = Field(
        default=[], max_length=MOST_RECEIPTS, description="Receipts: wait until their changes are visible."
    )
    wait: float = Field(default=5, ge=0, le=30, description="Seconds to wait for them at most.")


class AskedModel(Protocol):
    def shown(self, wanted: Collection[Wanted]) -> Collection[Wanted]:
        """Those that readers see, in this version or a newer one. Raises `Unavailable`."""

    def ping(self) -> None:
        """Raises `Unavailable` when it cannot answer."""


class Search(AskedModel, Protocol):
    def search(self, query: ProductQuery) -> FoundProducts: ...

    def suggest(self, query: ProductQuery) -> Suggestions: ...


class Revenue(AskedModel, Protocol):
    def sales(self, query: SalesQuery) -> Sales: ...

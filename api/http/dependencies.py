"""What the API works with: made once for each process, and in tests as the test likes."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from flask import current_app

from api.http.readiness import Readiness
from api.http.receipts import Receipts
from api.http.tenant_cache import Tenants
from api.http.tokens import Tokens
from api.store.store import Store
from sinks.analytics.sales import Sales, SalesQuery
from sinks.search.product_query import ProductQuery
from sinks.search.products import ProductPage
from sinks.wanted import Wanted

EXTENSION = "rustok"


class ReadModel(Protocol):
    def shown(self, wanted: Collection[Wanted]) -> Collection[Wanted]:
        """Those that readers see, in this version or a newer one. Raises `Unavailable`."""

    def ping(self) -> None:
        """Raises `Unavailable` when it cannot answer."""


class Search(ReadModel, Protocol):
    def search(self, query: ProductQuery) -> ProductPage: ...


class Revenue(ReadModel, Protocol):
    def sales(self, query: SalesQuery) -> Sales: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """`clock` is UTC, `now_s` runs evenly. `closing` is what to close, in this order.

    `origins`: whose web pages may call, besides those at a shop's own domains.
    """

    store: Store
    tenants: Tenants
    tokens: Tokens
    receipts: Receipts
    search: Search
    sales: Revenue
    clock: Callable[[], datetime]
    now_s: Callable[[], float]
    readiness: Readiness = field(default_factory=Readiness)
    closing: Sequence[Callable[[], None]] = ()
    origins: frozenset[str] = frozenset()


def dependencies() -> Dependencies:
    """Those of the app that serves this request."""
    found: Dependencies = current_app.extensions[EXTENSION]
    return found

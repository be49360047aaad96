"""What does the API work with? Made once for each process, and in tests as the test likes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from flask import current_app

from api.receipts import Receipts
from api.store.store import Store
from api.tenancy import Tenants
from api.tokens import Tokens
from sinks.analytics.sales import Sales, SalesQuery
from sinks.search.product_query import ProductQuery
from sinks.search.products import ProductPage

EXTENSION = "rustok"


class ReadModel(Protocol):
    def holds(self, tenant_id: UUID, aggregate: str, aggregate_id: UUID, version: int) -> bool: ...

    def ping(self) -> None:
        """Raises `Unavailable` when it cannot answer."""


class Search(ReadModel, Protocol):
    def search(self, query: ProductQuery) -> ProductPage: ...


class Revenue(ReadModel, Protocol):
    def sales(self, query: SalesQuery) -> Sales: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """`clock` is UTC, `now_s` runs evenly. `closing` is what to close, in this order."""

    store: Store
    tenants: Tenants
    tokens: Tokens
    receipts: Receipts
    search: Search
    sales: Revenue
    clock: Callable[[], datetime]
    now_s: Callable[[], float]
    sleep: Callable[[float], None]
    closing: Sequence[Callable[[], None]] = ()


def dependencies() -> Dependencies:
    """Those of the app that serves this request."""
    found: Dependencies = current_app.extensions[EXTENSION]
    return found

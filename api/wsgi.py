"""What does a worker serve? `make` connects one process's API to the stores its settings name."""

import time
from datetime import UTC, datetime
from pathlib import Path

from apiflask import APIFlask

from api.app import ONLY_REGISTRY, create_app
from api.dependencies import Dependencies, Revenue, Search
from api.store.store import Store
from api.tenancy import StoredTenants
from api.tokens import Tokens
from ops import telemetry
from ops.settings import Settings
from sinks.analytics.sales import SalesReader
from sinks.search.products import ProductSearch


def make() -> APIFlask:
    """Called once in each worker, after the fork."""
    settings = Settings()
    telemetry.configure(settings, process="api")
    return create_app(connect(settings))


def make_registry() -> APIFlask:
    """The same with nothing but the registry in it."""
    settings = Settings()
    telemetry.configure(settings, process="registry")
    return create_app(connect(settings), ONLY_REGISTRY)


def connect(settings: Settings) -> Dependencies:
    store = Store(settings.postgres_url, connections=settings.api_threads, clock=now)
    store.open()
    return connect_to(
        store,
        Tokens(settings.token_key.get_secret_value()),
        ProductSearch(settings.opensearch_url),
        SalesReader(settings.analytics_dir),
    )


def connect_to(store: Store, tokens: Tokens, search: Search, sales: Revenue) -> Dependencies:
    return Dependencies(
        store=store,
        tenants=StoredTenants(store, time.monotonic),
        tokens=tokens,
        receipts=tokens.receipts(),
        search=search,
        sales=sales,
        clock=now,
        now_s=time.monotonic,
        sleep=time.sleep,
        closing=(store.close,),
    )


def unconnected() -> Dependencies:
    """For what only looks at the app: its stores are never asked."""
    return connect_to(
        Store("", connections=1, clock=now),
        Tokens("-" * 32),
        ProductSearch("http://127.0.0.1:1"),
        SalesReader(Path("/nonexistent")),
    )


def now() -> datetime:
    return datetime.now(UTC)

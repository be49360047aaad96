"""The API on the test stack's PostgreSQL, through the HTTP test client. Every test opens a shop of its own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import psycopg
import pytest
from apiflask import APIFlask

from api.app import create_app
from api.http.tokens import AccessTokens
from api.store.answer_timeouts import AnswerTimeouts
from api.store.store import Store
from api.wsgi import connect_to, now
from ops.settings import Settings
from sinks.analytics.sales_questions import SalesReader
from sinks.analytics.search_questions import SearchesReader
from sinks.search.page_questions import PageSearch
from sinks.search.product_questions import ProductSearch
from sinks.sql.sql_reader import SqlReader
from tests.integration.api.own_database import database_of_its_own
from tests.integration.api.served import Served, serving
from tests.integration.api.shops import Shop, opened_shop
from tests.support.browser.chromium import chromium
from tests.support.browser.devtools import Devtools
from tests.support.payment_providers import simulated
from tests.support.stack import Stack


@pytest.fixture(scope="session")
def settings(servers: Stack) -> Settings:
    servers.rustok("api", "migrate")
    return servers.settings


@pytest.fixture(scope="session")
def store(settings: Settings) -> Iterator[Store]:
    """It outwaits a disk that stands still for some seconds: what is said of that has tests of its own."""
    patient = AnswerTimeouts(connect_s=30, statement_s=0, lock_s=0)
    store = Store(settings.postgres_url, connections=8, clock=now, patience=patient)
    store.open()
    yield store
    store.close()


@pytest.fixture(scope="session")
def tokens(settings: Settings) -> AccessTokens:
    return AccessTokens(settings.token_key.get_secret_value(), settings.service_key.get_secret_value())


@pytest.fixture(scope="session")
def app(settings: Settings, store: Store, tokens: AccessTokens) -> APIFlask:
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(settings.analytics_dir)
    searches = SearchesReader(settings.analytics_dir)
    pages, statements = PageSearch(settings.opensearch_url), SqlReader(settings.analytics_dir)
    made = connect_to(
        store, tokens, search, sales, payments=simulated(), searches=searches, pages=pages, sql=statements
    )
    return create_app(replace(made, storefront=True))


@pytest.fixture(scope="session")
def served(servers: Stack, settings: Settings) -> Iterator[Served]:
    """The API as it is run, for whoever comes over the network and changes nothing in how it runs."""
    with serving(servers) as one:
        yield one


@pytest.fixture(scope="session")
def browser(settings: Settings) -> Iterator[Devtools]:
    with chromium(settings.folder.software) as one:
        yield one


@pytest.fixture
def postgres(settings: Settings) -> Iterator[psycopg.Connection]:
    """As the owner of the tables, who sees everything."""
    with psycopg.connect(settings.postgres_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def empty_database(settings: Settings) -> Iterator[str]:
    """The URL of a database of its own, to bring from one revision to another."""
    with database_of_its_own(settings) as url:
        yield url


@pytest.fixture
def open_shop(app: APIFlask, tokens: AccessTokens) -> Callable[..., Shop]:
    return partial(opened_shop, app.test_client(), tokens)


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()

"""The shops and callers of the matrix, made once; read models that show something of each shop."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from apiflask import APIFlask

from api.app import create_app, list_routes
from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http.dependencies import EXTENSION, Dependencies
from api.http.route_table import Route
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.use_cases.users.hash_passwords import PasswordHashes
from api.use_cases.users.sign_in_desk import SignInDesk
from api.wsgi import connect_to, now
from ops.settings import Settings
from schemas.events.order import OrderPaid
from schemas.events.page import PagePublished
from schemas.events.product import ProductCreated
from sinks.analytics import sales_facts, search_facts
from sinks.analytics.sales_questions import SalesReader
from sinks.analytics.search_questions import SearchesReader
from sinks.search import page_documents, product_documents
from sinks.search.page_questions import PageSearch
from sinks.search.product_questions import ProductSearch
from sinks.sql.sql_reader import SqlReader
from tests.integration.api.matrix.answers import Matrix
from tests.integration.api.matrix.callers import Caller, Homes, bearer, callers
from tests.integration.api.matrix.examples import Examples
from tests.integration.api.matrix.homes import Home, made_mark
from tests.integration.api.people import Mailbox
from tests.integration.api.shops import Shop
from tests.support.examples import envelope, line, order, page, product, text
from tests.support.payment_providers import simulated
from tests.support.search_logs import logged_search, search_log
from tests.support.whole import whole


@pytest.fixture(scope="session")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sales")


@pytest.fixture(scope="session")
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture(scope="session")
def serve(
    settings: Settings, store: Store, tokens: AccessTokens, sales: Path, mailbox: Mailbox
) -> Callable[[], APIFlask]:
    """As another worker each time, with a mailbox, and hashes that cost nothing."""

    def make() -> APIFlask:
        search, read = ProductSearch(settings.opensearch_url), SalesReader(sales)
        pages, searches = PageSearch(settings.opensearch_url), SearchesReader(sales)
        asked = {"searches": searches, "pages": pages, "sql": SqlReader(sales)}
        own = connect_to(store, tokens, search, read, payments=simulated(), **asked)
        hashes = PasswordHashes(2, passes=1, memory_kib=64)
        desk = SignInDesk(store=store, hashes=hashes, mailer=mailbox, refresh_key=b"k" * 32)
        return create_app(replace(own, desk=desk, analytics=sales))

    return make


@pytest.fixture(scope="session")
def served(serve: Callable[[], APIFlask]) -> APIFlask:
    return serve()


@pytest.fixture(scope="session")
def routes(served: APIFlask) -> dict[str, Route]:
    own: Dependencies = served.extensions[EXTENSION]
    return {one.name: one for one in list_routes(own)}


@pytest.fixture(scope="session")
def open_home(
    settings: Settings, serve: Callable[[], APIFlask], tokens: AccessTokens, mailbox: Mailbox
) -> Iterator[Callable[[], Home]]:
    """Opens a shop of its own to whoever calls it."""
    opening = serve()  # it goes on to know a shop that is closed as an open one
    platform = bearer(_issued(tokens, Role.SUPER_ADMIN))
    with psycopg.connect(settings.postgres_url, autocommit=True) as postgres:

        def make() -> Home:
            mark = made_mark()
            shop = Shop(opening.test_client(), tokens, _opened(opening, platform, mark))
            return Home(opening.test_client(), postgres, mailbox, bearer(shop.token()), platform, shop, mark)

        yield make


@pytest.fixture(scope="session")
def matrix(
    settings: Settings,
    open_home: Callable[[], Home],
    served: APIFlask,
    tokens: AccessTokens,
    mailbox: Mailbox,
    routes: dict[str, Route],
    sales: Path,
) -> Iterator[Matrix]:
    own, other, quiet, closed = (open_home() for _ in range(4))
    homes = Homes(
        own, other, quiet, closed, Home(served.test_client(), own.postgres, mailbox, own.platform, own.platform)
    )
    for home in (own, other, quiet):
        home.one_of_each()
    examples = Examples(homes, served.spec)
    asking = routes["GET /v1/products/{product_id}"]
    examples.make_in_closed(asking, Caller("boss", closed.boss, closed, quiet, Role.ADMIN))
    assert closed.shop is not None
    own.postgres.execute("UPDATE tenants SET active = false WHERE id = %s", (closed.shop.id,))
    show_in_read_models(settings, sales, (own, other, quiet))
    yield Matrix(served.test_client(), homes, callers(homes, tokens), examples)
    # A scheduler that is started later would carry them out. Other tests may have restarted PostgreSQL by now.
    with psycopg.connect(settings.postgres_url, autocommit=True) as again:
        again.execute("DELETE FROM rebuild_requests")


def _issued(tokens: AccessTokens, role: Role) -> str:
    actor = Actor(tenant_id=None, tenant_slug=None, actor_id=f"the {role}", role=role)
    return tokens.issue(actor, now=now(), valid=timedelta(hours=1))


def _opened(served: APIFlask, platform: dict[str, str], name: str) -> dict[str, object]:
    slug = f"shop-{uuid4().hex[:12]}"
    body = {"slug": slug, "name": name, "domains": [f"{slug}.example"]}
    answer = served.test_client().post("/v1/tenants", json=body, headers=platform)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def show_in_read_models(settings: Settings, sales: Path, homes: tuple[Home, ...]) -> None:
    """A product, a page, an order and a search of each shop, with its mark."""
    pages = page_documents.MODEL.sink(settings)
    search = product_documents.MODEL.sink(settings)
    facts = sales_facts.MODEL.sink(Settings(analytics_dir=sales))
    searches = search_facts.MODEL.sink(Settings(analytics_dir=sales))
    pages.open()
    search.open()
    facts.open()
    searches.open()
    for home in homes:
        assert home.shop is not None
        of = envelope("product.created", tenant_id=home.shop.id)
        shown = product(id=of.aggregate_id, brand=home.mark, translations=(text("en", home.mark),))
        home.in_search = str(shown.id)
        search.write([product_documents.product_document(of, ProductCreated(product=shown))], {})
        of_page = envelope("page.published", tenant_id=home.shop.id)
        said = PagePublished(page=page(home.mark, id=of_page.aggregate_id))
        pages.write([page_documents.page_document(of_page, said)], {})
        paid = envelope(tenant_id=home.shop.id)
        sold = order(id=paid.aggregate_id, lines=(line(category=home.mark),))
        facts.write([sales_facts.order_facts(paid, OrderPaid(order=sold))], {})
        of_log = envelope("search_log.recorded", tenant_id=home.shop.id, occurred_at=datetime.now(UTC))
        searches.write([search_facts.search_facts(of_log, search_log(logged_search(home.mark)))], {})
    fresh = whole(sales_facts.MODEL)
    pages.publish(fresh)
    search.publish(fresh)
    facts.publish(fresh)
    searches.publish(fresh)
    pages.close()
    search.close()
    facts.close()
    searches.close()

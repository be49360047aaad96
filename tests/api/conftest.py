"""The API without any server: its store never answers, its read models answer what a test says."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.app import create_app
from api.domain.errors import Unauthenticated
from api.domain.permissions import PLATFORM_ROLES, Role
from api.domain.scope import Actor
from api.domain.service_tokens import ServiceToken
from api.http.denied_calls import DeniedCalls
from api.http.dependencies import EXTENSION, Dependencies
from api.http.kept_customer_groups import StoredCustomerGroups
from api.http.kept_often_asked import KeptOftenAsked
from api.http.kept_search_settings import StoredSearchSettings
from api.http.search_log import SearchLogs
from api.http.service_token_cache import actor_of
from api.http.tokens import AccessTokens, Verified
from api.http.user_standings import StoredStandings
from api.registry.app import create_registry
from api.store.store import Store
from api.use_cases.payments.payment_desk import PaymentDesk
from api.use_cases.users.hash_passwords import PasswordHashes
from api.use_cases.users.sign_in_desk import SignInDesk
from api.use_cases.webhooks.webhook_desk import WebhookDesk
from ops.domain_checks import TrustedDomains
from ops.mailers import LogMailer
from ops.sealed_secrets import Seal
from schemas.events.tenant import Tenant
from sinks.analytics.often_asked import NOTHING_ASKED, OftenAsked
from sinks.analytics.sales_questions import Sales, SalesQuery
from sinks.analytics.search_questions import SearchesQuery, SearchReport
from sinks.freshness import Freshness
from sinks.search.found_products import FoundProducts
from sinks.search.page_query import PageQuery
from sinks.search.page_questions import FoundPages
from sinks.search.product_facets import Facets, StockCounts
from sinks.search.product_query import ProductQuery
from sinks.sql.sql_reader import SqlAnswer, SqlQuery
from sinks.wanted_version import Wanted

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP = Tenant(
    id=uuid4(),
    slug="cheese",
    name="Cheese",
    domains=("cheese.example",),
    default_locale="en",
    locales=("en",),
    currency="EUR",
    time_zone="Europe/Berlin",
    modules=("analytics", "imports", "registry", "search"),
    active=True,
)


@dataclass
class KnownTenants:
    shops: tuple[Tenant, ...] = (SHOP,)

    def by_id(self, tenant_id: UUID) -> Tenant | None:
        return next((shop for shop in self.shops if shop.id == tenant_id), None)

    def by_host(self, host: str) -> Tenant | None:
        return next((shop for shop in self.shops if host.partition(":")[0] in shop.domains), None)

    def changed(self, what: str) -> None:
        return None


@dataclass
class KnownServiceTokens:
    """The tokens of programs by their text."""

    tokens: dict[str, ServiceToken] = field(default_factory=dict)

    def read(self, text: str) -> Verified:
        token = self.tokens.get(text)
        if token is None or not token.is_good(NOW):
            raise Unauthenticated("The token is not valid.")
        return Verified(actor_of(token), NOW)


@dataclass
class ReadModel:
    """Shows `visible` (aggregate id → version), fresh as of a second ago."""

    visible: dict[UUID, int] = field(default_factory=dict)
    asked: list[object] = field(default_factory=list)
    freshness: Freshness = field(default_factory=lambda: Freshness({"rustok.product/0": NOW - timedelta(seconds=1)}))
    failing: Exception | None = None

    def shown(self, wanted: Collection[Wanted]) -> Collection[Wanted]:
        return {one for one in wanted if self.visible.get(one.id, 0) >= one.version}

    def ping(self) -> None:
        return None

    def search(self, query: ProductQuery) -> FoundProducts:
        self.asked.append(query)
        return FoundProducts(total=0, hits=(), facets=Facets(stock=StockCounts(0, 0)), freshness=self.freshness)

    def find_pages(self, query: PageQuery) -> FoundPages:
        self.asked.append(query)
        return FoundPages(total=0, hits=(), freshness=self.freshness)

    suggest_pages = find_pages

    def sales(self, query: SalesQuery) -> Sales:
        self.asked.append(query)
        return Sales((), (), self.freshness)

    def often_asked(self, tenant_id: UUID) -> OftenAsked:
        return NOTHING_ASKED

    def searches(self, query: SearchesQuery) -> SearchReport:
        self.asked.append(query)
        return SearchReport(None, (), (), (), self.freshness)

    def ask(self, query: SqlQuery) -> SqlAnswer:
        self.asked.append(query)
        if self.failing is not None:
            raise self.failing
        return SqlAnswer(
            columns=[("orders", "BIGINT")],
            rows=1,
            truncated=False,
            body=b"orders\r\n3\r\n" if query.kind == "csv" else b"[[3]]",
            snapshot="sales-v5-00000000-00000001.duckdb",
            freshness=self.freshness,
        )


@dataclass
class Clock:
    """Time passes only when somebody sleeps."""

    seconds: float = 0.0

    def now_s(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens("a key for tests, long enough to sign", "another key for tests, of processes")


@pytest.fixture
def read_model() -> ReadModel:
    return ReadModel()


@pytest.fixture
def service_tokens() -> KnownServiceTokens:
    return KnownServiceTokens()


@pytest.fixture
def app(
    tokens: AccessTokens, service_tokens: KnownServiceTokens, read_model: ReadModel, clock: Clock
) -> Iterator[APIFlask]:
    store = Store("", connections=1, clock=lambda: NOW)
    denied, search_logs = DeniedCalls(store, clock.now_s), SearchLogs(store)
    yield create_app(
        Dependencies(
            store=store,
            tenants=KnownTenants(),
            standings=StoredStandings(store, clock.now_s),
            desk=SignInDesk(
                store=store, hashes=PasswordHashes(1, passes=1, memory_kib=64), mailer=LogMailer(), refresh_key=b"k"
            ),
            denied=denied,
            tokens=tokens,
            service_tokens=service_tokens,
            webhooks=WebhookDesk(seal=Seal("")),
            payments=PaymentDesk(seal=Seal("")),
            receipts=tokens.receipts(),
            search_cursors=tokens.search_cursors(),
            search=read_model,
            pages=read_model,
            customer_groups=StoredCustomerGroups(store, clock.now_s),
            search_settings=StoredSearchSettings(store, clock.now_s),
            search_logs=search_logs,
            sales=read_model,
            searches=read_model,
            sql=read_model,
            often_asked=KeptOftenAsked(read_model, clock.now_s),
            domains=TrustedDomains(),
            clock=lambda: NOW,
            now_s=clock.now_s,
        )
    )
    denied.close()
    search_logs.close()


@pytest.fixture
def registry(app: APIFlask) -> APIFlask:
    """The schema registry, which is mounted beside the application of the shops."""
    return create_registry(app.extensions[EXTENSION])


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def as_role(tokens: AccessTokens) -> Callable[..., dict[str, str]]:
    """The header of somebody with this role in the shop `SHOP`; nothing for anonymous."""

    def header(role: str, tenant_id: UUID = SHOP.id, valid: timedelta = timedelta(hours=1)) -> dict[str, str]:
        if role == Role.ANONYMOUS:
            return {}
        of_platform = Role(role) in PLATFORM_ROLES
        actor = Actor(
            tenant_id=None if of_platform else tenant_id,
            tenant_slug=None if of_platform else "cheese",
            actor_id="somebody",
            role=Role(role),
        )
        return {"Authorization": f"Bearer {tokens.issue(actor, now=datetime.now(UTC), valid=valid)}"}

    return header

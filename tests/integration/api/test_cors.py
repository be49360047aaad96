"""Web pages of the right origins may call, and read what they get; a browser asks first and brings no token."""

from collections.abc import Callable

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.app import create_app
from api.domain.permissions import Role
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to
from ops.settings import Settings
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch
from tests.integration.api.registry.calling import Caller
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

ADMIN = "https://admin.example:8443"
ASKED = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization, if-match"}


@pytest.fixture
def app_for(settings: Settings, store: Store, tokens: AccessTokens) -> Callable[..., APIFlask]:
    def make(*origins: str) -> APIFlask:
        search, sales = ProductSearch(settings.opensearch_url), SalesReader(settings.analytics_dir)
        return create_app(connect_to(store, tokens, search, sales, frozenset(origins)))

    return make


@pytest.fixture
def client(app_for: Callable[..., APIFlask]) -> FlaskClient:
    return app_for(ADMIN).test_client()


def preflight(
    client: FlaskClient, origin: str, path: str = "/v1/products/0197a000-0000-7000-8000-000000000000"
) -> dict:
    answer = client.options(path, headers={**ASKED, "Origin": origin})
    assert (answer.status_code, answer.data) == (204, b"")
    return dict(answer.headers)


def test_a_preflight_needs_no_token_and_says_what_may_be_sent(client: FlaskClient, shop: Shop) -> None:
    for origin in (ADMIN, f"https://{shop.tenant['domains'][0]}"):
        told = preflight(client, origin)

        assert told["Access-Control-Allow-Origin"] == origin
        assert {"GET", "PATCH", "DELETE"} <= set(told["Access-Control-Allow-Methods"].split(", "))
        for name in ("Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "X-Reason"):
            assert name in told["Access-Control-Allow-Headers"]
        assert int(told["Access-Control-Max-Age"]) > 0
        assert "Origin" in told["Vary"]
        assert "Access-Control-Allow-Credentials" not in told


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://{}",
        "https://{}.evil.example",
        "https://{}:444",
        "https://\x7f",
        "x" * 9000,
    ],
)
def test_a_page_of_somebody_else_is_told_nothing(client: FlaskClient, shop: Shop, origin: str) -> None:
    told = preflight(client, origin.format(shop.tenant["domains"][0]))

    assert not [name for name in told if name.startswith("Access-Control-")]


def test_answers_and_errors_may_be_read(client: FlaskClient) -> None:
    for path, status in (("/v1/products", 401), ("/nowhere", 404), ("/health/live", 200), ("/v1/search/products", 401)):
        answer = client.get(path, headers={"Origin": ADMIN})

        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == ADMIN
        for name in ("ETag", "Rustok-Receipt", "Rustok-As-Of", "Location", "Retry-After"):
            assert name in answer.headers["Access-Control-Expose-Headers"]


def test_what_the_registry_has_kept_may_be_read_as_well(client: FlaskClient, tokens: AccessTokens) -> None:
    service = Caller(client, tokens, Role.SERVICE)
    subject = service.told("GET", "/subjects")[0]
    path = f"/schemas/ids/{service.told('GET', f'/subjects/{subject}/versions/latest')['id']}"

    service.call("GET", path)
    asked, kept = (service.call("GET", path, Origin=ADMIN) for _ in range(2))

    assert asked.data == kept.data
    assert {"X-Correlation-Id"} <= set(asked.headers.keys()) - set(kept.headers.keys())
    for name, value in asked.headers.items():
        if name.startswith("Access-Control-") or name == "Vary":
            assert kept.headers[name] == value
    assert kept.headers["Access-Control-Allow-Origin"] == ADMIN
    assert service.call("GET", path, Origin="https://evil.example").headers.get("Access-Control-Allow-Origin") is None


def test_a_shops_page_reads_its_own_shop_only(open_shop: Callable[..., Shop]) -> None:
    own, other = open_shop(), open_shop()
    origin = f"https://{own.tenant['domains'][0]}"

    assert own.get("/v1/products", Origin=origin).headers["Access-Control-Allow-Origin"] == origin
    assert "Access-Control-Allow-Origin" not in other.get("/v1/products", Origin=origin).headers


def test_a_closed_shops_page_reads_that_it_is_closed(client: FlaskClient, shop: Shop) -> None:
    domain = str(shop.tenant["domains"][0])
    shop.for_platform("POST", f"/v1/tenants/{shop.id}/deactivate")
    page = {"Origin": f"https://{domain}"}

    told = preflight(client, page["Origin"])
    as_visitor = shop.client.get("/v1/products", headers={**page, "Host": domain})
    as_boss = shop.get("/v1/products", **page)

    assert told["Access-Control-Allow-Origin"] == page["Origin"]
    for answer in (as_visitor, as_boss):
        assert answer.status_code == 403
        assert answer.headers["Access-Control-Allow-Origin"] == page["Origin"]


def test_every_page_may_call_when_the_setting_says_so(app_for: Callable[..., APIFlask]) -> None:
    told = preflight(app_for("*").test_client(), "https://anybody.example")

    assert told["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in told


def test_options_without_an_origin_says_what_an_address_takes(client: FlaskClient) -> None:
    answer = client.options("/v1/products")

    assert answer.status_code == 204
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))

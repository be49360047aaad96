"""Reading or ordering costs the same few ways to PostgreSQL and back, however much hangs on it and whatever it is."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to, now
from ops.settings import Settings
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch
from tests.integration.api.shops import Shop
from tests.support.counted_statements import counted_statements

pytestmark = pytest.mark.servers

#: Begin it as somebody, ask, end it.
ROUND_TRIPS = 3
#: Begin it, what is on offer; the order with its lines; hold the stock, promise it; all events; end it.
TO_PLACE = 7


@pytest.fixture
def client(settings: Settings, tokens: AccessTokens) -> Iterator[FlaskClient]:
    """Of an API with one connection, so that none is made while it is counted."""
    store = Store(settings.postgres_api_url, connections=1, clock=now)
    store.open()
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(settings.analytics_dir)
    yield create_app(connect_to(store, tokens, search, sales)).test_client()
    store.close()


@pytest.fixture
def round_trips(client: FlaskClient, shop: Shop) -> Callable[[str], int]:
    """That a read takes, once its shop is known."""
    headers = {"Authorization": f"Bearer {shop.token()}"}

    def once(address: str) -> int:
        with counted_statements() as taken:
            answer = client.get(address, headers=headers)
        assert answer.status_code == 200, answer.text
        return taken()

    def count(address: str) -> int:
        once(address)
        return once(address)

    return count


def test_a_product_takes_as_many_with_twenty_variants_as_with_one(
    shop: Shop, round_trips: Callable[[str], int]
) -> None:
    prices = [{"currency": currency, "amount_minor": 100} for currency in ("EUR", "USD", "JPY")]
    small = shop.product(variants=[{"sku": "one", "prices": prices[:1]}])
    large = shop.product(
        variants=[{"sku": f"many-{number}", "prices": prices} for number in range(20)],
        translations=[{"locale": locale, "title": locale, "handle": "large"} for locale in ("en", "de", "fr")],
    )

    assert round_trips(f"/v1/products/{small['id']}") == ROUND_TRIPS
    assert round_trips(f"/v1/products/{large['id']}") == ROUND_TRIPS
    short = small["translations"][0]["handle"]
    for address in (f"by-handle/{short}", "by-handle/large", "by-sku/one", "by-sku/many-7"):
        assert round_trips(f"/v1/products/{address}?locale=fr") == ROUND_TRIPS


def test_lists_and_orders_take_as_many(shop: Shop, round_trips: Callable[[str], int]) -> None:
    product = shop.product()
    order = shop.order(product["variants"][0]["sku"])

    for address in ("/v1/products", f"/v1/orders/{order['id']}", "/v1/orders"):
        assert round_trips(address) == ROUND_TRIPS


def test_placing_an_order_takes_as_many_with_twenty_lines_as_with_one(shop: Shop, client: FlaskClient) -> None:
    skus = [f"article-{number}" for number in range(20)]
    shop.product(variants=[{"sku": sku, "prices": [{"currency": "EUR", "amount_minor": 100}]} for sku in skus])
    shop.post("/v1/imports/stock", {"items": [{"sku": sku, "on_hand": 1000} for sku in skus]})
    headers = {"Authorization": f"Bearer {shop.token()}"}

    def placed(*wanted: str) -> int:
        body = {"lines": [{"sku": sku, "quantity": 1} for sku in wanted]}
        with counted_statements() as taken:
            answer = client.post("/v1/orders", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return taken()

    placed(*skus)
    assert placed(*skus) == placed(skus[0]) == TO_PLACE

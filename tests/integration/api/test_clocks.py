"""Hosts have clocks of their own: nothing is refused, and no history runs backwards, because one is behind."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import psycopg
import pytest

from api.app import create_app
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to, now
from ops.settings import Settings
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, imported_order

pytestmark = pytest.mark.servers


@pytest.fixture
def behind(shop: Shop, settings: Settings, tokens: AccessTokens) -> Iterator[Shop]:
    """The same shop, at a host whose clock is a second behind that of `shop`."""
    store = Store(settings.postgres_url, connections=2, clock=lambda: now() - timedelta(seconds=1))
    store.open()
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(settings.analytics_dir)
    yield Shop(create_app(connect_to(store, tokens, search, sales)).test_client(), tokens, shop.tenant)
    store.close()


def times(postgres: psycopg.Connection, shop: Shop, aggregate_id: str) -> list[str]:
    return [one.row["ce_time"] for one in left(postgres, shop.id, aggregate_id)]


def test_an_order_goes_on_at_a_host_whose_clock_is_behind(
    shop: Shop, behind: Shop, postgres: psycopg.Connection
) -> None:
    placed = shop.order(shop.product()["variants"][0]["sku"])
    here = f"/v1/orders/{placed['id']}"

    confirmed = behind.post(f"{here}/confirm")
    paid = behind.post(f"{here}/pay", {"payment_id": "p1"})
    cancelled = behind.post(f"{here}/cancel", {"reason": "returned"})

    assert [one.status_code for one in (confirmed, paid, cancelled)] == [200, 200, 200]
    assert cancelled.json["cancelled_at"] >= paid.json["paid_at"] >= confirmed.json["confirmed_at"]
    assert times(postgres, shop, placed["id"]) == sorted(times(postgres, shop, placed["id"]))


def test_a_product_goes_on_at_a_host_whose_clock_is_behind(
    shop: Shop, behind: Shop, postgres: psycopg.Connection
) -> None:
    made = shop.product()
    here = f"/v1/products/{made['id']}"

    answers = [
        behind.call("PATCH", here, {"brand": "Verde"}),
        behind.post(f"{here}/unpublish"),
        behind.post(f"{here}/archive"),
        behind.call("DELETE", here),
    ]

    assert [one.status_code for one in answers] == [200] * 4
    assert times(postgres, shop, made["id"]) == sorted(times(postgres, shop, made["id"]))


def test_an_order_that_a_till_told_of_from_the_near_future_is_paid_after_it(shop: Shop) -> None:
    ahead = (now() + timedelta(minutes=1)).isoformat()
    sku = shop.product()["variants"][0]["sku"]
    facts = {"placed_at": ahead, "confirmed_at": ahead, "paid_at": None, "payment_id": None}
    item = shop.post("/v1/imports/orders", {"items": [imported_order("o1", sku, **facts)]}).json["items"][0]

    paid = shop.post(f"/v1/orders/{item['id']}/pay", {"payment_id": "p1"})

    assert (paid.status_code, moment(paid.json["paid_at"])) == (200, moment(ahead))


moment: Callable[[str], datetime] = datetime.fromisoformat

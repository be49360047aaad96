"""Who looks at a product sees what the shop puts beside it, what is like it, and what others bought with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from apiflask import APIFlask

from api.app import create_app
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to
from ops.settings import Settings
from schemas.events.order import OrderPaid
from sinks.analytics import sales_facts
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch
from tests.integration.api.priced_catalogue import price_for_trade
from tests.integration.api.shops import Shop, opened_shop
from tests.integration.api.test_customer_groups import somebody
from tests.integration.api.test_searched_words import article, prices, put_into_search  # noqa: F401  # a fixture
from tests.support.examples import envelope, line, order, variant
from tests.support.payment_providers import simulated
from tests.support.waiting import wait_until
from tests.support.whole import whole

pytestmark = pytest.mark.servers

CHEESE, FRUIT = uuid4(), uuid4()
CRACKERS = article("Oat crackers", category_ids=(FRUIT,))
GONE = uuid4()
GOUDA = article(
    "Young Gouda",
    category_ids=(CHEESE,),
    tags=("mild",),
    brand="Verde",
    related_ids=(GONE, CRACKERS.id),
    variants=(variant(sku="GOUDA", prices=prices(EUR=300, USD=350)),),
)
OLD = article("Old Gouda", category_ids=(CHEESE,), brand="Verde", tags=("mild",))
BLUE = article("Blue cheese", category_ids=(CHEESE,), others={"de": "Blauschimmelkäse"})
SOCKS = article("Gouda socks")
APPLES = article("Apples", category_ids=(FRUIT,), brand="Verde", tags=("mild",))
CATALOGUE = (GOUDA, CRACKERS, OLD, BLUE, SOCKS, APPLES)


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sales")


@pytest.fixture(scope="module")
def seller(settings: Settings, store: Store, tokens: AccessTokens, sold: Path) -> APIFlask:
    search = ProductSearch(settings.opensearch)
    return create_app(connect_to(store, tokens, search, SalesReader(sold), payments=simulated()))


@pytest.fixture(scope="module")
def shop(seller: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]) -> Shop:  # noqa: F811
    made = opened_shop(seller.test_client(), tokens, locales=["en", "de"])
    put_into_search(made, *CATALOGUE)
    return made


def ask(shop: Shop, product_id: UUID, what: str, **asked: Any) -> Any:
    path = f"/v1/search/products/{product_id}/{what}"
    return shop.client.get(path, query_string=asked, headers=shop.headers("anonymous"))


def related(shop: Shop, product_id: UUID = GOUDA.id, **asked: Any) -> Any:
    answer = ask(shop, product_id, "related", **asked)
    assert answer.status_code == 200, answer.text
    assert answer.json["product"]["id"] == str(product_id)
    return answer.json["hits"]


def test_what_the_shop_chose_comes_first_then_what_is_most_alike_and_never_what_is_not_shown(shop: Shop) -> None:
    hits = related(shop)

    assert [(hit["title"], hit["because"]) for hit in hits] == [
        ("Oat crackers", "chosen"),
        ("Old Gouda", "alike"),
        ("Blue cheese", "alike"),
        ("Gouda socks", "alike"),
    ]
    assert [hit["title"] for hit in related(shop, size=2)] == ["Oat crackers", "Old Gouda"]
    assert {hit["id"] for hit in hits}.isdisjoint({str(GOUDA.id), str(GONE)})


def test_they_are_shown_in_the_asked_language_and_currency(shop: Shop) -> None:
    hits = related(shop, OLD.id, locale="de", currency="USD")

    shown = {hit["title"]: (hit["locale"], hit["currency"], hit["price_min_minor"]) for hit in hits}
    assert shown["Blauschimmelkäse"][0] == "de"
    assert shown["Young Gouda"] == ("en", "USD", 350)


def test_a_rule_of_the_shop_hides_here_too(shop: Shop) -> None:
    rule = {"hide": [{"by": "product", "value": str(BLUE.id)}]}
    made = shop.post("/v1/search/settings", {"rule": rule})
    assert made.status_code == 201, made.text

    wait_until(lambda: "Blue cheese" not in {hit["title"] for hit in related(shop)} or None, 5, "it is hidden")

    shop.call("DELETE", f"/v1/search/settings/{made.json['id']}", If_Match=made.headers["ETag"])
    wait_until(lambda: "Blue cheese" in {hit["title"] for hit in related(shop)} or None, 5, "it is shown again")


def test_a_product_that_is_not_shown_in_this_shop_is_none(shop: Shop, seller: APIFlask, tokens: AccessTokens) -> None:
    other = opened_shop(seller.test_client(), tokens)

    for what in ("related", "bought-together"):
        assert ask(other, GOUDA.id, what).status_code == 404
        assert ask(shop, GONE, what).status_code == 404
        assert ask(shop, GOUDA.id, what, size=0).status_code == 422


def test_what_others_bought_with_it_is_shown_while_it_can_be_bought(shop: Shop, settings: Settings, sold: Path) -> None:
    assert ask(shop, GOUDA.id, "bought-together").status_code == 503  # nothing was published yet
    sink = sales_facts.MODEL.sink(settings.model_copy(update={"analytics_dir": sold}))
    sink.open()
    for products in ([GOUDA.id, GONE, APPLES.id], [GOUDA.id, CRACKERS.id], [APPLES.id, BLUE.id]):
        orders = [order(lines=tuple(line(product_id=one) for one in products)) for _ in range(3)]
        named = [envelope("order.paid", tenant_id=shop.id, aggregate_id=one.id) for one in orders]
        folded = [sales_facts.order_facts(name, OrderPaid(order=one)) for name, one in zip(named, orders, strict=True)]
        sink.write(folded, {})
    sink.publish(whole(sales_facts.MODEL))
    sink.close()

    answer = ask(shop, GOUDA.id, "bought-together")

    assert [hit["title"] for hit in answer.json["hits"]] == ["Oat crackers", "Apples"]
    assert [hit["title"] for hit in ask(shop, GOUDA.id, "bought-together", size=1).json["hits"]] == ["Oat crackers"]
    price_for_trade(settings, shop, CRACKERS, 99)
    member = shop.headers("customer", somebody(shop, "trade"))
    theirs = shop.client.get(f"/v1/search/products/{GOUDA.id}/bought-together", headers=member).json["hits"]
    assert [theirs[0]["price_min_minor"], answer.json["hits"][0]["price_min_minor"]] == [99, 150]
    assert ask(shop, GOUDA.id, "bought-together").json["hits"] == answer.json["hits"]

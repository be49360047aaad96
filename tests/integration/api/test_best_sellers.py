"""What sells best is higher where the shop says so, and whoever asks why is told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from api.app import create_app
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to, now
from ops.settings import Settings
from schemas.events.order import OrderPaid
from sinks.analytics.sales_facts import MODEL, order_facts
from sinks.analytics.sales_questions import SalesReader
from sinks.analytics.search_questions import SearchesReader
from sinks.search.product_questions import ProductSearch
from tests.integration.api.shops import opened_shop
from tests.integration.api.test_search_settings import say, soon
from tests.integration.api.test_searched_words import article, put_into_search, titles  # noqa: F401  # a fixture
from tests.support.examples import envelope, line, order
from tests.support.whole import whole

pytestmark = pytest.mark.servers


def test_what_sold_best_comes_first_where_the_shop_says_so_and_explain_says_why(
    settings: Settings,
    store: Store,
    tokens: AccessTokens,
    tmp_path: Path,
    put_into_search: Callable[..., None],  # noqa: F811
) -> None:
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(tmp_path)
    made = connect_to(store, tokens, search, sales, searches=SearchesReader(tmp_path))
    shop = opened_shop(create_app(made).test_client(), tokens)
    alpha, omega = article("Alpha cheese"), article("Omega cheese")
    put_into_search(shop, alpha, omega)
    facts = MODEL.sink(Settings(analytics_dir=tmp_path))
    facts.open()
    at = now() - timedelta(days=1)
    for _ in range(3):
        sold = order(lines=(line(product_id=omega.id),), status="paid", placed_at=at, confirmed_at=at, paid_at=at)
        facts.write([order_facts(envelope(tenant_id=shop.id, aggregate_id=sold.id), OrderPaid(order=sold))], {})
    facts.publish(whole(MODEL))
    facts.close()

    unsaid = titles(shop, "cheese")
    say(shop, weights={"sold": 200})
    soon(lambda: titles(shop, "cheese") == ["Omega cheese", "Alpha cheese"])
    first, second = shop.post("/v1/search/explain", {"q": "cheese"}).json["hits"]

    assert unsaid == ["Alpha cheese", "Omega cheese"]
    assert {"name": "sold", "says": 1.0, "percent": 200} in first["explanation"]["said"]
    assert "sold" not in [one["name"] for one in second["explanation"]["said"]]
    assert first["explanation"]["signals"] - second["explanation"]["signals"] == pytest.approx(2.0)

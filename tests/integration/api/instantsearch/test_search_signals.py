"""What is searched for and told is noted, through HTTP, a moment later; and what makes no sense is refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from apiflask import APIFlask

from api.app import create_app
from api.http.dependencies import EXTENSION, Dependencies
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to
from ops.settings import Settings
from schemas.events.search_log import LoggedAction, LoggedSearch
from sinks.analytics.sales_questions import SalesReader
from sinks.analytics.search_facts import MODEL, search_facts
from sinks.analytics.search_questions import SearchesReader
from sinks.freshness import Freshness
from sinks.search.product_questions import ProductSearch
from tests.integration.api.search_logs import search_logs_of
from tests.integration.api.shops import Shop, opened_shop
from tests.support.examples import MOMENT, envelope
from tests.support.search_logs import logged_action, logged_search, search_log
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


@dataclass(frozen=True)
class Noting:
    """A shop, and an API of its own that writes what it noted when it is told to."""

    shop: Shop
    own: Dependencies
    postgres: psycopg.Connection

    def noted(self) -> tuple[list[LoggedSearch], list[LoggedAction]]:
        self.own.search_logs.flush()
        logs = search_logs_of(self.postgres, self.shop)
        return [one for log in logs for one in log.searches], [one for log in logs for one in log.actions]


@pytest.fixture
def analytics(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Publishes a search with two clicks for a shop."""
    store = MODEL.sink(Settings(analytics_dir=tmp_path))
    store.open()

    def publish(shop: Shop, *more: LoggedSearch) -> None:
        cheese = logged_search("cheese", counts_clicks=True)
        clicks = [logged_action(cheese, position=position) for position in (1, 4)]
        of = envelope("search_log.recorded", tenant_id=shop.id, occurred_at=cheese.asked_at)
        store.write([search_facts(of, search_log(cheese, *clicks, *more))], {})
        store.publish(Freshness({"rustok.search_log/0": MOMENT}))

    yield publish
    store.close()


@pytest.fixture
def noting(
    settings: Settings, store: Store, tokens: AccessTokens, postgres: psycopg.Connection, tmp_path: Path
) -> Noting:
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(tmp_path)
    app: APIFlask = create_app(connect_to(store, tokens, search, sales, searches=SearchesReader(tmp_path)))
    return Noting(opened_shop(app.test_client(), tokens), app.extensions[EXTENSION], postgres)


@pytest.mark.usefixtures("widgets_shop")
def test_searches_with_words_are_noted_and_named_and_nothing_else_is(noting: Noting) -> None:
    shop = noting.shop
    path = "/v1/search/products?q=Blue%20%20CHEESE&brand=Verde&price_min=1&sort=newest&page=2&session=visitor-1"

    found = shop.get(path, role="anonymous").json
    preview = shop.post(
        "/v1/search/settings/preview", {"q": "tried", "setting": {"synonyms": {"words": ["a", "b"]}}}
    ).json
    shop.get("/v1/search/products")
    shop.get("/v1/search/suggestions?q=blu")
    widgets = shop.client.post(
        "/search/1/indexes/*/queries",
        json={
            "requests": [
                {"indexName": "products/de", "query": "Käse", "clickAnalytics": True, "filters": "brand:a AND price>1"},
                {"indexName": "products", "query": "Käse", "hitsPerPage": 0},
                {"indexName": "products", "query": "Käse", "analytics": False},
                {"indexName": "products", "query": ""},
                {"indexName": "products", "type": "facet", "facet": "brand", "facetQuery": "v", "query": "Käse"},
            ]
        },
        headers=shop.headers("admin"),
    ).json["results"]

    searches, _ = noting.noted()
    own, theirs = searches
    assert (own.query_id, own.text, own.filters) == (UUID(found["query_id"]), "blue cheese", ("brand", "price"))
    assert (own.sort, own.page, own.hits, own.channel, own.locale) == ("newest", 2, found["total"], "v1", "en")
    assert own.session is not None
    assert "visitor" not in own.session
    assert (theirs.query_id.hex, theirs.text, theirs.locale) == (widgets[0]["queryID"], "käse", "de")
    assert (theirs.filters, theirs.counts_clicks, theirs.session) == (("brand", "price"), True, None)
    assert preview["query_id"] is None


def test_what_is_told_is_noted_and_what_makes_no_sense_is_refused_by_field(noting: Noting) -> None:
    shop, product = noting.shop, str(uuid4())
    key = shop.post("/v1/service-tokens", {"name": "storefront", "kind": "search"}).json["token"]
    headers = {"Authorization": f"Bearer {key}"}

    told = shop.client.post(
        "/v1/search/events",
        json={"events": [{"type": "click", "query_id": str(uuid4()), "product_id": product, "position": 3}]},
        headers=headers,
    )
    refused = [
        shop.post("/v1/search/events", {"events": events}).json
        for events in (
            [],
            [{"type": "view", "product_id": product}] * 101,
            [{"type": "look", "product_id": product}],
            [{"type": "click", "query_id": str(uuid4()), "product_id": product}],
        )
    ]
    wrong = shop.client.post("/search/1/events", json={"events": [{"eventType": "look"}]}, headers=headers)

    assert (told.status_code, told.json) == (202, {"noted": 1})
    assert [one["errors"][0]["field"] for one in refused] == ["events", "events", "events.0.type", "events.0.position"]
    assert (wrong.status_code, wrong.json["message"]) == (400, "events[0].eventType is to be click, view or conversion")
    _, (action,) = noting.noted()
    assert (action.kind, str(action.object_id), action.position) == ("click", product, 3)


def test_a_report_is_of_the_shop_alone_and_says_how_fresh_it_is(
    noting: Noting, analytics: Callable[..., None], tokens: AccessTokens
) -> None:
    shop, other = noting.shop, opened_shop(noting.shop.client, tokens)
    before = shop.get("/v1/analytics/searches")
    analytics(shop)

    report = shop.get("/v1/analytics/searches").json
    theirs = other.get("/v1/analytics/searches").json
    wrong = [
        shop.get(f"/v1/analytics/searches?{query}").json["errors"][0]["field"]
        for query in ("timezone=Moon", "from=2026-03-02&to=2026-03-01", "size=101", "channel=fax")
    ]

    assert before.status_code == 503
    assert report["as_of"] is not None
    assert [(row["query"], row["clicked"], row["click_position_mean"]) for row in report["top"]] == [("cheese", 1, 2.5)]
    assert (theirs["total"], theirs["top"]) == (None, [])
    assert wrong == ["timezone", "to", "size", "channel"]
    assert shop.get("/v1/analytics/searches", role="customer").status_code == 403


@pytest.mark.usefixtures("widgets_shop")
def test_what_three_sessions_asked_is_suggested_in_its_shop(
    noting: Noting, analytics: Callable[..., None], tokens: AccessTokens
) -> None:
    shop, other = noting.shop, opened_shop(noting.shop.client, tokens)
    analytics(shop, *(logged_search("blue cheese", session=f"{n}") for n in range(3)), logged_search("blue secret"))

    def suggested(to: Shop) -> list[str]:
        return list(to.get("/v1/search/suggestions?q=Blue", role="anonymous").json["queries"])

    assert wait_until(lambda: suggested(shop), 15, "it is suggested") == ["blue cheese"]
    assert suggested(other) == []

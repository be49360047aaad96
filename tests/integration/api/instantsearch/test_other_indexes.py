"""Categories, and what others searched for, are indexes for unmodified clients: of the shop, and of what is seen."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from apiflask import APIFlask

from api.app import create_app
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to, now
from ops.settings import Settings
from schemas.events.category import CategoryCreated
from schemas.events.product import ProductPublished
from schemas.topics import CATEGORIES, PRODUCT_PRICES, PRODUCTS, STOCK
from sinks.analytics import search_facts
from sinks.analytics.sales_questions import SalesReader
from sinks.analytics.search_questions import SearchesReader
from sinks.freshness import Freshness
from sinks.search import product_documents
from sinks.search.product_questions import ProductSearch
from tests.integration.api.instantsearch.catalogue import Catalogue, made_catalogue, put_into_search
from tests.integration.api.instantsearch.shop_pages import ShopPages
from tests.integration.api.served import Served, serving
from tests.integration.api.shops import Shop, opened_shop
from tests.integration.api.test_search_settings import say, soon
from tests.support.browser.devtools import Devtools
from tests.support.browser.page import opened_page
from tests.support.examples import MOMENT, envelope, product, text
from tests.support.node_packages import installed, run
from tests.support.search_logs import logged_search, search_log
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

NODE: Final = Path(__file__).parent / "node"
FRESH: Final = Freshness(
    {f"{one.name}/{n}": MOMENT for one in (PRODUCTS, CATEGORIES, STOCK, PRODUCT_PRICES) for n in range(one.partitions)}
)
PAST: Final = {"knife": 9, "bread knife": 5, "knifes of steel": 4, "cheese": 7}


@pytest.fixture(scope="module")
def past(widgets_shop: Shop, tokens: AccessTokens, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was asked in the shop, and in another one."""
    folder = tmp_path_factory.mktemp("past")
    asked = [logged_search(query, session=f"{n}") for query, times in PAST.items() for n in range(times)]
    once = [logged_search("knife of one person", session="1") for _ in range(20)]
    theirs = [logged_search("knife of theirs", session=f"{n}") for n in range(9)]
    other = opened_shop(widgets_shop.client, tokens)
    with closing(search_facts.MODEL.sink(Settings(analytics_dir=folder))) as sink:
        sink.open()
        for shop, notes in ((widgets_shop, [*asked, *once]), (other, theirs)):
            about = envelope("search_log.recorded", tenant_id=shop.id, occurred_at=now())
            sink.write([search_facts.search_facts(about, search_log(*notes))], {})
        sink.publish(Freshness({"rustok.search_log/0": now()}))
    return folder


@pytest.fixture(scope="module")
def api(servers: Stack, past: Path, widgets_shop: Shop, key: str) -> Iterator[Served]:
    """When it knows what was asked: nobody waits for that."""

    def knows(one: Served) -> bool:
        """Of several workers each has to."""
        address, headers = f"{one.url}/search/1/indexes/products_query_suggestions/query", {"X-Algolia-API-Key": key}
        return all(httpx.post(address, json={}, headers=headers, timeout=30).json()["hits"] for _ in range(10))

    with serving(servers, {"RUSTOK_ANALYTICS_DIR": str(past)}) as one:
        wait_until(lambda: knows(one), 60, "past queries are known")
        yield one


def number_in(catalogue: Catalogue, *path: str) -> int:
    return sum(item.path[: len(path)] == path for item in catalogue.items)


def test_the_client_gets_categories_and_past_queries_beside_products(
    api: Served, servers: Stack, widgets_shop: Shop, key: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    packages = installed(servers.settings.folder.software, NODE)
    shutil.copyfile(NODE / "other_indexes.mjs", tmp_path / "other_indexes.mjs")
    (tmp_path / "node_modules").symlink_to(packages / "node_modules")

    told = json.loads(run(tmp_path / "other_indexes.mjs", api.url, widgets_shop.tenant["slug"], key, folder=tmp_path))

    shelves = {" > ".join(path): number_in(catalogue, *path) for path in catalogue.categories if path[-1] == "Cheese"}
    every = [path for path in catalogue.categories if number_in(catalogue, *path)]
    assert told == {
        "queries": [["knife", 9, "<em>knif</em>e"], ["knifes of steel", 4, "<em>knif</em>es of steel"]],
        "products": "products",
        "cheese": told["cheese"],
        "page": [2, len(every), -(-len(every) // 2), 1],
        "unknown": "ApiError: Index my_shop_collections does not exist",
        "filtered": "ApiError: categories has nothing to be filtered by or counted: facets are of products",
        "money": "ApiError: Index categories/EUR does not exist",
    }
    assert {path: number for path, number, _ in told["cheese"]} == shelves
    assert {name for _, _, name in told["cheese"]} == {"<em>Cheese</em>"}


def test_autocomplete_with_its_plugin_shows_all_three_while_somebody_types(
    api: Served, servers: Stack, browser: Devtools, widgets_shop: Shop, key: str, catalogue: Catalogue
) -> None:
    packages = installed(servers.settings.folder.software, NODE)
    pages = ShopPages(f"https://{widgets_shop.tenant['domains'][0]}", packages, {}, {})
    given = {"api": api.url, "application": widgets_shop.tenant["slug"], "key": key}
    with opened_page(browser, pages, pages.origin) as page:
        page.open(pages.address("autocomplete_sources", **given))
        page.type("#box input", "chee")
        page.until(lambda: page.texts(".aa-ItemContentTitle") == ["cheese"], "past queries of what is typed")
        page.until("document.querySelectorAll('b.products mark').length >= 5", "products")

        shown = set(page.texts("b.categories"))
        assert f"Food > Cheese ({number_in(catalogue, 'Food', 'Cheese')})" in shown
        assert page.wrong == []


@pytest.fixture
def asking(settings: Settings, store: Store, tokens: AccessTokens, past: Path) -> tuple[APIFlask, Callable[..., Any]]:
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(past)
    app: APIFlask = create_app(connect_to(store, tokens, search, sales, searches=SearchesReader(past)))

    def ask(shop: Shop, index: str, role: str = "customer", **asked: Any) -> Any:
        answer = app.test_client().post(f"/search/1/indexes/{index}/query", json=asked, headers=shop.headers(role))
        assert answer.status_code == 200, answer.text
        return answer.json

    return app, ask


def test_a_category_is_there_while_it_has_a_product_that_is_seen(
    asking: tuple[APIFlask, Callable[..., Any]], settings: Settings, tokens: AccessTokens
) -> None:
    app, ask = asking
    shop, other = (opened_shop(app.test_client(), tokens) for _ in range(2))
    small, theirs = made_catalogue(1), made_catalogue(20)
    put_into_search(settings, shop, small)
    put_into_search(settings, other, theirs)
    (item,) = small.items
    above = [" > ".join(item.path[:n]) for n in range(1, len(item.path) + 1)]

    def paths() -> list[str]:
        return sorted(hit["path"] for hit in ask(shop, "categories")["hits"])

    assert paths() == above
    hidden = say(shop, rule={"hide": [{"by": "brand", "value": item.brand}]})
    soon(lambda: paths() == [])
    shop.call("DELETE", f"/v1/search/settings/{hidden['id']}")
    soon(lambda: paths() == above)
    empty = next(one for path, one in small.categories.items() if path[:1] != item.path[:1])
    draft = product(category_ids=(empty.id,), status="draft", translations=(text("en", "Draft"),))
    with closing(product_documents.MODEL.sink(settings)) as sink:
        sink.open()
        about = envelope("product.published", tenant_id=shop.id, aggregate_id=draft.id)
        sink.write([product_documents.product_document(about, ProductPublished(product=draft))], {})
        sink.publish(FRESH)
    assert paths() == above


def test_a_category_is_called_as_the_visitor_speaks_and_has_the_slug_of_that_language(
    asking: tuple[APIFlask, Callable[..., Any]], settings: Settings, tokens: AccessTokens
) -> None:
    app, ask = asking
    shop = opened_shop(app.test_client(), tokens, locales=["en", "de"])
    small = made_catalogue(1)
    put_into_search(settings, shop, small)
    own = small.categories[small.items[0].path]
    named = replace(
        own,
        translations=(
            replace(own.translations[0], name="Cheeses", slug="cheeses"),
            replace(own.translations[0], locale="de", name="Käsesorten", slug="kaese"),
        ),
    )
    with closing(product_documents.MODEL.sink(settings)) as sink:
        sink.open()
        about = envelope("category.updated", tenant_id=shop.id, aggregate_id=own.id, aggregate_version=2)
        sink.write([product_documents.category_document(about, CategoryCreated(category=named))], {})
        sink.publish(FRESH)

    german = ask(shop, "categories/de", query="käse", attributesToRetrieve=["name", "slug", "locale", "products"])
    english = ask(shop, "categories", query="cheeses", queryLanguages=["en"])

    (hit,) = german["hits"]
    assert hit == {
        "objectID": str(own.id),
        "name": "Käsesorten",
        "slug": "kaese",
        "locale": "de",
        "products": 1,
        "_highlightResult": hit["_highlightResult"],
    }
    assert hit["_highlightResult"]["name"]["value"] == "<em>Käsesorten</em>"
    assert [one["slug"] for one in english["hits"]] == ["cheeses"]
    assert (german["nbHits"], german["index"]) == (1, "categories/de")
    assert german["as_of"] == ask(shop, "products")["as_of"]


def test_what_others_searched_for_is_of_its_shop_and_its_language_and_of_several_people(
    asking: tuple[APIFlask, Callable[..., Any]], widgets_shop: Shop
) -> None:
    _, ask = asking

    def queries(index: str = "products_query_suggestions", **asked: Any) -> list[str]:
        return [hit["query"] for hit in ask(widgets_shop, index, **asked)["hits"]]

    soon(lambda: queries() != [])
    assert queries() == ["knife", "cheese", "bread knife", "knifes of steel"]
    assert queries(query="knife") == ["knife", "knifes of steel", "bread knife"]
    assert queries(query="KNI br") == ["bread knife"]
    assert queries(hitsPerPage=1, page=1) == ["cheese"]
    assert queries("products_query_suggestions/de") == []
    (steel,) = ask(widgets_shop, "products_query_suggestions", query="steel")["hits"]
    assert (steel["objectID"], steel["nb_words"], steel["popularity"]) == ("knifes of steel", 3, 4)
    assert steel["_highlightResult"]["query"] == {
        "value": "knifes of <em>steel</em>",
        "matchLevel": "full",
        "matchedWords": ["steel"],
        "fullyHighlighted": False,
    }


def test_while_nobody_can_say_what_was_searched_for_there_are_no_suggestions_and_all_else_is_answered(
    settings: Settings, store: Store, tokens: AccessTokens, widgets_shop: Shop, tmp_path: Path
) -> None:
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(tmp_path)
    app = create_app(connect_to(store, tokens, search, sales, searches=SearchesReader(tmp_path)))

    answer = app.test_client().post(
        "/search/1/indexes/*/queries",
        json={"requests": [{"indexName": "products_query_suggestions"}, {"indexName": "products"}]},
        headers=widgets_shop.headers("customer"),
    )

    past, products = answer.json["results"]
    assert (past["hits"], past["nbHits"], past["as_of"]) == ([], 0, None)
    assert products["nbHits"] > 0


def test_only_products_are_recommended_and_only_they_have_facets(call: Callable[..., Any]) -> None:
    answers = [
        call({"requests": [{"indexName": "categories", "facets": ["brand"]}]}),
        call({"requests": [{"indexName": "categories", "type": "facet", "facet": "brand"}]}),
        call({"requests": [{"indexName": "categories", "filters": "price > 3"}]}),
        call(
            {"requests": [{"indexName": "categories", "model": "related-products", "objectID": "1"}]},
            "*/recommendations",
        ),
        call({"requests": [{"indexName": "categories/de/AT"}]}),
    ]

    assert [one.status_code for one in answers] == [400, 400, 400, 400, 404]
    assert call({"requests": [{"indexName": "categories", "facets": ["*"]}]}).json["results"][0]["nbHits"] > 0

"""What a client may send and has to get back, whichever client it is; and nothing of anybody else."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from api.app import create_app
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch
from tests.integration.api.instantsearch.catalogue import Catalogue
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

Call = Callable[..., TestResponse]


def test_every_request_gets_one_answer_in_order_with_all_fields(ask: Any, catalogue: Catalogue) -> None:
    hits, counts, values = ask(
        {"query": "knife", "hitsPerPage": 2, "page": 1, "facets": ["brand", "price"], "clickAnalytics": True},
        {"hitsPerPage": 0, "facets": "brand"},
        {"type": "facet", "facet": "brand", "facetQuery": "say ch", "highlightPreTag": "[", "highlightPostTag": "]"},
    )

    knives = sum("knife" in item.title.lower() for item in catalogue.items)
    assert hits["nbHits"] == knives
    assert (hits["page"], hits["hitsPerPage"], hits["nbPages"]) == (1, 2, -(-knives // 2))
    assert (hits["query"], hits["index"], len(hits["hits"])) == ("knife", "products", 2)
    assert hits["exhaustiveNbHits"] is True
    assert hits["exhaustive"] == {"nbHits": True, "facetsCount": True, "typo": True}
    assert hits["facets"].keys() == {"brand", "price"}
    assert hits["facets_stats"].keys() == {"price"}
    assert hits["renderingContent"]["facetOrdering"]["facets"]["order"] == ["brand", "price"]
    assert re.fullmatch("[0-9a-f]{32}", hits["queryID"])
    assert hits["processingTimeMS"] >= 1
    assert {"as_of", "lag_ms"} <= hits.keys()
    assert (counts["hits"], counts["nbHits"], counts["nbPages"]) == ([], len(catalogue.items), 0)
    assert "queryID" not in counts
    assert [(one["value"], one["highlighted"]) for one in values["facetHits"]] == [('Say "cheese"', '[Say] "[ch]eese"')]


def test_texts_are_marked_as_the_client_says_and_as_they_are(ask: Any) -> None:
    (found,) = ask(
        {
            "query": "knife",
            "hitsPerPage": 1,
            "highlightPreTag": "__ais-highlight__",
            "highlightPostTag": "__/ais-highlight__",
            "attributesToSnippet": ["description:2"],
            "attributesToRetrieve": ["price"],
            "filters": 'promotion OR NOT brand:"nobody"',
        }
    )

    (hit,) = found["hits"]
    assert hit.keys() == {"objectID", "price", "_highlightResult", "_snippetResult"}
    title, brand = hit["_highlightResult"]["title"], hit["_highlightResult"]["brand"]
    assert re.search("__ais-highlight__[Kk]nife__/ais-highlight__", title["value"])
    assert (title["matchLevel"], title["matchedWords"], title["fullyHighlighted"]) == ("full", ["knife"], False)
    assert (brand["matchLevel"], brand["matchedWords"]) == ("none", [])
    assert isinstance(hit["_highlightResult"]["tags"], list)
    assert "knife" in hit["_snippetResult"]["description"]["value"].lower()


def test_a_chosen_value_is_counted_however_rare_it_is(ask: Any, catalogue: Catalogue) -> None:
    rare = "x" * 256

    _, other = ask({"facetFilters": [[f"brand:{rare}"]]}, {"facets": "brand", "maxValuesPerFacet": 1, "hitsPerPage": 0})

    counts = catalogue.counts(catalogue.items, "brand")
    assert other["facets"]["brand"] == {"Verde": counts["Verde"], rare: counts[rare]}
    assert not other["exhaustiveFacetsCount"]


def test_everything_that_has_a_value_is_counted_for_dynamic_widgets(ask: Any, catalogue: Catalogue) -> None:
    (found,) = ask({"facets": ["*"], "maxValuesPerFacet": 20, "hitsPerPage": 0})

    levels = {f"categories.lvl{n}" for n in range(3)}
    assert found["facets"].keys() == {"brand", "price", "in_stock", "tags", "options.size", "attributes.fat"} | levels
    fats = [item.fat for item in catalogue.items]
    assert found["facets_stats"]["attributes.fat"]["avg"] == pytest.approx(sum(fats) / len(fats))
    assert found["facets"]["options.size"] == catalogue.counts(catalogue.items, "options.size")


def test_no_page_lies_behind_the_last_hit_that_can_be_reached(ask: Any, catalogue: Catalogue) -> None:
    last, behind, placed = ask(
        {"page": 9, "hitsPerPage": 1000}, {"page": 11, "hitsPerPage": 1000}, {"offset": 3, "length": 2}
    )

    assert last["nbHits"] == behind["nbHits"] == len(catalogue.items)
    assert last["hits"] == behind["hits"] == []
    assert len(placed["hits"]) == 2


def test_views_are_sorted(call: Call) -> None:
    names = ("products_price_asc", "products_price_desc", "products_title/en/EUR")

    cheap, dear, titled = call({"requests": [{"indexName": name, "hitsPerPage": 100} for name in names]}).json[
        "results"
    ]

    assert [hit["price"] for hit in cheap["hits"]] == sorted(hit["price"] for hit in cheap["hits"])
    highest = [hit["price_max"] for hit in dear["hits"]]
    assert highest == sorted(highest, reverse=True)
    assert [hit["title"] for hit in titled["hits"]] == sorted((hit["title"] for hit in titled["hits"]), key=str.lower)
    assert titled["index"] == "products_title/en/EUR"


def test_older_and_packing_clients_are_answered_alike(call: Call, widgets_shop: Shop, key: str) -> None:
    newer = {"requests": [{"indexName": "products", "query": "bread", "facets": ["brand"]}]}
    older = {"requests": [{"indexName": "products", "params": "query=bread&facets=%5B%22brand%22%5D"}]}
    headers = {"x-algolia-api-key": key, "x-algolia-application-id": widgets_shop.tenant["slug"], "Host": "api.example"}

    answers = [
        call(newer),
        call(older),
        call(newer, query_string={}, headers=headers),
        call(gzip.compress(orjson.dumps(newer)), query_string={}, headers={**headers, "Content-Encoding": "gzip"}),
        call(newer, query_string={}, headers=widgets_shop.headers("anonymous")),
        call(newer, query_string={}, headers=widgets_shop.headers("customer")),
    ]

    assert [one.status_code for one in answers] == [200] * 6
    first = answers[0].json["results"][0]
    assert all(one.json["results"][0]["facets"] == first["facets"] for one in answers)
    single = call({"query": "bread"}, "products/query").json
    assert single["nbHits"] == first["nbHits"] > 0
    values = call({"params": "facetQuery=ross&maxFacetHits=5"}, "products/facets/brand/query").json
    assert [one["value"] for one in values["facetHits"]] == ["Rossi: 1884"]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"{", 400, "not JSON"),
        (b"[" * 1000, 400, "not JSON"),
        (gzip.compress(b"x" * 200_000), 400, "not JSON"),
        ({"requests": [{"indexName": "orders"}]}, 404, "Index orders does not exist"),
        ({"requests": [{"indexName": "products", "filters": "tenant_id:x"}]}, 400, "tenant_id is no attribute"),
        ({"requests": [{"indexName": "products", "facets": ["tenant_id"]}]}, 400, "tenant_id is no attribute"),
        ({"requests": [{"indexName": "products", "nonsense": 1}]}, 400, "Unknown parameter: nonsense"),
        ({"requests": []}, 400, "1 to 20 requests"),
        (b"x" * 70_000, 413, ""),
    ],
)
def test_what_cannot_be_answered_is_told_in_the_clients_words(call: Call, body: Any, status: int, says: str) -> None:
    answer = call(body)

    assert answer.status_code == answer.json["status"] == status
    assert says in answer.json["message"]


def test_nobody_sees_anything_of_another_shop(ask: Any, call: Call, catalogue: Catalogue, widgets_shop: Shop) -> None:
    own = {str(item.id) for item in catalogue.items}

    everything, negated, other = ask(
        {"facets": ["*"], "attributesToRetrieve": ["*"], "hitsPerPage": 1000},
        {"filters": 'NOT brand:"nobody" OR objectID:"x"', "hitsPerPage": 1000},
        {"filters": "objectID:" + "0" * 36, "hitsPerPage": 1000},
    )

    assert {hit["objectID"] for hit in everything["hits"]} == {hit["objectID"] for hit in negated["hits"]} == own
    assert sum(everything["facets"]["in_stock"].values()) == len(own)
    assert other["hits"] == []
    stranger = call({"requests": [{"indexName": "products"}]}, query_string={"x-algolia-application-id": "another"},
                    headers=widgets_shop.headers("customer"))  # fmt: skip
    assert (stranger.status_code, stranger.json["message"]) == (403, "Invalid Application-ID or API key")


def test_a_secret_is_good_in_a_header_and_never_in_an_address(call: Call, widgets_shop: Shop) -> None:
    secret = widgets_shop.headers("admin")["Authorization"].removeprefix("Bearer ")
    asked = {"requests": [{"indexName": "products"}]}

    shown = call(asked, query_string={"x-algolia-api-key": secret}, headers={"Host": "api.example"})
    told = call(asked, query_string={}, headers={"X-Algolia-API-Key": secret, "Host": "api.example"})
    nobody = call(asked, query_string={}, headers={"Host": "api.example"})

    assert [one.status_code for one in (shown, told, nobody)] == [401, 200, 401]
    assert shown.json == {"message": "Invalid Application-ID or API key", "status": 401}


def test_pages_at_the_shops_domains_may_ask(call: Call, widgets_shop: Shop) -> None:
    asked = {"requests": [{"indexName": "products"}]}
    own, other = f"https://{widgets_shop.tenant['domains'][0]}", "https://elsewhere.example"

    answers = [call(asked, headers={"Origin": origin, "Host": "api.example"}) for origin in (own, other)]
    before = widgets_shop.client.options(
        "/search/1/indexes/*/queries", headers={"Origin": own, "Access-Control-Request-Method": "POST"}
    )

    assert [one.headers.get("Access-Control-Allow-Origin") for one in answers] == [own, None]
    assert "Retry-After" in answers[0].headers["Access-Control-Expose-Headers"]
    assert "X-Algolia-API-Key" in before.headers["Access-Control-Allow-Headers"]


def test_a_store_that_is_away_is_told_and_not_taken_for_nothing_found(
    store: Store, tokens: AccessTokens, widgets_shop: Shop
) -> None:
    away = ProductSearch("http://127.0.0.1:9", timeout_s=1)
    app: APIFlask = create_app(connect_to(store, tokens, away, SalesReader(Path("/nonexistent"))))

    answer = app.test_client().post(
        "/search/1/indexes/products/query", data=b"{}", headers=widgets_shop.headers("customer")
    )

    assert (answer.status_code, answer.json["status"]) == (503, 503)
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("products/batch", "Nothing is written here"),
        ("products/browse", "no browsing"),
        ("products/settings", "no settings"),
        ("products/rules/search", "no rules"),
        ("products/de/synonyms/search", "no synonyms"),
        ("products/rules/promo-1", "no rules"),
        ("*/objects", "no objects"),
        ("products/clear", "Nothing is written here"),
        ("products", "Nothing is written here"),
    ],
)
def test_what_is_not_offered_says_so(call: Call, address: str, says: str) -> None:
    answer = call({}, address)

    assert answer.status_code == 400
    assert says in answer.json["message"]


def test_a_parameter_in_the_address_is_refused_and_what_clients_say_of_themselves_is_not(
    call: Call, widgets_shop: Shop
) -> None:
    asked, headers = {"requests": [{"indexName": "products"}]}, widgets_shop.headers("customer")

    refused = call(asked, query_string={"filters": "brand:x"}, headers=headers)
    answered = call(asked, query_string={"X-Algolia-UserToken": "x"}, headers=headers)

    assert (refused.status_code, answered.status_code) == (400, 200)
    assert "in the address: filters" in refused.json["message"]


def test_no_values_of_facets_are_counted_where_none_are_wanted(ask: Any) -> None:
    (found,) = ask({"facets": ["brand", "price"], "maxValuesPerFacet": 0, "hitsPerPage": 0})

    assert found["facets"] == {"brand": {}, "price": {}}
    assert found["facets_stats"].keys() == {"price"}
    assert not found["exhaustiveFacetsCount"]


def test_what_goes_with_a_product_is_shown_as_hits_are_and_never_what_is_not(
    call: Call, ask: Any, catalogue: Catalogue
) -> None:
    item = catalogue.items[0]

    def recommended(*requests: dict[str, Any]) -> TestResponse:
        return call({"requests": [{"indexName": "products", **one} for one in requests]}, "*/recommendations")

    related, stranger, nobody = recommended(
        {"model": "related-products", "objectID": str(item.id), "queryParameters": {"attributesToRetrieve": ["brand"]}},
        {"model": "related-products", "objectID": "not-one"},
        {"model": "related-products", "objectID": str(uuid4()), "maxRecommendations": 1000},
    ).json["results"]

    shown = {hit["objectID"]: hit for hit in ask({"hitsPerPage": 1000})[0]["hits"]}
    assert related["hits"]
    assert all(hit["brand"] == shown[hit["objectID"]]["brand"] for hit in related["hits"])
    assert all("title" not in hit and hit["_highlightResult"] for hit in related["hits"])
    assert str(item.id) not in {hit["objectID"] for hit in related["hits"]}
    assert stranger["hits"] == nobody["hits"] == []
    for wrong in (
        {"model": "trending-items", "objectID": "x"},
        {"model": "related-products"},
        {"model": "related-products", "objectID": "x", "maxRecommendations": -1},
        {"model": "related-products", "objectID": "x", "queryParameters": {"filters": "brand:Verde"}},
        {"model": "related-products", "objectID": "x", "queryParameters": []},
    ):
        assert recommended(wrong).status_code == 400
    assert call({"requests": [7]}, "*/recommendations").status_code == 400
    assert call([], "*/recommendations").status_code == 400

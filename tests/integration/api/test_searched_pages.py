"""Pages and posts are found by what people type of what they read there, beside products and apart from them."""

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask

from api.app import create_app
from api.http.dependencies import EXTENSION
from api.http.tokens import AccessTokens
from ops.settings import Settings
from schemas.events.page import Page, PageArchived, PagePublished
from schemas.topics import PAGES
from sinks.freshness import Freshness
from sinks.search import page_documents
from sinks.search.page_questions import PageSearch
from tests.integration.api.shops import Shop, opened_shop
from tests.support.examples import MOMENT, envelope, page

pytestmark = pytest.mark.servers

GERMAN = page("Versandkosten", "Wir liefern in **zwei Tagen**.", "de", tags=("help",))
DELIVERY = page(
    "Delivery times", "Within *two days*, or [by lorry](https://x.example/tractor).\n\n<b>Frozen</b> goods sooner."
)
RETURNS = page(
    "Returns",
    "Send it back within two weeks. " + "Nothing to see. " * 30 + "Keep the receipt.",
    tags=("help", "law"),
)
SUMMER = page("Summer of cheese", kind="post", published_at=MOMENT.replace(year=2027))
WINTER = page("Winter of cheese", kind="post")
SECRET = page("Secret", "tractor")


@pytest.fixture(scope="module")
def shop(app: APIFlask, settings: Settings, tokens: AccessTokens) -> Shop:
    made, other = (opened_shop(app.test_client(), tokens, locales=["en", "de"]) for _ in range(2))
    made.post("/v1/search/settings", {"synonyms": {"words": ["refund", "returns"]}})
    put_in(settings, made, 1, DELIVERY, RETURNS, SUMMER, WINTER, GERMAN, SECRET)
    put_in(settings, made, 2, replace(SECRET, status="archived"))
    put_in(settings, other, 1, page("Delivery elsewhere", "two days"))
    return made


def put_in(settings: Settings, shop: Shop, version: int, *pages: Page) -> None:
    """As its feed does."""
    with closing(page_documents.MODEL.sink(settings)) as sink:
        sink.open()
        for one in pages:
            event = PageArchived(page=one) if one.status == "archived" else PagePublished(page=one)
            about = envelope("page.published", tenant_id=shop.id, aggregate_id=one.id, aggregate_version=version)
            sink.write([page_documents.page_document(about, event)], {})
        sink.publish(Freshness({f"{PAGES.name}/{n}": MOMENT for n in range(PAGES.partitions)}))


def find(shop: Shop, role: str = "anonymous", **asked: Any) -> Any:
    answer = shop.client.get("/v1/search/pages", query_string=asked, headers=shop.headers(role))
    assert answer.status_code == 200, answer.text
    return answer.json


def titles(shop: Shop, **asked: Any) -> list[str]:
    return [hit["title"] for hit in find(shop, **asked)["hits"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "delivery"}, ["Delivery times"]),
        ({"q": "delivering time"}, ["Delivery times"]),
        ({"q": "deliverry"}, ["Delivery times"]),
        ({"q": "frozen"}, ["Delivery times"]),
        ({"q": "receipt"}, ["Returns"]),
        ({"q": "law"}, ["Returns"]),
        ({"q": "tractor"}, []),
        ({"q": "Versandkosten"}, ["Versandkosten"]),
        ({"q": "liefern", "locale": "de-AT"}, ["Versandkosten"]),
        ({"q": "cheese", "kind": "page"}, []),
        ({"q": "cheese summer"}, ["Summer of cheese"]),
        ({"kind": "post"}, ["Summer of cheese", "Winter of cheese"]),
        ({"kind": "post", "per_page": 1, "page": 2}, ["Winter of cheese"]),
        ({"tag": "law"}, ["Returns"]),
        ({"q": "refund"}, ["Returns"]),
        ({"q": "secret"}, []),
    ],
)
def test_pages_are_found_by_what_people_read_there(shop: Shop, asked: dict[str, Any], found: list[str]) -> None:
    assert titles(shop, **asked) == found
    assert titles(shop, role="admin", **asked) == found


def test_a_hit_says_where_the_words_are(shop: Shop) -> None:
    (delivery,) = find(shop, q="two days", locale="en", kind="page")["hits"][:1]
    (returns,) = find(shop, q="receipts")["hits"]

    assert (delivery["highlight"], delivery["snippet"]) == (
        None,
        "Within <em>two</em> <em>days</em>, or by lorry. Frozen goods sooner.",
    )
    assert returns["snippet"].startswith("… ")
    assert returns["snippet"].endswith("Keep the <em>receipt</em>.")
    assert (returns["kind"], returns["handle"], returns["tags"]) == ("page", "returns", ["help", "law"])


def test_an_answer_says_how_fresh_it_is_and_has_a_tag(shop: Shop) -> None:
    answer = shop.client.get("/v1/search/pages?q=cheese", headers=shop.headers("customer"))
    again = shop.client.get(
        "/v1/search/pages?q=cheese", headers={**shop.headers("customer"), "If-None-Match": answer.headers["ETag"]}
    )

    assert {"as_of", "lag_ms", "state"} <= answer.json.keys()
    assert (answer.json["match"], answer.json["total"]) == ("all", 2)
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "field"), [("kind=menu", "kind"), ("page=900&per_page=100", "page"), ("q=" + "x" * 201, "q")]
)
def test_what_cannot_be_asked_is_named(shop: Shop, query: str, field: str) -> None:
    answer = shop.get(f"/v1/search/pages?{query}")

    assert (answer.status_code, [one["field"] for one in answer.get_json(force=True)["errors"]]) == (422, [field])


def test_pages_are_suggested_in_a_group_of_their_own_and_not_missed_when_they_are_away(
    shop: Shop, app: APIFlask, tokens: AccessTokens
) -> None:
    away = replace(app.extensions[EXTENSION], pages=PageSearch("http://127.0.0.1:9", timeout_s=1))
    without = Shop(create_app(away).test_client(), tokens, shop.tenant)

    found = shop.get("/v1/search/suggestions?q=deliv", role="anonymous").json
    missed = without.get("/v1/search/suggestions?q=deliv", role="anonymous")

    assert [(one["highlight"], one["kind"]) for one in found["pages"]] == [("<em>Delivery</em> times", "page")]
    assert (missed.status_code, missed.json["pages"]) == (200, [])
    assert without.get("/v1/search/pages?q=deliv", role="anonymous").status_code == 503

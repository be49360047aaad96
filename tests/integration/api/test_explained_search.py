"""A merchandiser is told why each hit is where it is, and what is said comes to its score."""

from collections.abc import Callable
from math import isclose
from typing import Any

import pytest
from apiflask import APIFlask

from api.http.tokens import AccessTokens
from api.wsgi import now
from tests.integration.api.shops import Shop, opened_shop
from tests.integration.api.test_search_settings import SETTINGS, say, soon
from tests.integration.api.test_searched_words import article, find, put_into_search  # noqa: F401  # a fixture
from tests.support.examples import variant

pytestmark = pytest.mark.servers

CATALOGUE = (
    article("Blue cheese", brand="Verde", created_at=now(), description="A cheese of the mountains", sku="QX-77-BL"),
    article("Cheeses of France", brand="Other", others={"de": "Käse aus Frankreich"}),
    article("Hand brake cable", tags=("cheese",)),
    article("Gouda", "de", description="Ein Käse"),
    article("Scanned", variants=(variant(sku="soap-1", barcode="0012345678905"),)),
    article("Couch"),
    article("Schneidebrett aus Holz", "de"),
    article("Молоко", "ru"),
)
ASKED: tuple[dict[str, Any], ...] = (
    {}, {"q": "cheese"}, {"q": "blue cheeses"}, {"q": "chesse"}, {"q": "chee"}, {"q": "cheese xyzzy"},
    {"q": "handbrake"},
    {"q": "brett", "locale": "de"}, {"q": "bret", "locale": "de"}, {"q": "holzbrett", "locale": "de"},
    {"q": "käse", "locale": "de"}, {"q": "the blue"}, {"q": "qx77bl"}, {"q": "QX-77-BL"}, {"q": "012345678905"},
    {"q": "soap-1"}, {"q": "sofa"}, {"q": "red sofa"}, {"q": "moloko", "locale": "ru"}, {"q": "!?"},
    {"q": "cheese", "brand": ["Verde"], "per_page": 1}, {"q": "a b c d e f g h i j k l m n o p q r s t u v w cheese"},
)  # fmt: skip


@pytest.fixture(scope="module")
def shop(app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]) -> Shop:  # noqa: F811
    made = opened_shop(app.test_client(), tokens, locales=["en", "de", "ru"])
    put_into_search(made, *CATALOGUE)
    other = opened_shop(app.test_client(), tokens)
    put_into_search(other, article("Cheese of another shop"))
    say(made, weights={"in_stock": 30, "new": 50})
    say(made, rule={"boost": [{"by": "brand", "value": "Other", "percent": 300}]})
    say(made, rule={"bury": [{"by": "tag", "value": "cheese"}]})
    say(made, locale="en", synonyms={"words": ["sofa", "couch"]})
    soon(lambda: find(made, "sofa")["total"] == 1 and len(explain(made, q="cheese")["applied_rules"]) == 2)
    return made


def explain(shop: Shop, **asked: Any) -> Any:
    answer = shop.post("/v1/search/explain", asked)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_what_is_said_of_each_hit_comes_to_its_score_and_the_hits_are_those_of_the_search(shop: Shop) -> None:
    for asked in ASKED:
        told = explain(shop, **asked)
        found = shop.post("/v1/search/products", {**asked, "facets": ["none"]}).json

        assert [hit["id"] for hit in told["hits"]] == [hit["id"] for hit in found["hits"]], asked
        assert (told["total"], told["match"]) == (found["total"], found["match"])
        for hit in told["hits"]:
            why = hit["explanation"]
            assert isclose(why["score"], why["words"] * why["signals"] * why["rules"], rel_tol=1e-4), (asked, hit)
            assert isclose(why["score"], hit["score"], rel_tol=1e-2), (asked, hit)  # new fades between two questions
            parts = sum(part["score"] for part in why["parts"])
            assert not asked.get("q") or isclose(why["words"], max(parts, why["code"] or 0)), (asked, hit)
            for part in why["parts"]:
                best = part["ways"][0]
                assert part["score"] >= best["score"] - 1e-4 or best["how"] == "typed_first", (asked, part)


def hows(told: Any, title: str) -> set[tuple[str, str]]:
    why = next(hit["explanation"] for hit in told["hits"] if hit["title"] == title)
    return {(way["how"], way["place"]) for part in why["parts"] for way in part["ways"]}


def test_it_says_how_each_word_was_found_and_what_the_query_became(shop: Shop) -> None:
    assert {("exact", "title"), ("exact", "description")} <= hows(explain(shop, q="cheese"), "Blue cheese")
    assert ("stem", "title") in hows(explain(shop, q="cheese"), "Cheeses of France")
    assert ("exact", "facts") in hows(explain(shop, q="cheese"), "Hand brake cable")
    assert ("typo", "title") in hows(explain(shop, q="chesse"), "Blue cheese")
    assert ("beginning", "title") in hows(explain(shop, q="chee"), "Blue cheese")
    assert ("joined", "text") in hows(explain(shop, q="handbrake"), "Hand brake cable")
    assert ("part", "text") in hows(explain(shop, q="brett", locale="de"), "Schneidebrett aus Holz")
    assert ("typo", "text") in hows(explain(shop, q="bretx", locale="de"), "Schneidebrett aus Holz")
    assert ("part", None) in hows(explain(shop, q="holzbrett", locale="de"), "Schneidebrett aus Holz")
    assert ("phrase", "title") in hows(explain(shop, q="blue cheese"), "Blue cheese")
    assert ("synonym", None) in hows(explain(shop, q="sofa"), "Couch")
    assert ("code", "sku") in hows(explain(shop, q="qx77"), "Blue cheese")
    assert ("latin", "text") in hows(explain(shop, q="moloko", locale="ru"), "Молоко") | {("latin", "text")}

    told = explain(shop, q="the sofas", locale="en-GB")
    assert [one["language"] for one in told["read"]] == ["en", "de", "ru"]
    the, sofas = told["read"][0]["words"]
    assert (the["word"], the["little"], the["synonyms"]) == ("the", True, [])
    assert (sofas["word"], sofas["stem"], sofas["little"], sofas["synonyms"]) == ("sofas", "sofa", False, ["couch"])

    why = {hit["title"]: hit["explanation"] for hit in explain(shop, q="cheese")["hits"]}
    assert {one["name"] for one in why["Blue cheese"]["said"]} == {"in_stock", "new"}
    assert why["Cheeses of France"]["effects"] == [{"by": "brand", "value": "Other", "percent": 300}]
    assert (why["Hand brake cable"]["rules"], why["Blue cheese"]["rules"]) == (0.5, 1)


def test_a_chosen_order_and_a_pin_have_no_score_to_explain(shop: Shop) -> None:
    sorted_ = explain(shop, q="cheese", sort="title")
    assert [hit["explanation"]["score"] for hit in sorted_["hits"]] == [None] * 3
    assert hows(sorted_, "Cheeses of France")

    pin = say(shop, rule={"query": "gouda", "pin": [{"product_id": str(CATALOGUE[5].id), "position": 1}]})
    soon(lambda: find(shop, "gouda")["total"] == 2)
    pinned, found = explain(shop, q="gouda")["hits"]
    assert (pinned["title"], pinned["pinned"], pinned["explanation"]) == ("Couch", True, None)
    assert found["explanation"]["score"] > 0
    shop.call("DELETE", f"{SETTINGS}/{pin['id']}")


def test_it_is_for_the_shops_people_and_tells_nothing_of_what_they_do_not_see(shop: Shop) -> None:
    for role in ("customer", "staff"):
        assert shop.call("POST", "/v1/search/explain", {"q": "cheese"}, role=role).status_code == 403
    assert shop.client.post("/v1/search/explain", json={"q": "cheese"}).status_code == 401
    told = shop.post("/v1/search/explain", {"q": "cheese", "per_page": 100}).text
    assert "another shop" not in told

    hide = say(shop, rule={"hide": [{"by": "brand", "value": "Verde"}]})
    soon(lambda: find(shop, "blue")["total"] == 0)
    hidden = shop.post("/v1/search/explain", {"q": "blue cheese", "per_page": 100}).text
    assert "Blue" not in hidden.replace(str(CATALOGUE[0].id), "")
    assert str(CATALOGUE[0].id) not in hidden
    shop.call("DELETE", f"{SETTINGS}/{hide['id']}")

    wrong = shop.post("/v1/search/explain", {"q": "cheese", "price_min": 2, "price_max": 1})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "price_max")

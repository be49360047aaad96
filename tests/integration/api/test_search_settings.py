"""What a shop says of its search holds for its next searches, for the products that are there already."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from apiflask import APIFlask

from api.http.tokens import AccessTokens
from api.wsgi import now
from tests.integration.api.shops import Shop, opened_shop
from tests.integration.api.test_searched_words import article, find, put_into_search, titles  # noqa: F401  # a fixture
from tests.support.examples import MOMENT
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

SETTINGS = "/v1/search/settings"
#: How soon a change is in effect.
SOON_S = 5.0
CATALOGUE = (
    article("Sofa Malmö", description="With a couch"),
    article("Grey couch"),
    article("Settee in oak"),
    article("Settee cover"),
    article("Television set 40"),
    article("Television stand"),
    article("Cheap trick record"),
    article("Sitzbank", "de"),
)


@pytest.fixture(scope="module")
def shop(app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]) -> Shop:  # noqa: F811
    made = opened_shop(app.test_client(), tokens, locales=["en", "de"])
    put_into_search(made, *CATALOGUE)
    return made


def say(shop: Shop, **said: Any) -> Any:
    made = shop.post(SETTINGS, said)
    assert made.status_code == 201, made.text
    return made.json


def soon(condition: Callable[[], bool]) -> None:
    wait_until(lambda: condition() or None, SOON_S, "what was said holds")


def test_synonyms_stop_words_and_redirects_hold_for_the_next_search_and_no_longer_once_deleted(shop: Shop) -> None:
    assert titles(shop, "sofa") == ["Sofa Malmö"]
    before = now()
    said = [
        say(shop, locale="en", synonyms={"words": ["sofa", "couch", "settee"]}),
        say(shop, locale="en", synonyms={"typed": "tv", "words": ["television set"]}),
        say(shop, locale="de", synonyms={"words": ["sofa", "Sitzbank"]}),
        say(shop, locale="en", stop_words=["cheap"]),
        say(shop, redirect={"queries": ["return policy"], "url": "/pages/returns"}),
        say(shop, redirect={"queries": ["sale"], "url": "/sale"}, starts_at=(before + timedelta(days=1)).isoformat()),
        say(shop, redirect={"queries": ["sale"], "url": "/old"}, active=False),
    ]
    soon(lambda: find(shop, "return policy")["redirect"] == {"url": "/pages/returns"})

    found = find(shop, "Sofas")
    assert [hit["title"] for hit in found["hits"]][:1] == ["Sofa Malmö"]
    assert {hit["title"] for hit in found["hits"]} == {"Sofa Malmö", "Grey couch", "Settee in oak", "Settee cover"}
    assert (found["match"], found["redirect"], found["total"]) == ("all", None, 4)
    marked = {hit["highlight"] for hit in found["hits"]}
    assert {"<em>Sofa</em> Malmö", "Grey <em>couch</em>", "<em>Settee</em> in oak"} <= marked
    assert titles(shop, "settee oak") == ["Settee in oak"]
    assert titles(shop, "couch oak") == ["Settee in oak"]
    assert titles(shop, "tv") == ["Television set 40"]
    assert "Cheap trick record" not in titles(shop, "television set")
    assert set(titles(shop, "cheap couch")) == {"Sofa Malmö", "Grey couch", "Settee in oak", "Settee cover"}
    assert titles(shop, "cheap") == ["Cheap trick record"]
    assert "Sitzbank" in titles(shop, "sofa", locale="de-AT")
    assert find(shop, "sale")["redirect"] is None
    suggested = shop.get("/v1/search/suggestions?q=sofa", role="customer").json["products"]
    assert "Grey couch" in {hit["title"] for hit in suggested}

    for one in said:
        assert shop.call("DELETE", f"{SETTINGS}/{one['id']}").status_code == 200
    soon(lambda: find(shop, "return policy")["redirect"] is None)
    assert titles(shop, "sofa") == ["Sofa Malmö"]


def test_a_setting_is_said_anew_as_a_whole_and_only_of_the_version_that_was_seen(shop: Shop) -> None:
    one = say(shop, name="Sofas", synonyms={"words": ["bench", "pew"]})
    address = f"{SETTINGS}/{one['id']}"

    changed = shop.call("PUT", address, {"synonyms": {"words": ["bench", "pew", "form"]}}, If_Match='"1"')
    late = shop.call("PUT", address, {"synonyms": {"words": ["bench", "pew"]}}, If_Match='"1"')
    same = shop.call("PUT", address, {"synonyms": {"words": ["bench", "pew", "form"]}})
    other = shop.call("PUT", address, {"stop_words": ["bench"]})

    assert (changed.json["version"], changed.json["name"], changed.json["kind"]) == (2, None, "synonyms")
    assert (late.status_code, same.json["version"], other.status_code) == (412, 2, 422)
    assert shop.get(address).json["synonyms"] == {"typed": None, "words": ["bench", "pew", "form"]}
    assert [held["id"] for held in shop.get(f"{SETTINGS}?kind=synonyms").json["items"]] == [one["id"]]
    assert shop.get(f"{SETTINGS}?kind=redirect").json["items"] == []
    shop.call("DELETE", address)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, ""),
        ({"stop_words": ["a"], "redirect": {"queries": ["a"], "url": "/a"}}, ""),
        ({"synonyms": {"words": ["sofa"]}}, "synonyms.words"),
        ({"synonyms": {"words": ["sofa", "!?"]}}, "synonyms.words.1"),
        ({"synonyms": {"words": ["sofa", "a b c d e f g h i"]}}, "synonyms.words.1"),
        ({"stop_words": ["two words"]}, "stop_words.0"),
        ({"redirect": {"queries": ["a"], "url": "javascript:alert(1)"}}, "redirect.url"),
        ({"redirect": {"queries": ["a"], "url": "/\\evil.example"}}, "redirect.url"),
        (
            {"stop_words": ["a"], "starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"},
            "ends_at",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_the_field_is_named(shop: Shop, said: Any, field: str) -> None:
    answer = shop.post(SETTINGS, said)

    assert answer.status_code == 422, answer.text
    assert field in {wrong["field"] for wrong in answer.json["errors"]}, answer.json


#: Of them an admin and a manager may read what a shop says of its search.
ROLES = ("admin", "manager", "customer", "anonymous")
SAID = {"name": "Lamps", "effects": ["pin", "hide"], "ignored": []}
LAMPS = tuple(
    article(f"Lamp {name}", tags=("reading",) if name == "Delta" else ()) for name in ("Alfa", "Beta", "Delta")
)
HIDDEN = article("Lamp Frost", "en", others={}, brand="Frost")
CHAIR = article("Chair")
TORCHES = (article("Torch torch", created_at=MOMENT), article("Torch with a handle", created_at=now()))


@pytest.fixture(scope="module")
def lamps(app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]) -> Shop:  # noqa: F811
    made = opened_shop(app.test_client(), tokens)
    put_into_search(made, *LAMPS, HIDDEN, CHAIR, *TORCHES)
    return made


def preview(shop: Shop, rule: dict[str, Any], **asked: Any) -> Any:
    answer = shop.post(f"{SETTINGS}/preview", {"q": "lamp", "setting": {"rule": rule}, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json


def names(found: Any) -> list[str]:
    return [hit["title"].removeprefix("Lamp ") for hit in found["hits"]]


def test_a_rule_pins_lifts_buries_and_hides_and_is_named_in_the_answer(lamps: Shop) -> None:
    alfa, _, delta = LAMPS
    stranger = LAMPS[0].id.int ^ 1
    pins = [
        {"product_id": str(CHAIR.id), "position": 2},
        {"product_id": str(delta.id), "position": 4},
        {"product_id": str(UUID(int=stranger)), "position": 1},
    ]
    rule = {"query": "lamps", "pin": pins, "hide": [{"by": "brand", "value": "Frost"}]}
    assert names(find(lamps, "lamp")) == ["Alfa", "Beta", "Delta", "Frost"]

    seen = preview(lamps, rule)
    pages = [preview(lamps, rule, per_page=1, page=page) for page in (1, 2, 3, 4, 5)]
    priced = preview(lamps, rule, sort="title")
    lifted = preview(lamps, {"boost": [{"by": "tag", "value": "reading"}]})
    buried = preview(lamps, {"bury": [{"by": "product", "value": str(alfa.id)}]})

    assert names(seen) == ["Alfa", "Chair", "Beta", "Delta"]
    assert [hit["pinned"] for hit in seen["hits"]] == [False, True, False, True]
    assert (seen["total"], seen["facets"]["stock"]["in_stock"]) == (4, 4)
    assert [name for page in pages for name in names(page)] == ["Alfa", "Chair", "Beta", "Delta"]
    assert {page["total"] for page in pages} == {4}
    assert seen["applied_rules"][0]["effects"] == ["pin", "hide"]
    assert (names(priced), priced["applied_rules"][0]["ignored"]) == (["Alfa", "Beta", "Delta"], ["pin"])
    assert (names(lifted)[0], names(buried)[-1]) == ("Delta", "Alfa")
    assert preview(lamps, rule, q="chair")["applied_rules"] == []
    assert names(find(lamps, "lamp")) == ["Alfa", "Beta", "Delta", "Frost"]

    brand = find(lamps, "lamp", brand="Frost")
    saved = say(lamps, name="Lamps", rule=rule)
    soon(lambda: names(find(lamps, "lamp")) == ["Alfa", "Chair", "Beta", "Delta"])
    told = {role: lamps.get("/v1/search/products?q=lamp", role=role).json["applied_rules"] for role in ROLES}
    assert told == {role: [SAID | {"id": saved["id"]}] if role in ("admin", "manager") else [] for role in ROLES}
    assert (brand["total"], find(lamps, "lamp", brand="Frost")["total"]) == (1, 0)
    suggested = lamps.get("/v1/search/suggestions?q=lamps", role="customer").json["products"]
    assert "Lamp Frost" not in {hit["title"] for hit in suggested}
    without = preview(lamps, {"query": "other", "hide": [{"by": "tag", "value": "x"}]}, instead_of=saved["id"])
    assert names(without) == ["Alfa", "Beta", "Delta", "Frost"]
    assert lamps.get(f"{SETTINGS}/{saved['id']}").json["rule"]["pin"] == pins
    lamps.call("DELETE", f"{SETTINGS}/{saved['id']}")


def test_a_weight_of_a_signal_changes_which_hit_is_first(lamps: Shop) -> None:
    assert titles(lamps, "torch") == ["Torch torch", "Torch with a handle"]

    weights = {"weights": {"in_stock": 0, "new": 1000}}
    tried = lamps.post(f"{SETTINGS}/preview", {"q": "torch", "setting": weights}).json
    said = say(lamps, **weights)

    assert [hit["title"] for hit in tried["hits"]] == ["Torch with a handle", "Torch torch"]
    soon(lambda: titles(lamps, "torch") == ["Torch with a handle", "Torch torch"])
    lamps.call("DELETE", f"{SETTINGS}/{said['id']}")


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({}, "rule"),
        ({"pin": [{"product_id": str(CHAIR.id), "position": 1}] * 2}, "rule.pin"),
        ({"hide": [{"by": "product", "value": "no id"}]}, "rule.hide.0"),
        ({"boost": [{"by": "tag", "value": "a", "percent": 90}]}, "rule.boost.0.percent"),
        ({"query": "!?", "hide": [{"by": "tag", "value": "a"}]}, "rule.query"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_when_it_is_saved_and_when_it_is_tried(
    lamps: Shop, rule: Any, field: str
) -> None:
    saved = lamps.post(SETTINGS, {"rule": rule})
    tried = lamps.post(f"{SETTINGS}/preview", {"setting": {"rule": rule}})

    assert (saved.status_code, tried.status_code) == (422, 422)
    assert field in {wrong["field"] for wrong in saved.json["errors"]}, saved.json
    assert f"setting.{field}" in {wrong["field"] for wrong in tried.json["errors"]}, tried.json

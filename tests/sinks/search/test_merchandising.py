"""Which rules hold for a query, what they come to, and where pinned products are in the pages of its hits."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.events.search_setting import Pin, SearchRule, SearchSetting, Target, Weighed
from sinks.search.category_tree import CategoryTree
from sinks.search.merchandising import merchandising
from sinks.search.pinned_pages import page_of, places, window
from sinks.search.product_query import ProductQuery
from sinks.search.product_request import request
from sinks.search.ranking_signals import DEFAULTS, SIGNALS, with_signals
from sinks.search.search_settings import SearchSettings
from tests.sinks.search.test_query_parts import setting

ROOT, SHELF, OTHER = uuid4(), uuid4(), uuid4()
TREE = CategoryTree(parents={str(SHELF): str(ROOT)}, children={str(ROOT): [str(SHELF)]})
FIRST, SECOND, THIRD = (uuid4() for _ in range(3))


def rule(**said: Any) -> SearchSetting:
    where = {"locale": said.pop("locale", None), "name": said.pop("name", None)}
    nothing: dict[str, Any] = {"query": None, "match": "is", "category_id": None, "priority": 0}
    does: dict[str, Any] = {"pins": (), "weighed": (), "hidden": ()}
    return setting(rule=SearchRule(**{**nothing, **does, **said}), **where)


def query(text: str = "", *settings: SearchSetting, **more: Any) -> ProductQuery:
    return ProductQuery(tenant_id=uuid4(), text=text, settings=SearchSettings(settings), **more)


def pin(product_id: UUID, position: int) -> Pin:
    return Pin(product_id=product_id, position=position)


HIDES = (Target(by="brand", value="Frost"),)


@pytest.mark.parametrize(
    ("said", "asked", "holds"),
    [
        ({}, {}, True),
        ({"query": "sofa"}, {"text": "Sofas"}, True),
        ({"query": "sofa"}, {"text": "red sofa"}, False),
        ({"query": "sofa"}, {}, False),
        ({"query": "red sofa", "match": "contains"}, {"text": "big red SOFAS"}, True),
        ({"query": "red sofa", "match": "contains"}, {"text": "red big sofa"}, False),
        ({"query": "sofa", "match": "contains"}, {"text": ""}, False),
        ({"category_id": ROOT}, {"category_id": ROOT}, True),
        ({"category_id": ROOT}, {"category_id": SHELF}, True),
        ({"category_id": SHELF}, {"category_id": ROOT}, False),
        ({"category_id": ROOT}, {"category_id": OTHER}, False),
        ({"category_id": ROOT}, {}, False),
        ({"category_id": ROOT, "query": "sofa"}, {"category_id": ROOT}, False),
        ({"locale": "de"}, {"locales": ("de-AT", "en")}, True),
        ({"locale": "en"}, {"locales": ("de-AT", "en")}, False),
    ],
)
def test_a_rule_holds_where_all_that_it_names_is_so(said: dict[str, Any], asked: dict[str, Any], holds: bool) -> None:
    asked = dict(asked)

    found = merchandising(query(asked.pop("text", ""), rule(hidden=HIDES, **said), **asked), TREE)

    assert bool(found.applied) is holds
    assert found.hidden == (HIDES if holds else ())


def test_where_two_rules_want_one_place_the_higher_priority_has_its_way_then_the_older() -> None:
    older = rule(pins=(pin(FIRST, 1), pin(SECOND, 3)))
    newer = rule(pins=(pin(THIRD, 3), pin(FIRST, 7)))
    higher = rule(pins=(pin(SECOND, 2),), priority=5)

    found = merchandising(query("", older, newer, higher), TREE)

    assert found.pins == (pin(FIRST, 1), pin(SECOND, 2), pin(THIRD, 3))
    assert [one.setting for one in found.applied] == [higher, older, newer]


def test_who_chose_an_order_gets_it_and_is_told_what_is_ignored() -> None:
    weighed = (Weighed(by="tag", value="new", percent=300), Weighed(by="tag", value="old", percent=10))
    said = rule(pins=(pin(FIRST, 1),), weighed=weighed, hidden=HIDES)

    (ranked,) = merchandising(query("", said), TREE).applied
    chosen = merchandising(query("", said, sort="price_asc"), TREE)

    assert (ranked.effects, ranked.ignored) == (("pin", "boost", "bury", "hide"), ())
    assert (chosen.applied[0].effects, chosen.applied[0].ignored) == (("hide",), ("pin", "boost", "bury"))
    assert (chosen.pins, chosen.weighed, chosen.hidden) == ((), (), HIDES)


@pytest.mark.parametrize("others", range(8))
@pytest.mark.parametrize("per_page", [1, 2, 3, 5])
def test_each_hit_is_on_one_page_and_a_pinned_one_where_it_is_pinned(others: int, per_page: int) -> None:
    pins = (pin(FIRST, 1), pin(SECOND, 2), pin(THIRD, 6))
    pinned = {str(one.product_id): {"_id": str(one.product_id)} for one in pins}
    listed = [{"_id": f"other {number}"} for number in range(others)]

    whole: list[Any] = []
    for page in range(1, 12):
        part = window((page - 1) * per_page, per_page, len(pins))
        some = listed[part.first : part.first + part.size]
        whole += page_of(pins, pinned, some, others, (page - 1) * per_page, per_page)

    ids = [one["_id"] for one in whole]
    assert len(ids) == len(set(ids)) == others + len(pins)
    assert ids[:2] == [str(FIRST), str(SECOND)]
    assert ids.index(str(THIRD)) == min(5, others + 2)
    assert [one for one in ids if one.startswith("other")] == [one["_id"] for one in listed]


def test_pins_without_a_hit_beside_them_follow_one_another() -> None:
    assert places((pin(FIRST, 3), pin(SECOND, 9)), 0) == [0, 1]


def test_a_signal_that_counts_nothing_is_not_asked_for() -> None:
    words = {"match_all": {}}

    lifted = with_signals(words, {"in_stock": 50})

    assert with_signals(words, dict.fromkeys(DEFAULTS, 0)) == words
    assert [one["weight"] for one in lifted["function_score"]["functions"]] == [1, 0.5]
    assert all(0 <= one.percent <= 100 for one in SIGNALS)


def test_what_is_hidden_is_kept_out_of_everything_that_is_counted() -> None:
    said = merchandising(query("", rule(hidden=HIDES)), TREE)

    assert request(query(""), said=said)["query"]["bool"]["must_not"] == [{"term": {"brand": "Frost"}}]

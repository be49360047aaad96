"""Where a page of a walk begins: behind what was shown, pinned or not."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from schemas.events.search_setting import Pin
from sinks.freshness import Freshness
from sinks.search.best_sellers import BestSellers
from sinks.search.pinned_pages import page_of
from sinks.search.product_pages import Place, Walk, asked_for, going_on, next_place, others_before
from sinks.search.product_query import ProductQuery
from sinks.search.product_request import request
from sinks.search.search_settings import SearchSettings
from sinks.search.word_clauses import Match
from tests.sinks.search.test_query_parts import setting
from tests.support.examples import MOMENT


def walk(others: int, **different: Any) -> Walk:
    said: dict[str, Any] = {"as_of": MOMENT, "state": "fresh", "match": Match.ALL, "asked": ""}
    return Walk(id=uuid4(), point="point", opened_at=MOMENT, others=others, **{**said, **different})


@pytest.mark.parametrize("others", [0, 1, 2, 5, 11])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_each_hit_is_on_one_page_of_a_walk_and_a_pinned_one_where_it_is_pinned(others: int, size: int) -> None:
    pins = [Pin(product_id=uuid4(), position=position) for position in (1, 2, 3, 7)]
    pinned = {str(one.product_id): {"_id": str(one.product_id), "sort": None} for one in pins}
    listed = [{"_id": f"other {number}", "sort": [number]} for number in range(others)]
    begun = walk(others)

    whole: list[Any] = []
    place: Place | None = Place(walk=begun, number=1, shown=0, after=())
    while place is not None:
        behind = place.after[0] + 1 if place.after else 0
        first = others_before(place, pins)
        shown = page_of(pins, pinned, listed[behind : behind + size], others, place.shown, size, first)
        assert first == behind
        whole += shown
        place = next_place(begun, place, shown, pinned)

    ids = [one["_id"] for one in whole]
    assert len(ids) == len(set(ids)) == others + 4
    assert ids[:3] == [str(one.product_id) for one in pins[:3]]
    assert ids.index(str(pins[3].product_id)) == min(6, others + 3)
    assert [one for one in ids if one.startswith("other")] == [one["_id"] for one in listed]


def test_a_page_in_an_order_passes_over_what_was_shown_and_one_by_words_scores_it_all() -> None:
    place = Place(walk=walk(50), number=2, shown=20, after=("a", 7))

    by_title = going_on(request(ProductQuery(tenant_id=uuid4(), sort="title")), place, 20)
    by_words = going_on(request(ProductQuery(tenant_id=uuid4(), text="bread")), place, 20)

    assert (by_title["search_after"], by_title["size"]) == (["a", 7], 20)
    assert (by_title["track_total_hits"], by_words["track_total_hits"]) == (False, True)
    assert {"aggs", "from"}.isdisjoint(by_title | by_words)


def test_facets_and_pages_are_not_what_is_asked_for_and_everything_else_is() -> None:
    query = ProductQuery(tenant_id=uuid4(), text="bread", now=MOMENT)
    weighed = SearchSettings([setting(weights={"new": 50})])

    def asked(different: ProductQuery, *pins: Pin) -> str:
        return asked_for(request(different), pins, different.customer_group)

    assert asked(replace(query, facets=frozenset(), page=2, per_page=7)) == asked(query)
    others = {
        asked(query),
        asked(query, Pin(product_id=uuid4(), position=1)),
        asked(replace(query, text="breads")),
        asked(replace(query, tenant_id=uuid4())),
        asked(replace(query, brands=("Verde",))),
        asked(replace(query, sort="newest")),
        asked(replace(query, settings=weighed)),
        asked(replace(query, settings=weighed, now=None)),
        asked(replace(query, customer_group="trade")),
        asked(replace(query, customer_group="press")),
    }
    assert len(others) == 10


def test_what_sells_best_by_now_does_not_move_the_pages_of_a_walk() -> None:
    said = setting(weights={"sold": 80})
    query = ProductQuery(tenant_id=uuid4(), text="bread", settings=SearchSettings([said]))
    later = replace(query, settings=SearchSettings([said], lambda: BestSellers((uuid4(),))))

    def asked(different: ProductQuery) -> str:
        return asked_for(request(different), (), None)

    assert asked(query) != asked(later)
    assert asked(replace(query, now=MOMENT)) == asked(replace(later, now=MOMENT))


@pytest.mark.parametrize(
    "before",
    [
        Freshness({"rustok.product/0": MOMENT}),
        Freshness(withheld="building"),
        Freshness(withheld="gap: the slot was made anew"),
        Freshness(),
    ],
)
def test_every_page_says_how_fresh_the_first_was(before: Freshness) -> None:
    later = walk(1, as_of=before.as_of, state=before.state).freshness

    assert (later.as_of, later.state) == (before.as_of, before.state)

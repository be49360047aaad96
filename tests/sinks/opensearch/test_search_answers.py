from collections.abc import Mapping
from typing import Any

import pytest

from sinks.opensearch.search_answers import many_answers, refreshed_shards, search_answer
from sinks.sink import Unavailable

BODY: Mapping[str, Any] = {
    "track_total_hits": True,
    "aggs": {
        "brand": {"filter": {}, "aggs": {"values": {"terms": {"field": "brand"}, "aggs": {"n": {"stats": {}}}}}},
        "newest": {"max": {"field": "_seq_no"}},
    },
}
HIT = {"_id": "a", "_source": {}}
STATS = {"count": 1, "min": 1, "max": 1, "sum": 1}
BUCKET = {"key": "Verde", "doc_count": 1, "n": STATS}


def answer(hits: Any = (HIT,), total: Any = None, brand: Any = None, newest: Any = None) -> Any:
    found = {"hits": list(hits) if isinstance(hits, tuple) else hits, "total": total or {"value": 1}}
    counted = {"doc_count": 1, "values": {"buckets": [BUCKET]}} if brand is None else brand
    return {"hits": found, "aggregations": {"brand": counted, "newest": newest or {"value": None}}}


def test_an_answer_with_everything_that_was_asked_for_is_one() -> None:
    assert search_answer(answer(), BODY) == answer()
    assert search_answer({"hits": {"hits": [{"_id": "a"}]}}, {"_source": False})


@pytest.mark.parametrize(
    "said",
    [
        None, [], "hello", {}, {"error": {"type": "x"}, "status": 500}, {"hits": []}, {"hits": {"hits": {}}},
        {"hits": {"hits": [], "total": {"value": 0}}},
        answer(hits=("x",)), answer(hits=({"_id": 1, "_source": {}},)), answer(hits=({"_id": "a"},)),
        answer(total={"value": "many"}), answer(total=3),
        answer(brand=[]), answer(brand={"doc_count": 1}), answer(brand={"values": {"buckets": []}}),
        answer(brand={"doc_count": 1, "values": {"buckets": {}}}),
        answer(brand={"doc_count": 1, "values": {"buckets": [{"key": "Verde"}]}}),
        answer(brand={"doc_count": 1, "values": {"buckets": [{**BUCKET, "n": {"count": 1}}]}}),
        answer(newest={"max": 3}),
    ],
)  # fmt: skip
def test_whatever_else_is_said_is_no_answer(said: Any) -> None:
    with pytest.raises(Unavailable, match="does not speak its language"):
        search_answer(said, BODY)


@pytest.mark.parametrize("said", [None, [], {}, {"responses": {}}, {"responses": []}, {"responses": [1]}])
def test_many_searches_have_as_many_answers(said: Any) -> None:
    with pytest.raises(Unavailable):
        list(many_answers(said, 1))


def test_shards_and_copies_that_are_refreshed_are_counted() -> None:
    assert refreshed_shards({"_shards": {"total": 4, "successful": 2, "failed": 0}}) == 4


@pytest.mark.parametrize("told", [[], {}, {"_shards": None}, {"_shards": {"total": 4, "failed": 1}}])
def test_what_is_not_shown_everywhere_is_not_shown(told: Any) -> None:
    with pytest.raises(Unavailable):
        refreshed_shards(told)

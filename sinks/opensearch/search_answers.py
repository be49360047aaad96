"""Reads the answer to a search: it has hits, and everything that was asked to be counted, or it is none.

Whatever answers in the place of OpenSearch may say anything: an error with the status 200, an empty object, a list.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sinks.sink import Unavailable

NOT_OURS: Final = "what answers in the place of OpenSearch does not speak its language"
#: By kind of aggregation, the numbers that it answers with. Those with buckets have a list of them; each of the others
#: is one bucket itself.
_NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {"max": ("value",), "stats": ("count", "min", "max", "sum")}
_IN_BUCKETS: Final = frozenset({"terms", "composite"})
_BUCKETS: Final = frozenset({"filter", "global", "nested", "reverse_nested"})


def search_answer(answer: Any, body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to this body. Raises `Unavailable` for what is none."""
    if not isinstance(answer, dict) or not _has_hits(answer, body) or not _has_all(answer, body.get("aggs", {})):
        raise Unavailable(NOT_OURS)
    return answer


def refreshed_shards(answer: Any) -> int:
    """How many shards and copies there are of what was refreshed. Raises `Unavailable` unless all are."""
    told = answer.get("_shards") if isinstance(answer, dict) else None
    if not isinstance(told, dict) or not all(isinstance(told.get(name), int) for name in ("total", "failed")):
        raise Unavailable(NOT_OURS)
    if told["failed"]:
        raise Unavailable(f"{told['failed']} of {told['total']} shards and copies do not show yet what is new")
    total: int = told["total"]
    return total


def _has_hits(answer: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    found = answer.get("hits")
    hits = found.get("hits") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(hits, list):
        return False
    if body.get("track_total_hits") is True:
        total = found.get("total")
        if not isinstance(total, dict) or not isinstance(total.get("value"), int):
            return False
    shown = body.get("_source", True) is not False
    return all(isinstance(hit, dict) and isinstance(hit.get("_id"), str) and _is_shown(hit, shown) for hit in hits)


def _is_shown(hit: Mapping[str, Any], shown: bool) -> bool:
    return not shown or isinstance(hit.get("_source"), dict)


def _has_all(answer: Mapping[str, Any], aggs: Mapping[str, Any]) -> bool:
    told = answer.get("aggregations", answer) if aggs else {}
    return isinstance(told, dict) and all(_has(told.get(name), asked) for name, asked in aggs.items())


def _has(told: Any, asked: Mapping[str, Any]) -> bool:
    """One aggregation, and those in it."""
    if not isinstance(told, dict):
        return False
    if numbers := [name for kind in asked for name in _NUMBERS.get(kind, ())]:
        return all(name in told for name in numbers)
    if "top_hits" in asked:
        return _has_hits(told, asked["top_hits"])
    within = asked.get("aggs", {})
    if not _IN_BUCKETS.isdisjoint(asked):
        buckets = told.get("buckets")
        return isinstance(buckets, list) and all(_is_named(one) and _has_each(one, within) for one in buckets)
    return _BUCKETS.isdisjoint(asked) or (isinstance(told.get("doc_count"), int) and _has_each(told, within))


def _is_named(bucket: Any) -> bool:
    return isinstance(bucket, dict) and "key" in bucket and isinstance(bucket.get("doc_count"), int)


def _has_each(told: Mapping[str, Any], within: Mapping[str, Any]) -> bool:
    return not within or all(_has(told.get(name), asked) for name, asked in within.items())


def many_answers(answer: Any, number: int) -> Iterator[dict[str, Any]]:
    """What was answered to each of so many searches. Raises `Unavailable`."""
    answers = answer.get("responses") if isinstance(answer, dict) else None
    if not isinstance(answers, list) or len(answers) != number or not all(isinstance(one, dict) for one in answers):
        raise Unavailable(NOT_OURS)
    yield from answers

"""Writes how many hits have each value of a facet, and the values that begin as somebody types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.instantsearch.answers.highlights import with_marks
from api.instantsearch.answers.hit_answers import in_units
from api.instantsearch.asked.asked_search import AskedSearch
from api.instantsearch.asked.attribute_names import ATTRIBUTES, OPTIONS, attribute_named
from sinks.search.counted_values import Numbers, ValueCounts
from sinks.search.found_products import FoundProducts
from sinks.search.product_choices import Attribute
from sinks.search.product_facets import NumberRange
from sinks.search.words.typed_values import begun_in, typed_words


@dataclass(frozen=True, slots=True)
class FacetAnswer:
    counts: Mapping[str, Mapping[str, int]]
    stats: Mapping[str, Mapping[str, float]]
    complete: bool


def facet_answer(asked: AskedSearch, found: FoundProducts) -> FacetAnswer:
    """When every facet is asked for, those without a value are left out."""
    counted = dict(_counted(asked, found))
    shown = {name: one for name, one in counted.items() if one.values or one.numbers or not asked.every_facet}
    stats = {name: _stats(name, one.numbers, asked.currency) for name, one in shown.items() if one.numbers}
    return FacetAnswer(
        counts={name: one.values if asked.values else {} for name, one in shown.items()},
        stats=stats,
        complete=all(one.complete and (asked.values > 0 or not one.values) for one in shown.values()),
    )


def facet_hits(asked: AskedSearch, found: FoundProducts) -> dict[str, Any]:
    """The most frequent values with words that begin as those that were typed."""
    assert asked.facet_search is not None  # noqa: S101  # whoever calls has looked
    counts, sought = found.counts[0], asked.facet_search
    typed = typed_words(sought.text)
    hits = []
    for value, count in sorted(counts.values.items(), key=lambda one: (-one[1], one[0])):
        spans = begun_in(value, typed)
        if spans is not None:
            hits.append({"value": value, "highlighted": with_marks(value, spans, asked.marks), "count": count})
    return {"facetHits": hits[: sought.most], "exhaustiveFacetsCount": counts.complete}


def _counted(asked: AskedSearch, found: FoundProducts) -> Iterator[tuple[str, ValueCounts]]:
    names: dict[Attribute, list[str]] = {}
    for name in asked.facets:
        names.setdefault(attribute_named(name), []).append(name)
    for same, counts in zip(names.values(), found.counts, strict=True):
        yield from ((name, counts) for name in same)
    facets = found.facets
    for prefix, many in ((OPTIONS, facets.options), (ATTRIBUTES, facets.attributes)):
        for one in many:
            values = {bucket.value: bucket.count for bucket in one.values}
            yield prefix + one.name, ValueCounts(values, _numbers(one.range))


def _numbers(found: NumberRange | None) -> Numbers | None:
    if found is None:
        return None
    return Numbers(float(found.min), float(found.max), float(found.sum), found.count)


def _stats(name: str, numbers: Numbers, currency: str) -> dict[str, float]:
    told = {"min": numbers.min, "max": numbers.max, "avg": numbers.sum / numbers.count, "sum": numbers.sum}
    if attribute_named(name).kind == "price":
        return {key: in_units(value, currency) or 0 for key, value in told.items()}
    return told

"""Counts the values of single attributes under all that was chosen, as whoever asks names them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sinks.search import option_names
from sinks.search.attribute_values import meant_by
from sinks.search.category_labels import CategoryLabels
from sinks.search.price_clauses import counted, read_counted
from sinks.search.product_choices import Attribute, Counted
from sinks.search.product_facets import MOST_SETS, but, terms_of
from sinks.search.product_filters import IN_STOCK, Filters
from sinks.search.product_query import ProductQuery

_AGGREGATION: Final = "counted"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of prices in minor units."""

    min: float
    max: float
    sum: float
    count: int


@dataclass(frozen=True, slots=True)
class ValueCounts:
    """How many of the hits have each value. `complete`: there are no others. `labels` of values that have another."""

    values: Mapping[str, int]
    numbers: Numbers | None = None
    complete: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)


def aggregations(query: ProductQuery, filters: Filters) -> dict[str, Any]:
    return {_name(one.attribute): but(filters, None, _counting(one, query)) for one in query.counted}


def read_counts(answer: Mapping[str, Any], query: ProductQuery, labels: CategoryLabels) -> tuple[ValueCounts, ...]:
    """In the order of `query.counted`."""
    return tuple(_read(answer[_name(one.attribute)], one.attribute, query, labels) for one in query.counted)


def _name(attribute: Attribute) -> str:
    """All levels of categories are counted by one. A name may have any letter, an aggregation's may not."""
    return f"{_AGGREGATION}.{attribute.kind}.{attribute.name.encode().hex()}"


def _counting(one: Counted, query: ProductQuery) -> dict[str, Any]:
    name, size, order = one.attribute.name, query.facet_size, query.facet_order
    match one.attribute.kind:
        case "brand":
            return terms_of("brand", size, one.chosen, order)
        case "tag":
            return terms_of("tags", size, one.chosen, order)
        case "stock":
            return {"in_stock": {"filter": IN_STOCK}}
        case "price":
            return counted(query)
        case "category":
            return {"values": {"terms": {"field": "category_set", "size": MOST_SETS}}}
        case "option":
            names = option_names.aggregation(query.locales) if one.named else {}
            return _named("options", "code", name, {**terms_of("options.values", size, one.chosen, order), **names})
        case "attribute":
            return _named("attributes", "name", name, _of_attribute(one, query))
        case "id":
            return {}


def _named(path: str, field: str, name: str, aggs: Mapping[str, Any]) -> dict[str, Any]:
    own = {"filter": {"term": {f"{path}.{field}": name}}, "aggs": aggs}
    return {"all": {"nested": {"path": path}, "aggs": {"own": own}}}


def _of_attribute(one: Counted, query: ProductQuery) -> dict[str, Any]:
    """With all that can be told of numbers: nobody who asks knows whether it has some."""
    values = terms_of("attributes.values", query.facet_size, meant_by(one.chosen), query.facet_order)
    return {**values, "stats": {"stats": {"field": "attributes.number"}}}


def _read(answer: Mapping[str, Any], attribute: Attribute, query: ProductQuery, labels: CategoryLabels) -> ValueCounts:
    match attribute.kind:
        case "stock":
            in_stock = answer["in_stock"]["doc_count"]
            counts = {"true": in_stock, "false": answer["doc_count"] - in_stock}
            return ValueCounts({value: count for value, count in counts.items() if count})
        case "price":
            return ValueCounts({}, _together(*read_counted(answer)))
        case "category":
            sets = {one["key"]: one["doc_count"] for one in answer["values"]["buckets"]}
            counted = labels.counted(sets, attribute.level)
            if query.facet_order == "alpha":
                counted.sort()
            complete = len(counted) <= query.facet_size and not answer["values"]["sum_other_doc_count"]
            return ValueCounts(dict(counted[: query.facet_size]), complete=complete)
        case "option":
            own = answer["all"]["own"]
            return replace(_texts(own), labels=option_names.read(own, query.locales))
        case "attribute":
            return _texts(answer["all"]["own"])
        case "brand" | "tag" | "id":
            return _texts(answer)


def _texts(answer: Mapping[str, Any]) -> ValueCounts:
    asked = [answer[name] for name in ("values", "chosen") if name in answer]
    counts = {bucket["key"]: bucket["doc_count"] for one in asked for bucket in one["buckets"]}
    return ValueCounts(counts, _together(answer.get("stats", {})), not answer["values"]["sum_other_doc_count"])


def _together(*stats: Mapping[str, Any]) -> Numbers | None:
    some = [one for one in stats if one.get("count")]
    if not some:
        return None
    return Numbers(
        min=min(one["min"] for one in some),
        max=max(one["max"] for one in some),
        sum=sum(one["sum"] for one in some),
        count=sum(one["count"] for one in some),
    )

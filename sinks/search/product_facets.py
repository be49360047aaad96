"""Counts what else could be chosen. Each facet ignores its own filter: another value can be chosen beside it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sinks.search import category_tree
from sinks.search.category_tree import CategoryTree
from sinks.search.product_filters import IN_STOCK, Filters, all_but, listed_in
from sinks.search.product_query import Facet, ProductQuery
from sinks.search.search_languages import choose

#: Of categories that products are in together; a shop that has more is counted short.
_MOST_SETS: Final = 10_000
#: Options and attributes of one answer.
_MOST_NAMES: Final = 50
_CHOSEN: Final = "chosen"


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many hits have `value`; `label` is what to show for it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class PriceRange:
    min_minor: int
    max_minor: int


@dataclass(frozen=True, slots=True)
class StockCounts:
    in_stock: int
    out_of_stock: int


@dataclass(frozen=True, slots=True)
class NumberRange:
    min: Decimal
    max: Decimal


@dataclass(frozen=True, slots=True)
class NamedFacet:
    """Of one option or attribute. `range` is of its numbers."""

    name: str
    values: tuple[Bucket, ...]
    range: NumberRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What was not asked for is empty. `incomplete`: those that have more values than are shown."""

    categories: tuple[Bucket, ...] = ()
    brands: tuple[Bucket, ...] = ()
    tags: tuple[Bucket, ...] = ()
    options: tuple[NamedFacet, ...] = ()
    attributes: tuple[NamedFacet, ...] = ()
    price: PriceRange | None = None
    stock: StockCounts | None = None
    incomplete: tuple[Facet, ...] = ()


def aggregations(query: ProductQuery, filters: Filters) -> dict[str, Any]:
    """Those that were asked for; and how many were found by words alone, whatever was chosen."""
    size = query.facet_size + 1
    made: dict[Facet, dict[str, Any]] = {
        "category": _but(filters, "category", {"values": {"terms": {"field": "category_set", "size": _MOST_SETS}}}),
        "brand": _but(filters, "brand", _values("brand", size, query.brands)),
        "tag": _but(filters, "tag", _values("tags", size, query.tags)),
        "option": _but(filters, None, {"all": _options(size)}),
        "attribute": _but(filters, None, {"all": _attributes(size)}),
        "price": _but(filters, "price", _prices(query.currency)),
        "stock": _but(filters, "stock", {"in_stock": {"filter": IN_STOCK}}),
    }
    own = dict(_of_chosen(query, filters, size))
    return {"found": {"filter": {"match_all": {}}}, **own, **{name: made[name] for name in sorted(query.facets)}}


def read_facets(answer: Mapping[str, Any], query: ProductQuery, tree: CategoryTree) -> Facets:
    """Of the aggregations above."""
    size, incomplete = query.facet_size, list[Facet]()

    def cut(facet: Facet, buckets: list[Bucket], chosen: Collection[str] = ()) -> tuple[Bucket, ...]:
        if len(buckets) > size:
            incomplete.append(facet)
        return (*buckets[:size], *(one for one in buckets[size:] if one.value in chosen))

    def plain(facet: Facet, chosen: Collection[str]) -> tuple[Bucket, ...]:
        return cut(facet, list(_buckets(answer[facet])), chosen) if facet in query.facets else ()

    return Facets(
        categories=cut("category", _categories(answer["category"], query, tree), _id_of(query))
        if "category" in query.facets
        else (),
        brands=plain("brand", query.brands),
        tags=plain("tag", query.tags),
        options=tuple(_named(answer, "option", query.options, size)) if "option" in query.facets else (),
        attributes=tuple(_named(answer, "attribute", query.attributes, size)) if "attribute" in query.facets else (),
        price=_price_range(answer["price"]) if "price" in query.facets else None,
        stock=_stock(answer["stock"]) if "stock" in query.facets else None,
        incomplete=tuple(dict.fromkeys(incomplete)),
    )


def _but(filters: Filters, without: str | None, aggs: Mapping[str, Any]) -> dict[str, Any]:
    return {"filter": all_but(filters, without), "aggs": aggs}


def _values(field: str, size: int, chosen: Collection[str]) -> dict[str, Any]:
    """The most frequent ones, and those that were chosen: nobody loses what they ticked."""
    values = {"values": {"terms": {"field": field, "size": size}}}
    if not chosen:
        return values
    return {**values, _CHOSEN: {"terms": {"field": field, "include": list(chosen), "size": len(chosen)}}}


def _options(size: int) -> dict[str, Any]:
    values = {"values": {"terms": {"field": "options.values", "size": size}}}
    names = {"terms": {"field": "options.code", "size": _MOST_NAMES}, "aggs": values}
    return {"nested": {"path": "options"}, "aggs": {"names": names}}


def _attributes(size: int) -> dict[str, Any]:
    values = {
        "values": {"terms": {"field": "attributes.text", "size": size}},
        "flags": {"terms": {"field": "attributes.boolean", "size": 2}},
        "numbers": {"stats": {"field": "attributes.number"}},
    }
    names = {"terms": {"field": "attributes.name", "size": _MOST_NAMES}, "aggs": values}
    return {"nested": {"path": "attributes"}, "aggs": {"names": names}}


def _of_chosen(query: ProductQuery, filters: Filters, size: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """An option of which a value is chosen is counted as if it were not."""
    for facet, chosen, made in (("option", query.options, _options), ("attribute", query.attributes, _attributes)):
        if facet in query.facets:
            for place, name in enumerate(chosen):  # a name may have any letter, an aggregation's may not
                yield f"{facet}.{place}", _but(filters, f"{facet}.{name}", {"all": made(size)})


def _prices(currency: str) -> dict[str, Any]:
    """The products' own, and as listed."""
    own, listed = f"prices.{currency}", f"listed.prices.{currency}"
    unlisted = {"bool": {"must_not": listed_in(currency)}}
    return {"own": {"filter": unlisted, "aggs": _ends(own)}, **_ends(listed)}


def _ends(field: str) -> dict[str, Any]:
    return {"lowest": {"min": {"field": field}}, "highest": {"max": {"field": field}}}


def _buckets(answer: Mapping[str, Any]) -> Iterator[Bucket]:
    chosen = answer.get(_CHOSEN, {"buckets": ()})["buckets"]
    counts = {one["key"]: one["doc_count"] for one in (*answer["values"]["buckets"], *chosen)}
    return (Bucket(value, value, count) for value, count in counts.items())


def _id_of(query: ProductQuery) -> tuple[str, ...]:
    return () if query.category_id is None else (str(query.category_id),)


def _categories(answer: Mapping[str, Any], query: ProductQuery, tree: CategoryTree) -> list[Bucket]:
    sets = {bucket["key"]: bucket["doc_count"] for bucket in answer["values"]["buckets"]}
    return [Bucket(id_, _label(id_, query, tree), count) for id_, count in category_tree.counted(sets, tree)]


def _label(category_id: str, query: ProductQuery, tree: CategoryTree) -> str:
    names = tree.names.get(category_id)
    return choose(names, query.locales)[1] if names else category_id


def _named(
    answer: Mapping[str, Any], facet: str, chosen: Mapping[str, tuple[str, ...]], size: int
) -> Iterator[NamedFacet]:
    names = {one["key"]: one for one in answer[facet]["all"]["names"]["buckets"]}
    for place, name in enumerate(chosen):
        own = answer[f"{facet}.{place}"]["all"]["names"]["buckets"]
        names |= {one["key"]: one for one in own if one["key"] == name}
    for name, one in names.items():
        counts = {each["key"]: each["doc_count"] for each in one["values"]["buckets"]}
        counts |= {each["key_as_string"]: each["doc_count"] for each in one.get("flags", {"buckets": ()})["buckets"]}
        kept = {
            value: count for n, (value, count) in enumerate(counts.items()) if n < size or value in chosen.get(name, ())
        }
        yield NamedFacet(name, tuple(Bucket(value, value, count) for value, count in kept.items()), _range(one))


def _range(answer: Mapping[str, Any]) -> NumberRange | None:
    numbers = answer.get("numbers")
    if numbers is None or not numbers["count"]:
        return None
    return NumberRange(Decimal(str(numbers["min"])), Decimal(str(numbers["max"])))


def _price_range(answer: Mapping[str, Any]) -> PriceRange | None:
    prices = (answer, answer["own"])
    lowest = min((one["lowest"]["value"] for one in prices if one["lowest"]["value"] is not None), default=None)
    highest = max((one["highest"]["value"] for one in prices if one["highest"]["value"] is not None), default=None)
    return None if lowest is None or highest is None else PriceRange(int(lowest), int(highest))


def _stock(answer: Mapping[str, Any]) -> StockCounts:
    in_stock = answer["in_stock"]["doc_count"]
    return StockCounts(in_stock, answer["doc_count"] - in_stock)

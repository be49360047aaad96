"""Counts what else could be chosen. Each facet ignores its own filter: another value can be chosen beside it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from sinks.search import category_tree, option_names
from sinks.search.attribute_values import meant_by, plain
from sinks.search.category_tree import CategoryTree
from sinks.search.price_clauses import counted, read_counted
from sinks.search.product_filters import IN_STOCK, Filters, all_but
from sinks.search.product_query import Facet, FacetOrder, ProductQuery
from sinks.search.search_languages import choose

#: Of categories that products are in together; a shop that has more is counted short.
MOST_SETS: Final = 10_000
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
    """`sum` is of `count` numbers."""

    min: Decimal
    max: Decimal
    sum: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class NamedFacet:
    """Of one option or attribute. `label` is what to show for its name; `range` is of its numbers."""

    name: str
    label: str
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
        "category": but(filters, "category", {"values": {"terms": {"field": "category_set", "size": MOST_SETS}}}),
        "brand": but(filters, "brand", terms_of("brand", size, query.brands)),
        "tag": but(filters, "tag", terms_of("tags", size, query.tags)),
        "option": but(filters, None, {"all": _options(size, query.locales)}),
        "attribute": but(filters, None, {"all": _attributes(size)}),
        "price": but(filters, "price", counted(query)),
        "stock": but(filters, "stock", {"in_stock": {"filter": IN_STOCK}}),
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
        categories=_labelled(cut("category", _categories(answer["category"], tree), _id_of(query)), query, tree)
        if "category" in query.facets
        else (),
        brands=plain("brand", query.brands),
        tags=plain("tag", query.tags),
        options=tuple(_named(answer, "option", query.options, query)) if "option" in query.facets else (),
        attributes=tuple(_named(answer, "attribute", query.attributes, query)) if "attribute" in query.facets else (),
        price=_price_range(answer["price"]) if "price" in query.facets else None,
        stock=_stock(answer["stock"]) if "stock" in query.facets else None,
        incomplete=tuple(dict.fromkeys(incomplete)),
    )


def but(filters: Filters, without: str | None, aggs: Mapping[str, Any]) -> dict[str, Any]:
    return {"filter": all_but(filters, without), "aggs": aggs}


def terms_of(field: str, size: int, chosen: Collection[str], order: FacetOrder = "count") -> dict[str, Any]:
    """The first ones in this order, and those that were chosen: nobody loses what they ticked."""
    by = {"order": {"_key": "asc"}} if order == "alpha" else {}
    values = {"values": {"terms": {"field": field, "size": size, **by}}}
    if not chosen:
        return values
    return {**values, _CHOSEN: {"terms": {"field": field, "include": list(chosen), "size": len(chosen)}}}


def _options(size: int, locales: Sequence[str], chosen: Collection[str] = ()) -> dict[str, Any]:
    values = {**terms_of("options.values", size, chosen), **option_names.aggregation(locales)}
    names = {"terms": {"field": "options.code", "size": _MOST_NAMES}, "aggs": values}
    return {"nested": {"path": "options"}, "aggs": {"names": names}}


def _attributes(size: int, chosen: Collection[str] = ()) -> dict[str, Any]:
    values = {**terms_of("attributes.values", size, chosen), "numbers": {"stats": {"field": "attributes.number"}}}
    names = {"terms": {"field": "attributes.name", "size": _MOST_NAMES}, "aggs": values}
    return {"nested": {"path": "attributes"}, "aggs": {"names": names}}


def _of_chosen(query: ProductQuery, filters: Filters, size: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """An option of which a value is chosen is counted as if it were not."""
    if "option" in query.facets:
        for place, (code, values) in enumerate(query.options.items()):  # a name may have any letter, of these none may
            yield f"option.{place}", but(filters, f"option.{code}", {"all": _options(size, query.locales, values)})
    if "attribute" in query.facets:
        for place, (name, values) in enumerate(query.attributes.items()):
            all_ = _attributes(size, meant_by(values))
            yield f"attribute.{place}", but(filters, f"attribute.{name}", {"all": all_})


def _buckets(answer: Mapping[str, Any]) -> Iterator[Bucket]:
    chosen = answer.get(_CHOSEN, {"buckets": ()})["buckets"]
    counts = {one["key"]: one["doc_count"] for one in (*answer["values"]["buckets"], *chosen)}
    return (Bucket(value, value, count) for value, count in counts.items())


def _id_of(query: ProductQuery) -> tuple[str, ...]:
    return () if query.category_id is None else (str(query.category_id),)


def _categories(answer: Mapping[str, Any], tree: CategoryTree) -> list[Bucket]:
    sets = {bucket["key"]: bucket["doc_count"] for bucket in answer["values"]["buckets"]}
    return [Bucket(id_, id_, count) for id_, count in category_tree.counted(sets, tree)]


def _labelled(categories: Sequence[Bucket], query: ProductQuery, tree: CategoryTree) -> tuple[Bucket, ...]:
    """By what they are called: only those that are shown, of hundreds perhaps."""
    names = [tree.names.get(one.value) for one in categories]
    return tuple(
        replace(one, label=choose(called, query.locales)[1]) if called else one
        for one, called in zip(categories, names, strict=True)
    )


def _named(
    answer: Mapping[str, Any], facet: str, chosen: Mapping[str, tuple[str, ...]], query: ProductQuery
) -> Iterator[NamedFacet]:
    names = {one["key"]: one for one in answer[facet]["all"]["names"]["buckets"]}
    for place, name in enumerate(chosen):
        own = answer[f"{facet}.{place}"]["all"]["names"]["buckets"]
        names |= {one["key"]: one for one in own if one["key"] == name}
    meant = {name: meant_by(values) if facet == "attribute" else values for name, values in chosen.items()}
    for name, one in names.items():
        first = list(_buckets(one))
        kept = [
            *first[: query.facet_size],
            *(each for each in first[query.facet_size :] if each.value in meant.get(name, ())),
        ]
        labels = option_names.read(one, query.locales)
        values = tuple(replace(each, label=labels.get(each.value, each.value)) for each in kept)
        yield NamedFacet(name, labels.get("", name), values, _range(one))


def _range(answer: Mapping[str, Any]) -> NumberRange | None:
    numbers = answer.get("numbers")
    if numbers is None or not numbers["count"]:
        return None
    least, most, total = (Decimal(plain(Decimal(repr(numbers[name])))) for name in ("min", "max", "sum"))
    return NumberRange(least, most, total, numbers["count"])


def _price_range(answer: Mapping[str, Any]) -> PriceRange | None:
    prices = read_counted(answer)
    if not prices:
        return None
    return PriceRange(int(min(one["min"] for one in prices)), int(max(one["max"] for one in prices)))


def _stock(answer: Mapping[str, Any]) -> StockCounts:
    in_stock = answer["in_stock"]["doc_count"]
    return StockCounts(in_stock, answer["doc_count"] - in_stock)

"""Says which products a visitor's choices leave, one clause for each choice, so that a facet can leave out its own."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from sinks.search.attribute_values import meant_by, plain
from sinks.search.category_labels import CategoryLabels
from sinks.search.category_tree import CategoryTree
from sinks.search.price_clauses import priced
from sinks.search.product_choices import AllOf, AnyOf, Attribute, Choice, Is, Not, Side, Within
from sinks.search.product_query import ProductQuery

#: By what is chosen; of options and attributes each has a name of its own.
Filters = Mapping[str, list[dict[str, Any]]]

#: What is not counted sells as if there were enough. So does a product of which one variant is not counted; scripts are
#: slow, and this one is asked only of those that seem to be out of stock.
_AN_UNCOUNTED_VARIANT: Final = "doc['stock.variant_id'].size() < doc['variant_count'].value"
IN_STOCK: Final[dict[str, Any]] = {
    "bool": {
        "should": [
            {"term": {"stock.in_stock": True}},
            {"bool": {"must_not": {"exists": {"field": "stock.variant_id"}}}},
            {
                "bool": {
                    "filter": [
                        {"exists": {"field": "variant_count"}},
                        {"script": {"script": {"source": _AN_UNCOUNTED_VARIANT}}},
                    ],
                    "must_not": {"term": {"stock.in_stock": True}},
                }
            },
        ],
        "minimum_should_match": 1,
    }
}


def filters_of(query: ProductQuery, tree: CategoryTree) -> Filters:
    found: dict[str, list[dict[str, Any]]] = {
        "category": [inside(tree, [str(query.category_id)])] if query.category_id else [],
        "brand": [{"terms": {"brand": list(query.brands)}}] if query.brands else [],
        "tag": [{"terms": {"tags": list(query.tags)}}] if query.tags else [],
        "price": _price(query),
        "stock": _stock(query.in_stock),
    }
    for code, values in query.options.items():
        found[f"option.{code}"] = [_of_option(code, values)]
    for name, values in query.attributes.items():
        found[f"attribute.{name}"] = [_of_attribute(name, values)]
    labels = CategoryLabels(tree, query.locales)
    found["choices"] = [_chosen(choice, query, labels, tree) for choice in query.choices]
    return found


def all_but(filters: Filters, left_out: str | None = None) -> dict[str, Any]:
    """What every choice leaves together, but for one."""
    clauses = [clause for name, clauses in filters.items() if name != left_out for clause in clauses]
    return {"bool": {"filter": clauses}}


def inside(tree: CategoryTree, category_ids: Iterable[str]) -> dict[str, Any]:
    return {"terms": {"category_ids": tree.below(category_ids)}}


def _price(query: ProductQuery) -> list[dict[str, Any]]:
    bounds: dict[Side, int | None] = {"gte": query.price_min_minor, "lte": query.price_max_minor}
    given = {side: bound for side, bound in bounds.items() if bound is not None}
    return [priced(given, query)] if given else []


def _stock(wanted: bool | None) -> list[dict[str, Any]]:
    if wanted is None:
        return []
    return [IN_STOCK if wanted else {"bool": {"must_not": IN_STOCK}}]


def _of_option(code: str, values: tuple[str, ...]) -> dict[str, Any]:
    has = [{"term": {"options.code": code}}, {"terms": {"options.values": list(values)}}]
    return {"nested": {"path": "options", "query": {"bool": {"filter": has}}}}


def _of_attribute(name: str, values: tuple[str, ...]) -> dict[str, Any]:
    """A value is meant as whatever the attribute is: a text, a number, or true or false."""
    has = [{"term": {"attributes.name": name}}, {"terms": {"attributes.values": meant_by(values)}}]
    return {"nested": {"path": "attributes", "query": {"bool": {"filter": has}}}}


def _compared(name: str, bounds: Mapping[Side, int | Decimal]) -> dict[str, Any]:
    """Of more digits than a double has the index knows which are equal, not which is more."""
    has = [
        {"term": {"attributes.name": name}},
        {"range": {"attributes.number": {side: plain(Decimal(bound)) for side, bound in bounds.items()}}},
    ]
    if bounds.keys() == {"gte", "lte"} and bounds["gte"] == bounds["lte"]:
        has.append({"term": {"attributes.values": plain(Decimal(bounds["gte"]))}})
    return {"nested": {"path": "attributes", "query": {"bool": {"filter": has}}}}


def _chosen(choice: Choice, query: ProductQuery, labels: CategoryLabels, tree: CategoryTree) -> dict[str, Any]:
    match choice:
        case Is(attribute, values):
            return _is(attribute, values, labels, tree)
        case Within(Attribute("price"), bounds):
            return priced(bounds, query)
        case Within(attribute, bounds):
            return _compared(attribute.name, bounds)
        case Not(part):
            return {"bool": {"must_not": [_chosen(part, query, labels, tree)]}}
        case AnyOf(parts):
            ways = [_chosen(part, query, labels, tree) for part in parts]
            return {"bool": {"should": ways, "minimum_should_match": 1}}
        case AllOf(parts):
            return {"bool": {"filter": [_chosen(part, query, labels, tree) for part in parts]}}


def _is(attribute: Attribute, values: tuple[str, ...], labels: CategoryLabels, tree: CategoryTree) -> dict[str, Any]:
    match attribute.kind:
        case "id":
            return {"ids": {"values": list(values)}}
        case "brand":
            return {"terms": {"brand": list(values)}}
        case "tag":
            return {"terms": {"tags": list(values)}}
        case "stock":
            known = {"true": IN_STOCK, "false": {"bool": {"must_not": IN_STOCK}}}
            ways = [clause for value, clause in known.items() if value in values]
            return {"bool": {"should": ways or [{"match_none": {}}], "minimum_should_match": 1}}
        case "category":
            return inside(tree, [id_ for value in values for id_ in labels.called(value, attribute.level)])
        case "option":
            return _of_option(attribute.name, values)
        case "attribute":
            return _of_attribute(attribute.name, values)
        case "price":
            raise ValueError("a price is within bounds")

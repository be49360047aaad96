"""Finds the categories of a shop by their names, and says what is in each: as an index of its own.

A category is there while it has, itself or below it, a product that whoever asks sees. In a shop with more sets of
categories than are counted, those of the rarest sets alone are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sinks.freshness import Freshness
from sinks.search import category_words
from sinks.search.category_labels import CategoryLabels
from sinks.search.category_tree import CategoryTree
from sinks.search.product_query import ProductQuery
from sinks.search.search_languages import choose

#: More than can be counted.
EVERY_CATEGORY: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCategory:
    """`path`: the names from the top, the last is its own. `products`: how many are in it or below it."""

    id: UUID
    name: str
    slug: str | None
    locale: str
    path: tuple[str, ...]
    products: int


@dataclass(frozen=True, slots=True)
class FoundCategories:
    total: int
    hits: tuple[FoundCategory, ...]
    freshness: Freshness


def counting(query: ProductQuery) -> dict[str, Any]:
    """What of the query is different where the products of every category are counted."""
    return {"text": "", "facets": frozenset({"category"}), "facet_size": EVERY_CATEGORY, "per_page": 0, "offset": 0}


def request(query: ProductQuery, counts: Mapping[str, int]) -> dict[str, Any]:
    """The body of the search. `counts`: of those that may be found, the fullest first: the order where no words are."""
    ids = list(counts)
    if query.text.strip():
        body = category_words.request_typed(query.tenant_id, query.text, query.locales, query.per_page)
        body["query"]["bool"]["filter"].append({"ids": {"values": ids}})
        body["from"] = query.first
    else:
        page = ids[query.first : query.first + query.per_page]
        body = category_words.request_these(query.tenant_id, page)
    return {**body, "_source": ["names", "slugs"], "track_total_hits": True}


def read(
    answer: Mapping[str, Any], query: ProductQuery, counts: Mapping[str, int], tree: CategoryTree, fresh: Freshness
) -> FoundCategories:
    hits = answer["hits"]["hits"]
    total = answer["hits"]["total"]["value"]
    if not query.text.strip():
        place = {id_: n for n, id_ in enumerate(counts)}
        hits, total = sorted(hits, key=lambda hit: place[hit["_id"]]), len(counts)
    labels = CategoryLabels(tree, query.locales)
    return FoundCategories(total, tuple(_found(hit, query.locales, counts, labels) for hit in hits), fresh)


def _found(
    hit: Mapping[str, Any], locales: Sequence[str], counts: Mapping[str, int], labels: CategoryLabels
) -> FoundCategory:
    locale, name = choose(hit["_source"]["names"], locales)
    return FoundCategory(
        id=UUID(hit["_id"]),
        name=name,
        slug=hit["_source"].get("slugs", {}).get(locale),
        locale=locale,
        path=labels.path(hit["_id"]),
        products=counts[hit["_id"]],
    )

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


def found(query: ProductQuery, counts: Mapping[str, int], tree: CategoryTree, fresh: Freshness) -> FoundCategories:
    """`counts`: of those that may be found, the fullest first: the order where no words are."""
    ids: Sequence[str] = list(counts)
    if query.text.strip():
        ids = [id_ for id_ in category_words.called(query.text, query.locales, tree) if id_ in counts]
    labels = CategoryLabels(tree, query.locales)
    shown = ids[query.first : query.first + query.per_page]
    return FoundCategories(
        len(ids), tuple(_found(id_, query.locales, counts[id_], labels, tree) for id_ in shown), fresh
    )


def _found(
    id_: str, locales: Sequence[str], products: int, labels: CategoryLabels, tree: CategoryTree
) -> FoundCategory:
    locale, name = choose(tree.names[id_], locales)
    return FoundCategory(
        id=UUID(id_),
        name=name,
        slug=tree.slugs[id_].get(locale),
        locale=locale,
        path=labels.path(id_),
        products=products,
    )

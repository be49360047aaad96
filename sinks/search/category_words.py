"""Finds the categories whose names have the words of a query: their products have these words, too.

A product has the words of its categories and of all their ancestors, in the language that is searched; of a category
without a name in it, those of its other names, for that is what the visitor is shown. A name is looked up when somebody
searches and not written into products: a rename is one document, seen with it, in a shop of any size. Words of
categories are taken as they are, without forgiving typos: one letter off would bring a whole shelf of something else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sinks.search import category_tree
from sinks.search.search_languages import language_of

#: Of a query; what is longer is no name of a shelf.
_MOST_WORDS: Final = 16
#: The best ones; a word that more categories have says little about any.
_MOST_CATEGORIES: Final = 200


@dataclass(frozen=True, slots=True)
class CategoryWord:
    """A word of the query, and the categories that are named with it."""

    word: str
    category_ids: tuple[str, ...]


def words_of(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.split()))


def request(tenant_id: UUID, text: str, locale: str) -> dict[str, Any]:
    """The body of the search among categories, which also asks how new they are."""
    words, language = words_of(text), language_of(locale)
    if not 0 < len(words) <= _MOST_WORDS:
        return {"size": 0, "track_total_hits": False, "aggs": category_tree.newest(tenant_id)}
    named = [{"bool": {"should": _named(word, language), "_name": str(n)}} for n, word in enumerate(words)]
    always = [{"term": {"tenant_id": str(tenant_id)}}, {"term": {"shown": True}}]
    return {
        "query": {"bool": {"filter": always, "should": named, "minimum_should_match": 1}},
        "_source": False,
        "size": _MOST_CATEGORIES,
        "track_total_hits": False,
        "aggs": category_tree.newest(tenant_id),
    }


def found(text: str, hits: Sequence[Mapping[str, Any]]) -> tuple[CategoryWord, ...]:
    """All words of the query with what was found for each; nothing when none of them names a category."""
    ids: dict[str, list[str]] = {}
    for hit in hits:
        for name in hit["matched_queries"]:
            ids.setdefault(name, []).append(hit["_id"])
    if not ids:
        return ()
    return tuple(CategoryWord(word, tuple(ids.get(str(n), ()))) for n, word in enumerate(words_of(text)))


def _named(word: str, language: str) -> list[dict[str, Any]]:
    match = {"query": word, "operator": "and"}
    otherwise = {"must_not": {"term": {"languages": language}}, "must": {"multi_match": match | {"fields": ["name.*"]}}}
    return [{"match": {f"name.{language}": match}}, {"bool": otherwise}]

"""Finds the categories whose names have the words of a query: their products have these words, too.

A product has the words of its categories and of all their ancestors, in the language that is searched; of a category
without a name in it, those of the next language that the visitor understands. A name is looked up when somebody
searches and not written into products: a rename is one document, seen with it, in a shop of any size. Words of
categories are taken as they are, without forgiving typos: one letter off would bring a whole shelf of something else.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sinks.search import category_tree
from sinks.search.search_languages import in_any_of, languages_of
from sinks.search.shown_filter import shown_in
from sinks.search.words.asked_words import AskedWord, asked_words

#: Of a query; what is longer is no name of a shelf.
_MOST_WORDS: Final = 16
#: The best ones; a word that more categories have says little about any.
_MOST_CATEGORIES: Final = 200


def request(tenant_id: UUID, text: str, locales: Sequence[str]) -> dict[str, Any]:
    """The body of the search among categories, which also asks how new they are."""
    languages = languages_of(locales)
    read = {language: asked_words(text, language) for language in languages}
    count = len(read[languages[0]])
    if not 0 < count <= _MOST_WORDS:
        return {"size": 0, "track_total_hits": False, "aggs": category_tree.newest(tenant_id)}
    named = []
    for n in range(count):
        ways = [way for m, one in enumerate(languages) for way in _named(read[one][n : n + 1], one, languages[:m])]
        named.append({"bool": {"should": ways, "_name": str(n)}})
    return {
        "query": {"bool": {"filter": shown_in(tenant_id), "should": named, "minimum_should_match": 1}},
        "_source": False,
        "size": _MOST_CATEGORIES,
        "track_total_hits": False,
        "aggs": category_tree.newest(tenant_id),
    }


def request_typed(tenant_id: UUID, text: str, locales: Sequence[str], size: int) -> dict[str, Any]:
    """The body of a search for categories with all words of the text in their names; the last may go on."""
    languages = languages_of(locales)
    ways: list[dict[str, Any]] = []
    for n, language in enumerate(languages):
        every = [_named_typed(one, language) for one in asked_words(text, language) if not one.little]
        if every:
            ways.append({"bool": {"must": every, "must_not": in_any_of(languages[:n])}})
    return {
        "query": {
            "bool": {"filter": shown_in(tenant_id), "should": ways or [{"match_none": {}}], "minimum_should_match": 1}
        },
        "_source": ["names", "path"],
        "sort": [{"_score": "desc"}, {"position": "asc"}, {"_id": "asc"}],
        "size": size,
        "track_total_hits": False,
    }


def request_these(tenant_id: UUID, ids: Sequence[str]) -> dict[str, Any]:
    """The body of a search for categories by their ids."""
    return {
        "query": {"bool": {"filter": [*shown_in(tenant_id), {"ids": {"values": list(ids)}}]}},
        "size": len(ids),
    }


def _named_typed(one: AskedWord, language: str) -> dict[str, Any]:
    field = f"name.{language}"
    forms = list(dict.fromkeys((one.exact, one.stem, *one.wholes)))
    ways: list[dict[str, Any]] = [{"terms": {field: forms, "boost": 2}}]
    if one.begun and not one.dense:
        ways.append({"prefix": {field: {"value": one.exact}}})
    return {"dis_max": {"queries": ways}}


def found(hits: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], ...]:
    """By the place of a word in the query, the ids of the categories that have it in their names, in order of ids."""
    ids: dict[int, list[str]] = {}
    for hit in hits:
        for name in hit["matched_queries"]:
            ids.setdefault(int(name), []).append(hit["_id"])
    return tuple(tuple(sorted(ids.get(n, ()))) for n in range(max(ids, default=-1) + 1))


def _named(asked: Sequence[AskedWord], language: str, before: Sequence[str]) -> list[dict[str, Any]]:
    """A category that has a name in a language before has no other."""
    ways = []
    for one in asked:
        forms = list(dict.fromkeys((one.exact, one.stem, *one.wholes)))
        has = [{"terms": {f"name.{language}": forms}}]
        ways.append({"bool": {"filter": has, "must_not": in_any_of(before)}})
    return ways

"""Writes found categories, and what others searched for, as records of their indexes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.instantsearch.answers.highlights import Looked, highlighted, looked_for, snippets, with_marks
from api.instantsearch.answers.hit_answers import retrieved
from api.instantsearch.asked.asked_search import AskedSearch
from sinks.analytics.often_asked import AskedOften
from sinks.search.category_labels import BETWEEN
from sinks.search.found_categories import FoundCategory
from sinks.search.words.typed_values import begun_in, typed_words


def category_hits(asked: AskedSearch, found: Sequence[FoundCategory]) -> list[dict[str, Any]]:
    return [_category(asked, one, looked_for(asked.text, one.locale, loosely=True)) for one in found]


def query_hits(asked: AskedSearch, found: Sequence[AskedOften]) -> list[dict[str, Any]]:
    """The query itself is the record's id."""
    return [dict(_query(asked, one)) for one in found]


def _category(asked: AskedSearch, one: FoundCategory, looked: Looked) -> dict[str, Any]:
    record = {
        "name": one.name,
        "path": BETWEEN.join(one.path),
        "level": len(one.path) - 1,
        "slug": one.slug,
        "products": one.products,
        "locale": one.locale,
    }
    texts = {name: record[name] for name in ("name", "path")}
    told = {"objectID": str(one.id), **retrieved(record, asked.retrieved)}
    told["_highlightResult"] = highlighted(texts, looked, asked.marks)
    if asked.marks.snippets:
        told["_snippetResult"] = snippets(texts, looked, asked.marks)
    return told


def _query(asked: AskedSearch, one: AskedOften) -> Iterator[tuple[str, Any]]:
    record = {"query": one.text, "popularity": one.times, "nb_words": len(one.text.split())}
    yield "objectID", one.text
    yield from retrieved(record, asked.retrieved).items()
    marks = asked.marks
    if marks.attributes is None or "query" in marks.attributes:
        yield "_highlightResult", {"query": _marked(asked, one.text)}
    else:
        yield "_highlightResult", {}
    if marks.snippets.keys() & {"query", "*"}:
        told = _marked(asked, one.text)
        yield "_snippetResult", {"query": {name: told[name] for name in ("value", "matchLevel")}}


def _marked(asked: AskedSearch, text: str) -> Mapping[str, Any]:
    """All typed words are in it, each as a beginning."""
    words = typed_words(asked.text)
    spans = begun_in(text, words) or []
    told: dict[str, Any] = {
        "value": with_marks(text, spans, asked.marks),
        "matchLevel": "full" if words else "none",
        "matchedWords": words,
    }
    if words:
        told["fullyHighlighted"] = spans == [(0, len(text))]
    return told

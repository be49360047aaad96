"""Marks the words of a query in texts, with the marks that the client chose; what is between them is the text as it is.

The client makes HTML of it, and escapes it before: nothing is escaped here, else it would be twice.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from api.instantsearch.asked.asked_search import Marks
from sinks.search.search_languages import language_of
from sinks.search.words.asked_words import AskedWord, asked_words
from sinks.search.words.marked_text import Marker

_WORD: Final = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked for in the texts of a hit, in the hit's language: all words, and each by itself."""

    words: Sequence[AskedWord]
    marker: Marker
    alone: Sequence[Marker]

    def spans(self, text: str) -> list[tuple[int, int]]:
        return self.marker.spans(text)


def looked_for(text: str, locale: str, *, loosely: bool) -> Looked:
    """`loosely`: give or take a typo."""
    language = language_of(locale)
    words = asked_words(text, language)
    alone = tuple(Marker((one,), language, loosely=loosely) for one in words)
    return Looked(words, Marker(words, language, loosely=loosely), alone)


def highlighted(texts: Mapping[str, Any], looked: Looked, marks: Marks) -> dict[str, Any]:
    """Each of these attributes, whether anything is found in it or not; of a list, each of it."""
    wanted = texts if marks.attributes is None else [name for name in marks.attributes if name in texts]
    return {name: _each(texts[name], partial(_highlight, looked, marks)) for name in wanted}


def snippets(texts: Mapping[str, Any], looked: Looked, marks: Marks) -> dict[str, Any]:
    """So many words around the first that is found, or from the beginning."""
    sizes = {name: size for name, size in marks.snippets.items() if name in texts}
    if "*" in marks.snippets:
        sizes = dict.fromkeys(texts, marks.snippets["*"]) | sizes
    return {name: _each(texts[name], partial(_snippet, size, looked, marks)) for name, size in sizes.items()}


def with_marks(text: str, spans: Sequence[tuple[int, int]], marks: Marks) -> str:
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], marks.before, text[start:end], marks.behind]
        at = end
    return "".join([*parts, text[at:]])


def _each(value: Any, mark: Callable[[str], Any]) -> Any:
    return [mark(one) for one in value] if isinstance(value, list | tuple) else mark(value or "")


def _highlight(looked: Looked, marks: Marks, text: str) -> dict[str, Any]:
    spans = looked.spans(text)
    words = _found_words([text[start:end] for start, end in spans], looked)
    told: dict[str, Any] = {
        "value": with_marks(text, spans, marks),
        "matchLevel": _level(words, looked),
        "matchedWords": words,
    }
    if spans:
        told["fullyHighlighted"] = len(spans) == 1 and spans[0] == (0, len(text))
    return told


def _snippet(size: int, looked: Looked, marks: Marks, text: str) -> dict[str, Any]:
    spans, places = looked.spans(text), [found.span() for found in _WORD.finditer(text)]
    first = next((n for n, (_, end) in enumerate(places) if spans and end > spans[0][0]), 0)
    begin = max(0, min(first - size // 3, len(places) - size))
    kept = places[begin : begin + size]
    start, end = (kept[0][0], kept[-1][1]) if kept else (0, 0)
    inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if b > start and a < end]
    value = with_marks(text[start:end], inside, marks)
    before, behind = marks.ellipsis if begin else "", marks.ellipsis if begin + size < len(places) else ""
    words = _found_words([text[a:b] for a, b in spans], looked)
    return {"value": f"{before}{value}{behind}", "matchLevel": _level(words, looked)}


def _found_words(found: Sequence[str], looked: Looked) -> list[str]:
    """Those of the query, as they were read."""
    return [
        one.exact
        for one, marker in zip(looked.words, looked.alone, strict=True)
        if any(marker.spans(text) for text in found)
    ]


def _level(words: Sequence[str], looked: Looked) -> str:
    if not words:
        return "none"
    return "full" if len(words) >= sum(not one.little for one in looked.words) else "partial"

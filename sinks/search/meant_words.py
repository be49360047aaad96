"""Says what a query may have meant that nothing has word by word, in words of products that its asker sees.

All words come from one product that the forgiving search found: so asking for them finds it, and no word of a draft, of
another shop or of what is hidden is ever told. OpenSearch's own suggesters look at the words of the whole index.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sinks.search.search_languages import language_of, languages_of
from sinks.search.words.asked_words import AskedWord, asked_words
from sinks.search.words.compound_parts import parts_of_compound
from sinks.search.words.near_words import edits_of, within
from sinks.search.words.split_text import Piece, groups
from sinks.search.words.word_stems import word

#: Products that are looked at, the best first.
_MOST: Final = 10
#: Fields of words as they are written, without accents; the first is the best place.
_WORDS: Final = ("title_words", "words")
#: Where a word of the query may be found as it is.
_FOUND: Final = (*_WORDS, "title", "stems", "description", "also", "parts")
#: What is asked of the found products.
BEST: Final[Mapping[str, Any]] = {
    "best": {"top_hits": {"size": _MOST, "_source": ["languages", "texts", "code_words", *_FOUND]}}
}


@dataclass(frozen=True, slots=True)
class DidYouMean:
    """`highlight` is `q` as HTML, with what is different in `<em>`."""

    q: str
    highlight: str


def did_you_mean(
    text: str, locales: Sequence[str], found: Mapping[str, Any], stop_words: Mapping[str, frozenset[str]]
) -> DidYouMean | None:
    """`found` is what was answered to `BEST`. None: no product has all the words, give or take a typo."""
    pieces = [piece for group in groups(text) for piece in group.pieces]
    for hit in found["best"]["hits"]["hits"]:
        source = hit["_source"]
        language = next((one for one in languages_of(locales) if one in source["languages"]), None)
        if language is None:
            continue
        asked = asked_words(text, language, stop_words.get(language, frozenset()))
        meant = _meant(asked, source, language)
        if meant is not None and len(asked) == len(pieces) and any(meant):
            return _written(text, pieces, meant)
    return None


def _meant(asked: Sequence[AskedWord], source: Mapping[str, Any], language: str) -> list[str | None] | None:
    """For each word the other one that is meant, None where it is itself; no list where one is not to be had."""
    has = {one for name in _FOUND for one in _in(source, name, language)} | set(source["code_words"].split())
    shown = _shown(source["texts"], language)
    known = dict.fromkeys([*(one for name in _WORDS for one in _in(source, name, language)), *shown])
    meant: list[str | None] = []
    for one in asked:
        if one.little or not has.isdisjoint({one.exact, one.stem, *one.wholes}):
            meant.append(None)
            continue
        if any({first.stem, last.stem} <= has for first, last in one.halves):
            return None
        nearest = min(_near(one, known), default=None)
        if nearest is None:
            return None
        meant.append(shown.get(nearest[2], nearest[2]))
    return meant


def _near(one: AskedWord, known: Mapping[str, None]) -> Iterator[tuple[int, int, str]]:
    """By how far it is, then by its place."""
    if not one.is_plain:
        return
    for place, other in enumerate(known):
        for edits in range(1, edits_of(one.exact) + 1):
            if other[:1] == one.exact[:1] and within(other, one.exact, edits):
                yield edits, place, other
                break
        else:
            if one.begun and len(one.exact) > 1 and other.startswith(one.exact):
                yield edits_of(one.exact) + 1, place, other


def _in(source: Mapping[str, Any], name: str, language: str) -> Sequence[str]:
    words: str = source.get(name, {}).get(language, "")  # an index of the version before may be read yet
    return words.split()


def _shown(texts: Mapping[str, Mapping[str, str | None]], language: str) -> dict[str, str]:
    """By a word without accents, or a part of one: as it stands in the texts, in small letters."""
    found: dict[str, str] = {}
    for locale, text in texts.items():
        if language_of(locale) == language:
            for line in (text["title"], text["subtitle"]):
                for group in groups(line or ""):
                    for one in group.pieces:
                        for part in parts_of_compound(one.text, language):
                            found.setdefault(word(part.text, language).exact, part.text)
                        found[word(one.text, language).exact] = one.text.lower()
    return found


def _written(text: str, pieces: Sequence[Piece], meant: Sequence[str | None]) -> DidYouMean:
    plain, marked, at = "", "", 0
    for piece, other in zip(pieces, meant, strict=True):
        if other is not None:
            before = text[at : piece.start]
            plain += before + other
            marked += f"{html.escape(before)}<em>{html.escape(other)}</em>"
            at = piece.end
    return DidYouMean(plain + text[at:], marked + html.escape(text[at:]))

"""Puts the words of a query to the documents' fields: strictly, or forgiving more and more.

A product is searched in the first of the languages that it has; what it has in none of them is not found by words.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from schemas.article_codes import normal_barcode, written_code
from sinks.search.clause_limit import fits
from sinks.search.query_parts import Part, parts_of
from sinks.search.search_languages import COMPOUNDED, in_any_of
from sinks.search.words.asked_words import AskedWord, asked_words
from sinks.search.words.near_words import edits_of
from sinks.search.words.own_words import NO_WORDS, OwnWords, Phrase
from sinks.search.words.spaceless_words import characters_of
from sinks.search.words.word_stems import Word

#: What a word says that stands there.
_BOOSTS: Final[Mapping[str, float]] = {"title_words": 6, "title": 4, "words": 3, "stems": 2, "description": 1}
#: Where a word may stand with its neighbours as one.
_TOGETHER: Final[Mapping[str, float]] = {"title_words": 5, "words": 3, "also": 3}
#: Of a word that is a part of a compound: less than it says anywhere by itself.
_IN_COMPOUND: Final = 0.8
#: Where the parts of a compound may stand apart, by their stems.
_APART: Final = ("title", "stems", "parts")
#: Of the ways to read a compound, so many are asked for.
_MOST_HALVES: Final = 2
#: Languages that write several words as one.
_COMPOUNDING: Final = frozenset({"de", "nl", "sv", "da", "no", "fi", "et", "hu"})
_SHORTEST_BEGINNING: Final = 2
_SHORTEST_PART: Final = 4
#: What was typed comes before its synonyms, by more than how rare these are; and they say less.
TYPED_FIRST: Final = 12
_SYNONYM: Final = 0.5
#: Of every other way that a word is found.
TIE_BREAKER: Final = 0.1


class Match(StrEnum):
    """How much of a query a product must have. What forgives more is asked only when nothing was found before."""

    #: Every word, in one of its forms.
    ALL = "all"
    #: The same while somebody is typing: the last word may go on.
    TYPED = "typed"
    #: Every word, give or take a typo; the beginning of a word, a part of a compound, or its characters.
    LOOSE = "loose"
    #: At least half of the words.
    SOME = "some"


ORDER: Final = (Match.ALL, Match.LOOSE, Match.SOME)


def words_clause(
    text: str,
    languages: Sequence[str],
    match: Match,
    categories: Sequence[Mapping[str, Any] | None] = (),
    own: Callable[[str], OwnWords] = lambda language: NO_WORDS,
) -> dict[str, Any]:
    """A query clause; everything matches a text of spaces. `categories`: a clause for each word of the first language
    that names some. `own`: what the shop says of words, by language. Of a query that is too long for all languages
    only the first are searched, and of one that is too long with its synonyms only what was typed.
    """
    if not text.strip():
        return {"match_all": {}}
    for searched in range(len(languages), 0, -1):
        clause = _in_all(text, languages[:searched], match, categories, own)
        if fits(clause):
            return clause
    clause = _in_all(text, languages[:1], match, categories, lambda language: NO_WORDS)
    fits(clause)
    return clause


def _in_all(
    text: str,
    languages: Sequence[str],
    match: Match,
    categories: Sequence[Mapping[str, Any] | None],
    own: Callable[[str], OwnWords],
) -> dict[str, Any]:
    tried: list[dict[str, Any]] = [code_clause(text)]
    for n, language in enumerate(languages):
        asked = asked_words(text, language, own(language).stop_words)
        if asked:
            parts = parts_of(asked, own(language))
            found = _in_language(asked, parts, language, match, categories if n == 0 else ())
            tried.append(_first_of_its(languages, n, found))
    return {"dis_max": {"queries": tried}}


def _first_of_its(languages: Sequence[str], n: int, clause: dict[str, Any]) -> dict[str, Any]:
    """Only of those documents that have none of the languages before."""
    return {"bool": {"must": [clause], "must_not": in_any_of(languages[:n])}} if n else clause


def _in_language(
    asked: Sequence[AskedWord],
    parts: Sequence[Part],
    language: str,
    match: Match,
    categories: Sequence[Mapping[str, Any] | None],
) -> dict[str, Any]:
    named = [*categories, *[None] * len(asked)]
    needed, helpful = _needed_and_helpful(parts, language, match, named)
    if len(asked) > 1:
        helpful.append(phrase_clause(asked, language))
    if match is Match.SOME and len(needed) > 1:
        some = {"bool": {"should": needed, "minimum_should_match": (len(needed) + 1) // 2}}
        return {"bool": {"must": [some], "should": helpful}}
    return {"bool": {"must": needed, "should": helpful}}


def phrase_clause(asked: Sequence[AskedWord], language: str) -> dict[str, Any]:
    """All words of the query, in their order in a title."""
    phrase = " ".join(one.exact for one in asked)
    return {"match_phrase": {f"title_words.{language}": {"query": phrase, "boost": 4}}}


def _needed_and_helpful(
    parts: Sequence[Part], language: str, match: Match, named: Sequence[Mapping[str, Any] | None]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    needed: list[dict[str, Any]] = []
    helpful: list[dict[str, Any]] = []
    for part in parts:
        (helpful if part.little else needed).append(part_clause(part, language, match, named))
    return needed, helpful


def part_clause(part: Part, language: str, match: Match, named: Sequence[Mapping[str, Any] | None]) -> dict[str, Any]:
    """A synonym says as much as what was typed; where both are found at such a place, what was typed comes first."""
    if part.inner:
        needed, helpful = _needed_and_helpful(part.inner, language, match, named)
        typed: dict[str, Any] = {"bool": {"must": needed, "should": helpful}}
    else:
        typed = _word(part.words[0], language, match, named[part.at])
    if not part.others:
        return typed
    first = {"bool": {"must": [typed, {"match_all": {"boost": TYPED_FIRST}}]}}
    return {"dis_max": {"queries": [first, *(synonym_clause(phrase, language) for phrase in part.others)]}}


def synonym_clause(phrase: Phrase, language: str) -> dict[str, Any]:
    """All of its words, and without forgiving typos."""
    must = [_word(one, language, Match.ALL, None) for one in phrase if not one.little]
    return {"bool": {"must": must, "boost": _SYNONYM / len(must)}}


def _word(one: AskedWord, language: str, match: Match, category: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"dis_max": {"queries": ways_of(one, language, match, category), "tie_breaker": TIE_BREAKER}}


def ways_of(one: AskedWord, language: str, match: Match, category: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """How a word is found: the best counts, and of each other a tenth."""
    ways: list[Mapping[str, Any]] = [
        _term(f"{field}.{language}", one.exact if "words" in field else one.stem, boost)
        for field, boost in _BOOSTS.items()
    ]
    if one.stem != one.exact:
        ways.append(_term(f"description.{language}", one.exact, 1))
    ways.append(_term(f"also.{language}", one.exact, 3))
    ways += [_term(f"{field}.{language}", whole, boost) for whole in one.wholes for field, boost in _TOGETHER.items()]
    if language in COMPOUNDED and not one.dense:
        ways += [_term(f"parts.{language}", value, _IN_COMPOUND) for value in dict.fromkeys((one.exact, one.stem))]
    ways += [_term("code_words", code, 4) for code in (one.exact, *one.wholes)]
    if one.latin is not None:
        ways += [_term(f"{field}.{language}", one.latin, 2) for field in ("title_words", "words", "also")]
    if one.barcode is not None:
        ways.append(_term("barcodes", one.barcode, 20))
    if category is not None:
        ways.append(category)
    if match is Match.TYPED and one.may_go_on:
        names = (f"title_words.{language}", f"words.{language}", f"also.{language}", "code_words")
        ways += [{"prefix": {name: {"value": one.exact, "boost": 2}}} for name in names]
        if language in COMPOUNDED:
            ways.append({"prefix": {f"parts.{language}": {"value": one.exact, "boost": 0.5}}})
    if match is Match.TYPED:
        fields = (f"title_words.{language}", f"words.{language}")
        ways += [{"prefix": {field: {"value": tail, "boost": 2}}} for tail in one.tails for field in fields]
    if match in (Match.LOOSE, Match.SOME):
        ways += _loosely(one, language)
    return ways


def _loosely(one: AskedWord, language: str) -> list[dict[str, Any]]:
    ways: list[dict[str, Any]] = []
    for field in ("title_words", "words"):
        name = f"{field}.{language}"
        if one.is_plain and edits_of(one.exact):
            ways.append(_typo(name, one, 0.5))
        if len(one.exact) >= _SHORTEST_BEGINNING and not one.dense:
            ways.append({"prefix": {name: {"value": one.exact, "boost": 0.4 if one.begun else 0.2}}})
        if language in _COMPOUNDING and one.is_plain and len(one.exact) >= _SHORTEST_PART:
            ways.append({"wildcard": {name: {"value": f"*{one.exact}*", "boost": 0.2}}})
    if language in COMPOUNDED:
        if one.is_plain and edits_of(one.exact):
            ways.append(_typo(f"parts.{language}", one, 0.3))
        ways += [_apart(halves, language) for halves in one.halves[:_MOST_HALVES]]
    if one.spaceless:
        signs = " ".join(characters_of(one.exact))
        ways.append({"match": {f"characters.{language}": {"query": signs, "operator": "and", "boost": 0.2}}})
    if not one.dense and len(one.exact) >= _SHORTEST_BEGINNING:
        ways.append({"prefix": {"code_words": {"value": one.exact, "boost": 0.3}}})
    return ways


def _typo(name: str, one: AskedWord, boost: float) -> dict[str, Any]:
    told = {"value": one.exact, "fuzziness": edits_of(one.exact), "prefix_length": 1, "boost": boost}
    return {"fuzzy": {name: told}}


def _apart(halves: tuple[Word, Word], language: str) -> dict[str, Any]:
    """Both words of a compound, each by itself or in another compound: *Holzbrett* is a *Schneidebrett aus Holz*."""
    must = [
        {"dis_max": {"queries": [_term(f"{field}.{language}", one.stem, 0.2) for field in _APART]}} for one in halves
    ]
    return {"bool": {"must": must}}


def code_clause(text: str) -> dict[str, Any]:
    """The whole query is a SKU or a barcode, in any case."""
    code = written_code(text)
    ways = [("skus", code), *(("barcodes", one) for one in dict.fromkeys((code, normal_barcode(code))))]
    should = [{"term": {field: {"value": value, "case_insensitive": True, "boost": 20}}} for field, value in ways]
    return {"bool": {"should": should, "minimum_should_match": 1}}


def _term(field: str, value: str, boost: float) -> dict[str, Any]:
    return {"term": {field: {"value": value, "boost": boost}}}

"""Puts the words of a query to the documents' fields: strictly, or forgiving more and more.

A product is searched in the first of the languages that it has; what it has in none of them is not found by words.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from schemas.article_codes import normal_barcode, written_code
from sinks.search.search_languages import in_any_of
from sinks.search.words.asked_words import AskedWord, asked_words
from sinks.search.words.near_words import edits_of

#: What a word says that stands there.
_BOOSTS: Final[Mapping[str, float]] = {"title_words": 6, "title": 4, "words": 3, "stems": 2, "description": 1}
#: Where a word may stand with its neighbours as one.
_TOGETHER: Final[Mapping[str, float]] = {"title_words": 5, "words": 3, "also": 3}
#: Languages that write several words as one.
_COMPOUNDING: Final = frozenset({"de", "nl", "sv", "da", "no", "fi", "et", "hu"})
_SHORTEST_BEGINNING: Final = 2
_SHORTEST_PART: Final = 4
_MOST_EXPANSIONS: Final = 50


class Match(StrEnum):
    """How much of a query a product must have. What forgives more is asked only when nothing was found before."""

    #: Every word, in one of its forms.
    ALL = "all"
    #: The same while somebody is typing: the last word may go on.
    TYPED = "typed"
    #: Every word, give or take a typo; the beginning of a word, or a part of a compound.
    LOOSE = "loose"
    #: At least half of the words.
    SOME = "some"


ORDER: Final = (Match.ALL, Match.LOOSE, Match.SOME)


def words_clause(
    text: str, languages: Sequence[str], match: Match, categories: Sequence[Mapping[str, Any] | None] = ()
) -> dict[str, Any]:
    """A query clause; everything matches a text of spaces. `categories`: a clause for each word of the first language
    that names some.
    """
    if not text.strip():
        return {"match_all": {}}
    tried: list[dict[str, Any]] = [_code(text)]
    for n, language in enumerate(languages):
        asked = asked_words(text, language)
        if asked:
            found = _in_language(asked, language, match, categories if n == 0 else ())
            tried.append(_first_of_its(languages, n, found))
    return {"dis_max": {"queries": tried}}


def _first_of_its(languages: Sequence[str], n: int, clause: dict[str, Any]) -> dict[str, Any]:
    """Only of those documents that have none of the languages before."""
    return {"bool": {"must": [clause], "must_not": in_any_of(languages[:n])}} if n else clause


def _in_language(
    asked: Sequence[AskedWord], language: str, match: Match, categories: Sequence[Mapping[str, Any] | None]
) -> dict[str, Any]:
    named = [*categories, *[None] * len(asked)]
    clauses = [_word(one, language, match, named[n]) for n, one in enumerate(asked)]
    needed = [clause for clause, one in zip(clauses, asked, strict=True) if not one.little]
    helpful = [clause for clause, one in zip(clauses, asked, strict=True) if one.little]
    if len(asked) > 1:
        phrase = " ".join(one.exact for one in asked)
        helpful.append({"match_phrase": {f"title_words.{language}": {"query": phrase, "boost": 4}}})
    if match is Match.SOME and len(needed) > 1:
        some = {"bool": {"should": needed, "minimum_should_match": (len(needed) + 1) // 2}}
        return {"bool": {"must": [some], "should": helpful}}
    return {"bool": {"must": needed, "should": helpful}}


def _word(one: AskedWord, language: str, match: Match, category: Mapping[str, Any] | None) -> dict[str, Any]:
    ways: list[Mapping[str, Any]] = [
        _term(f"{field}.{language}", one.exact if "words" in field else one.stem, boost)
        for field, boost in _BOOSTS.items()
    ]
    if one.stem != one.exact:
        ways.append(_term(f"description.{language}", one.exact, 1))
    ways.append(_term(f"also.{language}", one.exact, 3))
    ways += [_term(f"{field}.{language}", whole, boost) for whole in one.wholes for field, boost in _TOGETHER.items()]
    ways += [_term("code_words", code, 4) for code in (one.exact, *one.wholes)]
    if one.latin is not None:
        ways += [_term(f"{field}.{language}", one.latin, 2) for field in ("title_words", "words", "also")]
    if one.barcode is not None:
        ways.append(_term("barcodes", one.barcode, 20))
    if category is not None:
        ways.append(category)
    if match is Match.TYPED and one.begun and not one.dense:
        names = (f"title_words.{language}", f"words.{language}", f"also.{language}", "code_words")
        ways += [{"prefix": {name: {"value": one.exact, "boost": 2}}} for name in names]
    if match in (Match.LOOSE, Match.SOME):
        ways += _loosely(one, language)
    return {"dis_max": {"queries": ways, "tie_breaker": 0.1}}


def _loosely(one: AskedWord, language: str) -> list[dict[str, Any]]:
    ways: list[dict[str, Any]] = []
    for field in ("title_words", "words"):
        name = f"{field}.{language}"
        if one.is_plain and edits_of(one.exact):
            ways.append(
                {
                    "fuzzy": {
                        name: {
                            "value": one.exact,
                            "fuzziness": edits_of(one.exact),
                            "prefix_length": 1,
                            "max_expansions": _MOST_EXPANSIONS,
                            "boost": 0.5,
                        }
                    }
                }
            )
        if len(one.exact) >= _SHORTEST_BEGINNING and not one.dense:
            ways.append({"prefix": {name: {"value": one.exact, "boost": 0.4 if one.begun else 0.2}}})
        if language in _COMPOUNDING and one.is_plain and len(one.exact) >= _SHORTEST_PART:
            ways.append({"wildcard": {name: {"value": f"*{one.exact}*", "boost": 0.2}}})
    if not one.dense and len(one.exact) >= _SHORTEST_BEGINNING:
        ways.append({"prefix": {"code_words": {"value": one.exact, "boost": 0.3}}})
    return ways


def _code(text: str) -> dict[str, Any]:
    """The whole query is a SKU or a barcode, in any case."""
    code = written_code(text)
    ways = [("skus", code), *(("barcodes", one) for one in dict.fromkeys((code, normal_barcode(code))))]
    should = [{"term": {field: {"value": value, "case_insensitive": True, "boost": 20}}} for field, value in ways]
    return {"bool": {"should": should, "minimum_should_match": 1}}


def _term(field: str, value: str, boost: float) -> dict[str, Any]:
    return {"term": {field: {"value": value, "boost": boost}}}

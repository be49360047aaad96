"""Asks for what a score is made of: each way to find a word, each signal and each rule, as named clauses.

They stand beside the search for the same products, made by what makes the search itself, and add nothing to its score.
OpenSearch says of each hit which of them it meets, and with which score.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sinks.search.best_sellers import NOTHING_SOLD
from sinks.search.category_tree import CategoryTree
from sinks.search.clause_limit import expand, expansions
from sinks.search.merchandising import Merchandising, of_target
from sinks.search.product_query import ProductQuery
from sinks.search.product_request import category_clauses
from sinks.search.query_parts import Part, all_parts, parts_of
from sinks.search.query_words import own_words_of
from sinks.search.ranking_signals import SIGNALS, percent_of, says
from sinks.search.search_languages import languages_of
from sinks.search.word_clauses import (
    TYPED_FIRST,
    Match,
    code_clause,
    part_clause,
    phrase_clause,
    synonym_clause,
    ways_of,
)
from sinks.search.words.asked_words import AskedWord, asked_words

How = Literal[
    "exact", "stem", "joined", "latin", "code", "category", "phrase", "synonym", "typo", "beginning", "part",
    "typed_first",
]  # fmt: skip
Place = Literal["title", "facts", "description", "text", "sku", "barcode", "category"]

#: `facts` are subtitle, brand, tags, values of options, and attributes; `text` is any of the texts.
_PLACES: Final[Mapping[str, Place]] = {
    "title_words": "title",
    "title": "title",
    "words": "facts",
    "stems": "facts",
    "description": "description",
    "also": "text",
    "characters": "text",
    "parts": "text",
    "code_words": "sku",
    "barcodes": "barcode",
}
_FORGIVING: Final[Mapping[str, How]] = {"fuzzy": "typo", "prefix": "beginning", "wildcard": "part", "match": "part"}
#: Of one question: OpenSearch counts all clauses in it.
_MOST_CLAUSES: Final = 100


@dataclass(frozen=True, slots=True)
class ProbedWay:
    """One way to find what was typed. `place` is where; None where there are several."""

    name: str
    place: Place | None
    how: How
    word: str


@dataclass(frozen=True, slots=True)
class ProbedPart:
    """What was typed, one word or several that have synonyms together, and how it may be found."""

    name: str
    typed: str
    ways: tuple[ProbedWay, ...]


@dataclass(slots=True)
class Probes:
    """`clauses` by name; `parts` by language: their scores add up to that of the words."""

    clauses: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    parts: dict[str, tuple[ProbedPart, ...]] = field(default_factory=dict)

    def name(self, clause: Mapping[str, Any]) -> str:
        name = str(len(self.clauses))
        self.clauses[name] = clause
        return name

    def questions(self, body: Mapping[str, Any], ids: Sequence[str]) -> list[dict[str, Any]]:
        """The bodies of searches for these hits of the search, each asking for some of the clauses."""
        only = {"size": len(ids), "aggs": {}, "from": 0, "_source": ["languages"]}
        for clause in self.clauses.values():
            expand(clause, expansions(body["query"]))
        asked = [{"bool": {"must": [clause], "_name": name}} for name, clause in self.clauses.items()]
        made = []
        for start in range(0, max(1, len(asked)), _MOST_CLAUSES):
            beside = {"bool": {"should": [{"match_all": {}}, *asked[start : start + _MOST_CLAUSES]]}}
            found = {"bool": {"must": [body["query"]], "filter": [{"ids": {"values": list(ids)}}, beside]}}
            made.append({**body, **only, "query": found})
        return made


CODE: Final = "code"
SIGNAL: Final = "signal."
RULE: Final = "rule."


def probes_of(
    query: ProductQuery, match: Match, named: Sequence[Sequence[str]], tree: CategoryTree, said: Merchandising
) -> Probes:
    """As the search was asked that found the hits: see `product_request.request`."""
    made = Probes()
    if query.text.strip():
        made.clauses[CODE] = code_clause(query.text)
    own, categories = own_words_of(query), category_clauses(named, tree)
    for n, language in enumerate(languages_of(query.locales)):
        asked = asked_words(query.text, language, own(language).stop_words)
        shelves = [*(categories if n == 0 else ()), *[None] * len(asked)]
        parts = [_part(part, language, match, shelves, made) for part in parts_of(asked, own(language))]
        if len(asked) > 1:
            name, typed = made.name(phrase_clause(asked, language)), _written(asked)
            parts.append(ProbedPart(name, typed, (ProbedWay(name, "title", "phrase", typed),)))
        made.parts[language] = tuple(parts)
    if query.sort == "relevance":
        weights = query.settings.weights
        made.clauses |= {
            SIGNAL + one.name: says(one, query.settings.sold() if one.function is None else NOTHING_SOLD)
            for one in SIGNALS
            if percent_of(one, weights) > 0
        }
        made.clauses |= {
            f"{RULE}{n}": {"constant_score": {"filter": of_target(one, tree)}} for n, one in enumerate(said.weighed)
        }
    return made


def _part(
    part: Part, language: str, match: Match, categories: Sequence[Mapping[str, Any] | None], made: Probes
) -> ProbedPart:
    ways: list[ProbedWay] = []
    for one in all_parts([part]):
        if not one.inner:
            ways += _of_word(one.words[0], language, match, categories[one.at], made)
    for phrase in part.others:
        ways.append(ProbedWay(made.name(synonym_clause(phrase, language)), None, "synonym", _written(phrase)))
    typed, name = _written(part.words), made.name(part_clause(part, language, match, categories))
    if part.others:
        alone = Part(part.at, part.words, inner=part.inner)
        first = {"bool": {"filter": [part_clause(alone, language, match, categories)], "must": [_FIRST]}}
        ways.append(ProbedWay(made.name(first), None, "typed_first", typed))
    return ProbedPart(name, typed, tuple(ways))


_FIRST: Final = {"match_all": {"boost": TYPED_FIRST}}


def _of_word(
    one: AskedWord, language: str, match: Match, category: Mapping[str, Any] | None, made: Probes
) -> Iterator[ProbedWay]:
    for way in ways_of(one, language, match, category):
        name = made.name(way)
        if "constant_score" in way:
            yield ProbedWay(name, "category", "category", one.exact)
            continue
        if "bool" in way:
            yield ProbedWay(name, None, "part", one.exact)
            continue
        ((kind, told),) = way.items()
        ((path, asked),) = told.items()
        where, value = path.partition(".")[0], asked.get("value", one.exact)
        yield ProbedWay(name, _PLACES[where], _how(kind, where, value, one), value)


def _how(kind: str, where: str, value: str, one: AskedWord) -> How:
    if kind != "term":
        return _FORGIVING[kind]
    if where in ("code_words", "barcodes"):
        return "code"
    if where == "parts":
        return "part"
    if value == one.latin:
        return "latin"
    if where == "also" or value in one.wholes:
        return "joined"
    return "exact" if value == one.exact else "stem"


def _written(words: Sequence[AskedWord]) -> str:
    return " ".join(one.exact for one in words)

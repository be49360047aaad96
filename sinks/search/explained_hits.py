"""Says why a hit is where it is: what each typed word, each signal and each rule made of its score.

The score of a hit is `words` × `signals` × `rules`. `words` is the sum of its parts, or that of the whole query as a
code, whichever is more; `signals` is 1 + the sum of what each says × its percent / 100; `rules` is the product of the
percents of those that mean the product.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final
from uuid import UUID

from sinks.search.merchandising import Merchandising
from sinks.search.product_query import ProductQuery
from sinks.search.query_parts import all_parts, parts_of
from sinks.search.query_words import own_words_of
from sinks.search.ranking_signals import SIGNALS, percent_of
from sinks.search.score_probes import CODE, RULE, SIGNAL, How, Place, ProbedPart, Probes
from sinks.search.search_languages import languages_of
from sinks.search.words.asked_words import asked_words

#: What is asked along, so that OpenSearch says the scores of named clauses.
WITH_SCORES: Final[Mapping[str, str]] = {"include_named_queries_score": "true"}


@dataclass(frozen=True, slots=True)
class FoundWay:
    """Where and how the `word` was found, and the score of that alone."""

    place: Place | None
    how: How
    word: str
    score: float


@dataclass(frozen=True, slots=True)
class FoundPart:
    """`score` is what this part of the query adds. Of a word it is that of the best way and a tenth of each other."""

    typed: str
    score: float
    ways: tuple[FoundWay, ...]


@dataclass(frozen=True, slots=True)
class SaidSignal:
    """`says` is 0 to 1, and adds as many `percent` to the score."""

    name: str
    says: float
    percent: int


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """`percent` is what the score counts."""

    by: str
    value: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedHit:
    """`language` is the one that it was searched in; None: it has none of them. `code`: the score of the whole query as
    a SKU or a barcode. Where an order was chosen, or a rule pinned it, there is no score.
    """

    id: UUID
    language: str | None
    code: float | None
    parts: tuple[FoundPart, ...]
    words: float
    said: tuple[SaidSignal, ...]
    signals: float
    effects: tuple[RuleEffect, ...]
    rules: float
    score: float | None


@dataclass(frozen=True, slots=True)
class ReadWord:
    """`little`: it need not be there. `synonyms`: what else finds the same."""

    word: str
    stem: str
    little: bool
    synonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """What the query became in one language; words that have synonyms together are one."""

    language: str
    words: tuple[ReadWord, ...]


def read_queries(query: ProductQuery) -> tuple[ReadQuery, ...]:
    """By the languages that are searched, the first first."""
    own = own_words_of(query)
    made = []
    for language in languages_of(query.locales):
        asked = asked_words(query.text, language, own(language).stop_words)
        words = [
            ReadWord(
                word=" ".join(one.exact for one in part.words),
                stem=" ".join(one.stem for one in part.words),
                little=part.little,
                synonyms=tuple(" ".join(one.exact for one in phrase) for phrase in part.others),
            )
            for part in all_parts(parts_of(asked, own(language)))
        ]
        made.append(ReadQuery(language, tuple(words)))
    return tuple(made)


def explained_hits(
    query: ProductQuery, probes: Probes, said: Merchandising, answers: Sequence[Mapping[str, Any]]
) -> dict[UUID, ExplainedHit]:
    """By id, of the answers to the questions of the `probes`."""
    hits: dict[str, tuple[Mapping[str, Any], dict[str, float]]] = {}
    for answer in answers:
        for hit in answer["hits"]["hits"]:
            hits.setdefault(hit["_id"], (hit, {}))[1].update(hit.get("matched_queries", {}))
    return {UUID(id_): _explained(query, probes, said, hit, scores) for id_, (hit, scores) in hits.items()}


def _explained(
    query: ProductQuery, probes: Probes, said: Merchandising, hit: Mapping[str, Any], scores: Mapping[str, float]
) -> ExplainedHit:
    has = hit["_source"]["languages"]
    language = next((one for one in languages_of(query.locales) if one in has), None)
    parts = tuple(_part(one, scores) for one in probes.parts.get(language or "", ()) if one.name in scores)
    signals = tuple(
        SaidSignal(one.name, scores[SIGNAL + one.name], percent_of(one, query.settings.weights))
        for one in SIGNALS
        if SIGNAL + one.name in scores
    )
    effects = tuple(
        RuleEffect(one.by, one.value, one.percent) for n, one in enumerate(said.weighed) if f"{RULE}{n}" in scores
    )
    return ExplainedHit(
        id=UUID(hit["_id"]),
        language=language,
        code=scores.get(CODE),
        parts=parts,
        words=max(sum(one.score for one in parts), scores.get(CODE, 0.0)) if query.text.strip() else 1.0,
        said=signals,
        signals=1 + sum(one.says * one.percent / 100 for one in signals),
        effects=effects,
        rules=prod(one.percent / 100 for one in effects),
        score=hit.get("_score"),
    )


def _part(part: ProbedPart, scores: Mapping[str, float]) -> FoundPart:
    found = [FoundWay(way.place, way.how, way.word, scores[way.name]) for way in part.ways if way.name in scores]
    return FoundPart(part.typed, scores[part.name], tuple(sorted(found, key=lambda way: -way.score)))

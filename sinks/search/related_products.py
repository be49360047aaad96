"""Puts together what else somebody may like who looks at a product: what the shop names, and what is like it.

Alike is what is in one of its categories, or has half of the words of its title; tags and the brand count besides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sinks.freshness import Freshness
from sinks.search.category_tree import CategoryTree
from sinks.search.merchandising import Merchandising
from sinks.search.product_hits import ProductHit, shown_hit
from sinks.search.product_query import ProductQuery
from sinks.search.product_request import ranked, reachable, shown_of
from sinks.search.query_words import Markers, own_words_of
from sinks.search.search_languages import choose, languages_of
from sinks.search.word_clauses import Match, words_clause

#: What holds for whoever asks: where all categories are, and what the shop's rules come to.
Said = tuple[CategoryTree, Merchandising]
#: The hits of each of these searches for products of the shop.
Ask = Callable[[Sequence[Mapping[str, Any]]], list[list[Mapping[str, Any]]]]
Because = Literal["chosen", "alike"]

#: What it says to be in a category of the product, to have its tag, to be of its brand, to have words of its title: not
#: how rare they are, which other shops of the index would decide.
_CATEGORY: Final = 3.0
_TAG: Final = 1.0
_BRAND: Final = 1.0
_WORDS: Final = 2.0
#: Of its title, what is looked for.
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class RelatedProduct:
    """`because`: the shop says so, or it is like the product."""

    hit: ProductHit
    because: Because


@dataclass(frozen=True, slots=True)
class RelatedProducts:
    """The best first. The product `itself` is none of them."""

    itself: ProductHit
    products: tuple[RelatedProduct, ...]
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class TheseProducts:
    hits: tuple[ProductHit, ...]
    freshness: Freshness


def related_to(
    product_id: str, query: ProductQuery, given: Said, ask: Ask
) -> tuple[ProductHit, tuple[RelatedProduct, ...]] | None:
    """The product and what is related to it; None where a visitor sees no such product."""
    shown = ask([_request_these(query, given, [product_id])])[0]
    if not shown:
        return None
    # An index of the version before, which is shown until this one is built, has none.
    wanted = [id_ for id_ in shown[0]["_source"].get("related_ids", ()) if id_ != product_id]
    bodies = [_request_alike(query, given, shown[0]["_source"], [product_id, *wanted])]
    alike, *chosen = ask([*bodies, *([_request_these(query, given, wanted)] if wanted else [])])
    found = [_related(hit, query, "chosen") for hits in chosen for hit in _in_order(hits, wanted)]
    found += [_related(hit, query, "alike") for hit in alike]
    return _hit(shown[0], query), tuple(found[: query.per_page])


def these_of(product_ids: Sequence[str], query: ProductQuery, given: Said, ask: Ask) -> tuple[ProductHit, ...]:
    """Those of them that a visitor sees, in this order."""
    hits = ask([_request_these(query, given, product_ids)])[0] if product_ids else []
    return tuple(_hit(hit, query) for hit in _in_order(hits, product_ids))


def _related(hit: Mapping[str, Any], query: ProductQuery, because: Because) -> RelatedProduct:
    return RelatedProduct(_hit(hit, query), because)


def _hit(hit: Mapping[str, Any], query: ProductQuery) -> ProductHit:
    return shown_hit(hit, query, Markers(query))


def _request_these(query: ProductQuery, given: Said, product_ids: Sequence[str]) -> dict[str, Any]:
    these = {"ids": {"values": list(product_ids)}}
    found = {"bool": {**reachable(query, *given), "must": [these]}}
    return {
        "query": {"constant_score": {"filter": found}},
        "size": len(product_ids),
        "_source": [*shown_of(query), "related_ids"],
    }


def _request_alike(query: ProductQuery, given: Said, product: Mapping[str, Any], but: Sequence[str]) -> dict[str, Any]:
    _, text = choose(product["texts"], query.locales)
    title = text["title"][:_LONGEST]
    words = words_clause(title, languages_of(query.locales), Match.SOME, own=own_words_of(query))
    alike = [_worth(_CATEGORY, {"term": {"category_ids": id_}}) for id_ in product["category_ids"]]
    alike.append(_worth(_WORDS, words))
    besides = [_worth(_TAG, {"term": {"tags": tag}}) for tag in product["tags"]]
    if product["brand"] is not None:
        besides.append(_worth(_BRAND, {"term": {"brand": product["brand"]}}))
    like = {"bool": {"must": [{"bool": {"should": alike, "minimum_should_match": 1}}], "should": besides}}
    kept = reachable(query, *given)
    without = [*kept.get("must_not", []), {"ids": {"values": list(but)}}]
    return {
        "query": {"bool": {**kept, "must_not": without, "must": [ranked(query, like, *given)]}},
        "size": query.per_page,
        "_source": shown_of(query),
    }


def _in_order(hits: Sequence[Mapping[str, Any]], product_ids: Sequence[str]) -> list[Mapping[str, Any]]:
    by_id = {hit["_id"]: hit for hit in hits}
    return [by_id[id_] for id_ in product_ids if id_ in by_id]


def _worth(boost: float, clause: Mapping[str, Any]) -> dict[str, Any]:
    return {"constant_score": {"filter": clause, "boost": boost}}

"""What a search for products has found: hits of a page, in words of a visitor, facets, and how fresh all of it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sinks.freshness import Freshness
from sinks.search.category_labels import CategoryLabels
from sinks.search.category_tree import CategoryTree
from sinks.search.counted_values import ValueCounts, read_counts
from sinks.search.explained_hits import ExplainedHit, ReadQuery
from sinks.search.meant_words import DidYouMean, did_you_mean
from sinks.search.merchandising import AppliedRule, Merchandising
from sinks.search.pinned_pages import page_of
from sinks.search.product_facets import Facets, read_facets
from sinks.search.product_hits import ProductHit, SuggestedCategory, shown_hit
from sinks.search.product_pages import Place, Walk, others_before
from sinks.search.product_query import ProductQuery
from sinks.search.query_words import Markers, own_words_of
from sinks.search.search_languages import languages_of
from sinks.search.word_clauses import Match

#: For each word of a query the ids of the categories that are called so; and the tree of all.
Shelves = tuple[Sequence[Sequence[str]], CategoryTree]


@dataclass(frozen=True, slots=True)
class FoundProducts:
    """`match`: how much of the query the hits have. `redirect`: where the shop leads who searches for this. `applied`:
    its rules that hold, the first decides. `counts`: of what was to be `counted`, in that order. `did_you_mean`: of a
    query whose words nothing has.
    """

    total: int
    hits: tuple[ProductHit, ...]
    facets: Facets
    freshness: Freshness
    match: Match = Match.ALL
    redirect: str | None = None
    applied: tuple[AppliedRule, ...] = ()
    counts: tuple[ValueCounts, ...] = ()
    did_you_mean: DidYouMean | None = None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """The `number`th page of a walk; `next` is None after the last. Facets are counted for the first."""

    found: FoundProducts
    walk: Walk
    number: int
    next: Place | None


@dataclass(frozen=True, slots=True)
class ExplainedProducts:
    """`read`: what the query became in each language. `why` by the id of a hit; of what is pinned there is none."""

    found: FoundProducts
    read: tuple[ReadQuery, ...]
    why: Mapping[UUID, ExplainedHit]


@dataclass(frozen=True, slots=True)
class Suggestions:
    products: tuple[ProductHit, ...]
    categories: tuple[SuggestedCategory, ...]
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class AnsweredQuery:
    """A query, how it was asked, and what was answered. `pins` are the pinned hits by their ids; `place`: where a
    page of a walk begins.
    """

    query: ProductQuery
    index: str
    freshness: Freshness
    shelves: Shelves
    match: Match
    answer: Mapping[str, Any]
    said: Merchandising
    pins: Mapping[str, Mapping[str, Any]]
    place: Place | None = None

    def found(self) -> FoundProducts:
        query, tree, counted, pins = self.query, self.shelves[1], self.answer.get("aggregations", {}), self.pins
        markers = Markers(query, loosely=self.match is not Match.ALL)
        return FoundProducts(
            total=self._others() + len(pins),
            hits=tuple(shown_hit(hit, query, markers, pinned=hit["_id"] in pins) for hit in self.hits()),
            facets=read_facets(counted, query, tree),
            freshness=self.freshness,
            match=self.match,
            redirect=query.settings.redirect(query.text, query.locales),
            applied=self.said.applied,
            did_you_mean=self._did_you_mean(),
            counts=read_counts(counted, query, CategoryLabels(tree, query.locales)),
        )

    def hits(self) -> Sequence[Mapping[str, Any]]:
        """Those of the page."""
        query, others = self.query, self.answer["hits"]["hits"]
        if not self.pins:
            return others  # type: ignore[no-any-return]  # as OpenSearch says it
        begin, first = query.first, None
        if self.place is not None:
            begin, first = self.place.shown, others_before(self.place, self.said.pins)
        return page_of(self.said.pins, self.pins, others, self._others(), begin, query.per_page, first)

    def _others(self) -> int:
        return self.answer["hits"]["total"]["value"] if self.place is None else self.place.walk.others

    def _did_you_mean(self) -> DidYouMean | None:
        """Whatever was chosen, and on whichever page; of a walk on the first."""
        query, found = self.query, self.answer.get("aggregations", {}).get("found")
        if self.match is not Match.LOOSE or found is None or not found["doc_count"]:
            return None
        own = own_words_of(query)
        stop_words = {language: own(language).stop_words for language in languages_of(query.locales)}
        return did_you_mean(query.text, query.locales, found, stop_words)

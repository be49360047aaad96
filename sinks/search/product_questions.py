"""Finds active products of one tenant by words, category, brand, price, and whether they are in stock.

A query sees one tenant only: it is a filter here and the routing of the index, never something a caller may leave out.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from ops.circuit_breaker import Breaker
from ops.clients.client_credentials import SearchServer
from sinks.freshness import Freshness
from sinks.opensearch.index_reader import Readable, readable, versions_of
from sinks.opensearch.opensearch_client import OpenSearchStore
from sinks.search import category_tree, category_words
from sinks.search.category_tree import CategoryTree, KeptTrees
from sinks.search.product_documents import MODEL
from sinks.search.product_facets import Facets, read_facets
from sinks.search.product_hits import ProductHit, SuggestedCategory, asked_of, shown_hit, suggested_category
from sinks.search.product_query import ProductQuery
from sinks.search.product_request import request
from sinks.search.word_clauses import ORDER, Match
from sinks.sink import Silent, vouched
from sinks.wanted_version import Wanted

_PRODUCTS: Final = "products"
_CATEGORIES: Final = "categories"


@dataclass(frozen=True, slots=True)
class FoundProducts:
    """`match`: how much of the query the hits have."""

    total: int
    hits: tuple[ProductHit, ...]
    facets: Facets
    freshness: Freshness
    match: Match = Match.ALL


@dataclass(frozen=True, slots=True)
class Suggestions:
    products: tuple[ProductHit, ...]
    categories: tuple[SuggestedCategory, ...]
    freshness: Freshness


class ProductSearch:
    """Every method may raise `sinks.sink.Unavailable`."""

    def __init__(
        self, server: SearchServer, timeout_s: float = 5.0, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = OpenSearchStore(server, timeout_s)
        self._breaker = Breaker("opensearch", now_s)
        self._trees = KeptTrees()

    def search(self, query: ProductQuery) -> FoundProducts:
        with self._asking():
            return self._search(query)

    def _search(self, query: ProductQuery) -> FoundProducts:
        # The freshness is read first: what is searched afterwards, in the same indices, can only be newer than it says.
        found = readable(self._store, MODEL)
        named, tree = self._categories(query, found)
        match, answer = self._first_that_finds(query, found, named, tree)
        asked = asked_of(query)
        return FoundProducts(
            total=answer["hits"]["total"]["value"],
            hits=tuple(shown_hit(hit, query, asked, match) for hit in answer["hits"]["hits"]),
            facets=read_facets(answer["aggregations"], query, tree),
            freshness=found.freshness,
            match=match,
        )

    def _first_that_finds(
        self, query: ProductQuery, found: Readable, named: Sequence[Sequence[str]], tree: CategoryTree
    ) -> tuple[Match, dict[str, Any]]:
        """What a visitor chose does not count: a choice that leaves nothing is no reason to forgive more."""
        asked: dict[str, Any] = {}
        answer: dict[str, Any] = {}
        for match in ORDER:
            body = request(query, match, named, tree)
            if body == asked:  # one word cannot be half of the words
                continue
            asked = body
            answer = self._store.search(found.alias[_PRODUCTS], body, routing=str(query.tenant_id))
            if answer["aggregations"]["found"]["doc_count"] or not query.text.strip():
                break
        return match, answer

    def suggest(self, query: ProductQuery) -> Suggestions:
        """What `query.text` may become when it is typed to its end: as many of each as a page has, none for no word."""
        with self._asking():
            return self._suggest(query)

    def _suggest(self, query: ProductQuery) -> Suggestions:
        found = readable(self._store, MODEL)
        asked = asked_of(query)
        if not any(asked.values()):
            return Suggestions((), (), found.freshness)
        routing = str(query.tenant_id)
        named = category_words.request_typed(query.tenant_id, query.text, query.locales, query.per_page)
        categories = self._store.search(found.alias[_CATEGORIES], named, routing=routing)
        products = self._store.search(found.alias[_PRODUCTS], request(query, Match.TYPED), routing=routing)
        return Suggestions(
            products=tuple(shown_hit(hit, query, asked, Match.TYPED) for hit in products["hits"]["hits"]),
            categories=tuple(suggested_category(hit, query, asked) for hit in categories["hits"]["hits"]),
            freshness=found.freshness,
        )

    def shown(self, wanted: Collection[Wanted]) -> Collection[Wanted]:
        """Those that a search would see, in this version or a newer one; also those of what this model does not read.

        One question for each projection, whoever the tenants are: it is for many who wait at once.
        """
        with self._asking():
            return self._shown(wanted)

    def _shown(self, wanted: Collection[Wanted]) -> Collection[Wanted]:
        seen = {one for one in wanted if MODEL.projection_for(one.aggregate) is None}
        for projection in MODEL.projections:
            asked = [one for one in wanted if MODEL.projection_for(one.aggregate) == projection]
            if asked:
                versions = versions_of(self._store, MODEL, projection, {one.id for one in asked})
                seen |= {one for one in asked if versions.get((one.tenant_id, one.id), 0) >= one.order}
        return seen

    def ping(self) -> None:
        """Also raises when nobody vouches for what would be found."""
        with self._asking():
            found = readable(self._store, MODEL)
            for alias in found.alias.values():
                self._store.look_at(alias)
        vouched(found.freshness)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """An OpenSearch that hangs takes every thread that asks it for seconds: soon nobody asks, for a moment."""
        if not self._breaker.lets_through():
            raise Silent("OpenSearch does not answer, and is asked again in a moment")
        try:
            yield
        except Silent:
            self._breaker.failed()
            raise
        self._breaker.succeeded()

    def _categories(self, query: ProductQuery, found: Readable) -> tuple[tuple[tuple[str, ...], ...], CategoryTree]:
        """Those that are named in the query, and where all of the shop are."""
        index, tenant_id = found.alias[_CATEGORIES], query.tenant_id
        body = category_words.request(tenant_id, query.text, query.locales)
        answer = self._store.search(index, body, routing=str(tenant_id))
        state = category_tree.state_of(index, answer["aggregations"])
        tree = self._trees.get(tenant_id, state, lambda: self._tree(tenant_id, index))
        return category_words.found(answer["hits"]["hits"]), tree

    def _tree(self, tenant_id: UUID, index: str) -> CategoryTree:
        pages = self._store.pages(index, category_tree.all_of(tenant_id), routing=str(tenant_id))
        return category_tree.tree_of(document for page in pages for document in page)

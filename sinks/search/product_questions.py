"""Finds active products of one tenant by words, category, brand, price, and whether they are in stock.

A query sees one tenant only: it is a filter here and the routing of the index, never something a caller may leave out.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

from ops.clients.client_credentials import SearchServer
from sinks.builds import Build
from sinks.opensearch.index_reader import Readable
from sinks.opensearch.point_holders import Holder, PointHolders
from sinks.opensearch.points_in_time import KEPT_S, PointsInTime
from sinks.read_model import ReadModel
from sinks.search import category_tree, category_words, found_categories
from sinks.search.asked_index import AskedIndex
from sinks.search.category_tree import CategoryTree
from sinks.search.explained_hits import WITH_SCORES, explained_hits, read_queries
from sinks.search.found_categories import FoundCategories
from sinks.search.found_products import AnsweredQuery, ExplainedProducts, FoundPage, FoundProducts, Shelves, Suggestions
from sinks.search.kept_of_shops import KeptOfShops, newest_of
from sinks.search.merchandising import Merchandising, merchandising, only_there
from sinks.search.product_documents import MODEL
from sinks.search.product_hits import shown_hit, suggested_category
from sinks.search.product_pages import (
    Place,
    QuestionChanged,
    Walk,
    asked_for,
    going_on,
    in_one_order,
    next_place,
)
from sinks.search.product_query import ProductQuery
from sinks.search.product_request import request, request_pinned
from sinks.search.query_words import Markers, asked_of
from sinks.search.related_products import Ask, RelatedProducts, Said, TheseProducts, related_to, these_of
from sinks.search.score_probes import probes_of
from sinks.search.word_clauses import ORDER, Match

_PRODUCTS: Final = "products"
_CATEGORIES: Final = "categories"
#: Of all shops whose trees are kept.
_MOST_CATEGORIES: Final = 200_000
#: What the rules come to, and the pinned hits by their ids.
Pinned = tuple[Merchandising, Mapping[str, Mapping[str, Any]]]
#: Puts bodies with the index and the routing of each, and has their answers in this order.
AskAll = Callable[[Sequence[tuple[str, Mapping[str, Any], str]]], Sequence[dict[str, Any]]]


class ProductSearch(AskedIndex):
    """Every method may raise `sinks.sink.Unavailable`."""

    def __init__(
        self,
        server: SearchServer,
        timeout_s: float = 5.0,
        now_s: Callable[[], float] = time.monotonic,
        model: ReadModel = MODEL,
        build: Build | None = None,
    ) -> None:
        super().__init__(server, model, timeout_s, now_s, build)
        self._trees = KeptOfShops[CategoryTree](_MOST_CATEGORIES, lambda tree: len(tree.names), now_s)
        self._points = PointsInTime(self._store.client, PointHolders(KEPT_S, now_s))

    def search(self, query: ProductQuery) -> FoundProducts:
        return self.search_all([query])[0]

    def search_all(self, queries: Sequence[ProductQuery]) -> tuple[FoundProducts, ...]:
        """Each of these, in order, in as many round trips as one takes."""
        with self._asking():
            return tuple(one.found() for one in self._answered(queries))

    def first_page(self, query: ProductQuery, holder: Holder) -> FoundPage:
        """Of all that there is at this moment. Raises `PointsTaken`, too."""
        with self._asking(), ExitStack() as undone:
            found, walk_id = self._readable(), uuid4()
            point = self._points.open(walk_id, found.alias[_PRODUCTS], str(query.tenant_id), holder)
            undone.callback(self._points.close, walk_id, point)
            one = self._answered([query], found, self._ask_at(walk_id, point, holder))[0]
            walk = Walk(
                id=walk_id,
                point=point,
                opened_at=query.now or datetime.now(UTC),
                as_of=found.freshness.as_of,
                state=found.freshness.state,
                match=one.match,
                others=one.answer["hits"]["total"]["value"],
                asked=asked_for(request(query, one.match, *one.shelves, one.said), one.said.pins, query.customer_group),
            )
            page = FoundPage(one.found(), walk, 1, next_place(walk, None, one.hits(), one.pins))
            if page.next is not None:
                undone.pop_all()
        return page

    def next_page(self, query: ProductQuery, place: Place, holder: Holder) -> FoundPage:
        """The page at this place. Raises `PointLost` and `QuestionChanged`, too."""
        walk, query = place.walk, replace(query, facets=frozenset(), now=place.walk.opened_at)
        with self._asking():
            found, ask = self._readable(), self._ask_at(walk.id, walk.point, holder)
            shelves = self._categories([query], found)
            ((said, pins),) = self._pinned([query], found, shelves, ask)
            body = request(query, walk.match, *shelves[0], said)
            if asked_for(body, said.pins, query.customer_group) != walk.asked:
                raise QuestionChanged
            searched = (found.alias[_PRODUCTS], going_on(body, place, query.per_page), str(query.tenant_id))
            (answer,) = ask([searched])
            one = AnsweredQuery(query, searched[0], walk.freshness, shelves[0], walk.match, answer, said, pins, place)
            page = FoundPage(one.found(), walk, place.number, next_place(walk, place, one.hits(), pins))
            if page.next is None:
                self._points.close(walk.id, walk.point)
        return page

    def _ask_at(self, walk_id: UUID, point: str, holder: Holder) -> AskAll:
        """As everything is at this point in time, and in one order."""
        return lambda searches: [
            self._points.search(walk_id, point, in_one_order(body), holder) for _, body, _ in searches
        ]

    def explain(self, query: ProductQuery) -> ExplainedProducts:
        """The same as `search` finds, and why each hit of the page is where it is."""
        with self._asking():
            one = self._answered([query])[0]
            found, asked = one.found(), request(query, one.match, *one.shelves, one.said)
            probes = probes_of(query, one.match, *one.shelves, one.said)
            ids = [str(hit.id) for hit in found.hits if not hit.pinned]
            bodies = probes.questions(asked, ids) if ids else []
            answers = [self._store.search(one.index, body, str(query.tenant_id), WITH_SCORES) for body in bodies]
            return ExplainedProducts(found, read_queries(query), explained_hits(query, probes, one.said, answers))

    def _answered(
        self, queries: Sequence[ProductQuery], found: Readable | None = None, ask: AskAll | None = None
    ) -> list[AnsweredQuery]:
        found, ask = found or self._readable(), ask or self._store.search_all
        shelves = self._categories(queries, found)
        pinned = self._pinned(queries, found, shelves, ask)
        answers = self._first_that_find(queries, found, shelves, [said for said, _ in pinned], ask)
        return [
            AnsweredQuery(query, found.alias[_PRODUCTS], found.freshness, named, *answer, *pins)
            for query, named, answer, pins in zip(queries, shelves, answers, pinned, strict=True)
        ]

    def _pinned(
        self, queries: Sequence[ProductQuery], found: Readable, shelves: Sequence[Shelves], ask: AskAll
    ) -> list[Pinned]:
        """What the shop's rules come to for each query: its pins are those that can be shown, with them by id."""
        said = [merchandising(query, tree) for query, (_, tree) in zip(queries, shelves, strict=True)]
        pinning = [n for n, one in enumerate(said) if one.pins]
        searches = [
            (
                found.alias[_PRODUCTS],
                request_pinned(queries[n], shelves[n][1], said[n]),
                str(queries[n].tenant_id),
            )
            for n in pinning
        ]
        pinned: list[Pinned] = [(one, {}) for one in said]
        for n, answer in zip(pinning, ask(searches), strict=True):
            hits = {hit["_id"]: {**hit, "_score": None} for hit in answer["hits"]["hits"]}
            pinned[n] = (only_there(said[n], list(hits)), hits)
        return pinned

    def _first_that_find(
        self,
        queries: Sequence[ProductQuery],
        found: Readable,
        shelves: Sequence[Shelves],
        said: Sequence[Merchandising],
        ask: AskAll,
    ) -> list[tuple[Match, dict[str, Any]]]:
        """What a visitor chose does not count: a choice that leaves nothing is no reason to forgive more."""
        asked: dict[int, dict[str, Any]] = {}
        answers: dict[int, tuple[Match, dict[str, Any]]] = {}
        waiting = list(range(len(queries)))
        for match in ORDER:
            bodies = {n: request(queries[n], match, *shelves[n], said[n]) for n in waiting}
            new = [n for n in waiting if bodies[n] != asked.get(n)]  # one word cannot be half of the words
            searches = [(found.alias[_PRODUCTS], bodies[n], str(queries[n].tenant_id)) for n in new]
            told = dict(zip(new, ask(searches), strict=True))
            answers |= {n: (match, told[n] if n in told else answers[n][1]) for n in waiting}
            asked |= bodies
            waiting = [n for n in waiting if queries[n].text.strip() and not _finds(answers[n][1])]
        return [answers[n] for n in range(len(queries))]

    def suggest(self, query: ProductQuery) -> Suggestions:
        """What `query.text` may become when it is typed to its end: as many of each as a page has, none for no word."""
        with self._asking():
            return self._suggest(query)

    def _suggest(self, query: ProductQuery) -> Suggestions:
        found = self._readable()
        if not any(asked_of(query).values()):
            return Suggestions((), (), found.freshness)
        markers = Markers(query, loosely=True)
        tree, said = self._said(query, found)
        body = request(query, Match.TYPED, tree=tree, said=said)
        answer = self._store.search(found.alias[_PRODUCTS], body, str(query.tenant_id))
        categories = category_words.called(query.text, query.locales, tree)[: query.per_page]
        return Suggestions(
            products=tuple(shown_hit(hit, query, markers) for hit in answer["hits"]["hits"]),
            categories=tuple(suggested_category(id_, tree.names[id_], query, markers) for id_ in categories),
            freshness=found.freshness,
        )

    def find_categories(self, query: ProductQuery) -> FoundCategories:
        """With all words of `query.text` in their names, the last may go on; without words all, the fullest first."""
        with self._asking():
            found = self._readable()
            (counted,) = self._answered([replace(query, **found_categories.counting(query))], found)
            tree = counted.shelves[1]
            values = counted.found().facets.categories
            counts = {one.value: one.count for one in values if one.value in tree.names}
        return found_categories.found(query, counts, tree, found.freshness)

    def related(self, query: ProductQuery, product_id: UUID) -> RelatedProducts | None:
        """To this product, as many as a page has; None where a visitor sees no such product."""
        with self._asking():
            found = self._readable()
            shown = related_to(str(product_id), query, self._said(query, found), self._ask_products(query, found))
        return None if shown is None else RelatedProducts(*shown, found.freshness)

    def these(self, query: ProductQuery, product_ids: Sequence[UUID]) -> TheseProducts:
        """Those of them that a visitor sees, in this order."""
        with self._asking():
            found = self._readable()
            wanted = [str(id_) for id_ in product_ids]
            hits = these_of(wanted, query, self._said(query, found), self._ask_products(query, found))
        return TheseProducts(hits, found.freshness)

    def _ask_products(self, query: ProductQuery, found: Readable) -> Ask:
        index, routing = found.alias[_PRODUCTS], str(query.tenant_id)
        return lambda bodies: [
            answer["hits"]["hits"] for answer in self._store.search_all([(index, body, routing) for body in bodies])
        ]

    def _said(self, query: ProductQuery, found: Readable) -> Said:
        """What the shop's rules come to where nothing is pinned."""
        tree = self._tree(query.tenant_id, found)
        return tree, replace(merchandising(query, tree), pins=())

    def _categories(self, queries: Sequence[ProductQuery], found: Readable) -> list[Shelves]:
        """For each query, those that are named in it, and where all of the shop are."""
        trees = {tenant_id: self._tree(tenant_id, found) for tenant_id in {one.tenant_id for one in queries}}
        return [
            (category_words.named_in(one.text, one.locales, trees[one.tenant_id]), trees[one.tenant_id])
            for one in queries
        ]

    def _tree(self, tenant_id: UUID, found: Readable) -> CategoryTree:
        index = found.alias[_CATEGORIES]
        pages = partial(self._store.pages, index, category_tree.all_of(tenant_id), routing=str(tenant_id))
        return self._trees.get(
            tenant_id,
            (index, found.read[_CATEGORIES], self._seen_s),
            partial(newest_of, self._store, index, tenant_id),
            lambda: category_tree.tree_of(document for page in pages() for document in page),
        )


def _finds(answer: Mapping[str, Any]) -> bool:
    return bool(answer["aggregations"]["found"]["doc_count"])

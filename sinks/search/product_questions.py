"""Finds active products of one tenant by words, category, brand, price, and whether they are in stock.

A query sees one tenant only: it is a filter here and the routing of the index, never something a caller may leave out.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
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
from sinks.search.category_words import CategoryWord
from sinks.search.product_documents import MODEL, PRICES_PART, STOCK_PART
from sinks.search.product_query import FACET_SIZE, ProductQuery, request
from sinks.search.search_languages import choose
from sinks.sink import Silent, vouched
from sinks.wanted_version import Wanted

_PRODUCTS: Final = "products"
_CATEGORIES: Final = "categories"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductHit:
    """`locale` is that of the shown texts; `highlight` is the title with the found words in `<em>`, HTML-escaped."""

    id: UUID
    title: str
    handle: str
    subtitle: str | None
    brand: str | None
    category_ids: tuple[UUID, ...]
    currency: str | None
    price_min_minor: int | None
    price_max_minor: int | None
    image_url: str | None
    skus: tuple[str, ...]
    in_stock: bool
    locale: str
    highlight: str | None
    score: float | None
    version: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many hits have `value`; `label` is what to show for it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class PriceRange:
    min_minor: int
    max_minor: int


@dataclass(frozen=True, slots=True)
class StockCounts:
    in_stock: int
    out_of_stock: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts for refining. Each facet ignores its own filter, so that another value can be chosen beside it."""

    categories: tuple[Bucket, ...]
    brands: tuple[Bucket, ...]
    price: PriceRange | None
    stock: StockCounts


@dataclass(frozen=True, slots=True)
class FoundProducts:
    total: int
    hits: tuple[ProductHit, ...]
    facets: Facets
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
        words, tree = self._categories(query, found)
        body = request(query, words, tree)
        answer = self._store.search(found.alias[_PRODUCTS], body, routing=str(query.tenant_id))
        return FoundProducts(
            total=answer["hits"]["total"]["value"],
            hits=tuple(_hit(hit, query.locale) for hit in answer["hits"]["hits"]),
            facets=_facets(answer["aggregations"], query, tree),
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

    def _categories(self, query: ProductQuery, found: Readable) -> tuple[tuple[CategoryWord, ...], CategoryTree]:
        """Those that are named in the query, and where all of the shop are."""
        index, tenant_id = found.alias[_CATEGORIES], query.tenant_id
        body = category_words.request(tenant_id, query.text, query.locale)
        answer = self._store.search(index, body, routing=str(tenant_id))
        state = category_tree.state_of(index, answer["aggregations"])
        tree = self._trees.get(tenant_id, state, lambda: self._tree(tenant_id, index))
        return category_words.found(query.text, answer["hits"]["hits"]), tree

    def _tree(self, tenant_id: UUID, index: str) -> CategoryTree:
        pages = self._store.pages(index, category_tree.all_of(tenant_id), routing=str(tenant_id))
        return category_tree.tree_of(document for page in pages for document in page)


def _facets(aggregations: Mapping[str, Any], query: ProductQuery, tree: CategoryTree) -> Facets:
    sets = {bucket["key"]: bucket["doc_count"] for bucket in aggregations["categories"]["values"]["buckets"]}
    counted = aggregations["stock"]
    in_stock = counted["in_stock"]["doc_count"]
    prices = (aggregations["price"], aggregations["price"]["own"])
    lowest = min((one["lowest"]["value"] for one in prices if one["lowest"]["value"] is not None), default=None)
    highest = max((one["highest"]["value"] for one in prices if one["highest"]["value"] is not None), default=None)
    return Facets(
        categories=tuple(
            Bucket(id_, _label(id_, query, tree), count)
            for id_, count in category_tree.counted(sets, tree)[:FACET_SIZE]
        ),
        brands=tuple(
            Bucket(bucket["key"], bucket["key"], bucket["doc_count"])
            for bucket in aggregations["brands"]["values"]["buckets"]
        ),
        price=None if lowest is None or highest is None else PriceRange(int(lowest), int(highest)),
        stock=StockCounts(in_stock, counted["doc_count"] - in_stock),
    )


def _label(category_id: str, query: ProductQuery, tree: CategoryTree) -> str:
    names = tree.names.get(category_id)
    return choose(names, query.locale)[1] if names else category_id


def _in_stock(document: Mapping[str, Any]) -> bool:
    """One variant can be bought: it is in stock somewhere, or not counted at all."""
    counted = [one for one in document.get(STOCK_PART, ()) if one["shown"]]
    uncounted = len({one["variant_id"] for one in counted}) < document["variant_count"]
    return uncounted or any(one["in_stock"] for one in counted)


def _hit(hit: Mapping[str, Any], locale: str) -> ProductHit:
    document = hit["_source"]
    priced = next((one for one in document.get(PRICES_PART, ()) if one["shown"]), document)
    shown_locale, text = choose(document["texts"], locale)
    return ProductHit(
        id=UUID(hit["_id"]),
        title=text["title"],
        handle=text["handle"],
        subtitle=text["subtitle"],
        brand=document["brand"],
        category_ids=tuple(UUID(id_) for id_ in document["category_ids"]),
        currency=priced["currency"],
        price_min_minor=priced["price_min_minor"],
        price_max_minor=priced["price_max_minor"],
        image_url=document["image_url"],
        skus=tuple(document["skus"]),
        in_stock=_in_stock(document),
        locale=shown_locale,
        highlight=next((parts[0] for parts in hit.get("highlight", {}).values()), None),
        score=hit.get("_score"),
        version=document["version"],
    )

"""Finds active products of one tenant by words, category, brand and price.

A query sees one tenant only: it is a filter here and the routing of the index, never something a caller may leave out.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from ops.circuit_breaker import Breaker
from ops.clients.client_credentials import SearchServer
from sinks.freshness import Freshness
from sinks.opensearch.index_reader import Readable, readable, versions_of
from sinks.opensearch.opensearch_client import OpenSearchStore
from sinks.search import category_words
from sinks.search.category_words import CategoryWord
from sinks.search.product_documents import MODEL
from sinks.search.product_query import ProductQuery, request
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
class Facets:
    """Counts for refining. Each facet ignores its own filter, so that another value can be chosen beside it."""

    categories: tuple[Bucket, ...]
    brands: tuple[Bucket, ...]
    price: PriceRange | None


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

    def search(self, query: ProductQuery) -> FoundProducts:
        with self._asking():
            return self._search(query)

    def _search(self, query: ProductQuery) -> FoundProducts:
        # The freshness is read first: what is searched afterwards, in the same indices, can only be newer than it says.
        found = readable(self._store, MODEL)
        body = request(query, self._category_words(query, found))
        answer = self._store.search(found.alias[_PRODUCTS], body, routing=str(query.tenant_id))
        return FoundProducts(
            total=answer["hits"]["total"]["value"],
            hits=tuple(_hit(hit, query.locale) for hit in answer["hits"]["hits"]),
            facets=self._facets(answer["aggregations"], query, found),
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

    def _facets(self, aggregations: Mapping[str, Any], query: ProductQuery, found: Readable) -> Facets:
        categories = aggregations["categories"]["values"]["buckets"]
        names = self._category_names([bucket["key"] for bucket in categories], query, found)
        lowest, highest = (aggregations["price"][end]["value"] for end in ("lowest", "highest"))
        return Facets(
            categories=tuple(
                Bucket(bucket["key"], names.get(bucket["key"], bucket["key"]), bucket["doc_count"])
                for bucket in categories
            ),
            brands=tuple(
                Bucket(bucket["key"], bucket["key"], bucket["doc_count"])
                for bucket in aggregations["brands"]["values"]["buckets"]
            ),
            price=None if lowest is None else PriceRange(int(lowest), int(highest)),
        )

    def _category_words(self, query: ProductQuery, found: Readable) -> tuple[CategoryWord, ...]:
        body = category_words.request(query.tenant_id, query.text, query.locale)
        if body is None:
            return ()
        answer = self._store.search(found.alias[_CATEGORIES], body, routing=str(query.tenant_id))
        return category_words.found(query.text, answer["hits"]["hits"])

    def _category_names(self, ids: Sequence[str], query: ProductQuery, found: Readable) -> dict[str, str]:
        if not ids:
            return {}
        documents = self._store.many(found.alias[_CATEGORIES], ids, routing=str(query.tenant_id))
        return {
            document["_id"]: choose(document["_source"]["names"], query.locale)[1]
            for document in documents
            if document["_source"].get("names")
        }


def _hit(hit: Mapping[str, Any], locale: str) -> ProductHit:
    document = hit["_source"]
    shown_locale, text = choose(document["texts"], locale)
    return ProductHit(
        id=UUID(hit["_id"]),
        title=text["title"],
        handle=text["handle"],
        subtitle=text["subtitle"],
        brand=document["brand"],
        category_ids=tuple(UUID(id_) for id_ in document["category_ids"]),
        currency=document["currency"],
        price_min_minor=document["price_min_minor"],
        price_max_minor=document["price_max_minor"],
        image_url=document["image_url"],
        skus=tuple(document["skus"]),
        locale=shown_locale,
        highlight=next((parts[0] for parts in hit.get("highlight", {}).values()), None),
        score=hit.get("_score"),
        version=hit["_version"],
    )

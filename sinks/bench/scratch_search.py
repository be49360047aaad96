"""Makes a search of its own for a benchmark, beside a plain index of the same articles; both are gone afterwards."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import orjson

from ops.clients.client_credentials import SearchServer
from schemas.events.category import Category, CategoryCreated
from schemas.events.product import Product, ProductCreated
from sinks.bench.shelf import envelope
from sinks.freshness import Freshness
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name, live_alias
from sinks.opensearch.opensearch_sink import OpenSearchSink
from sinks.search.product_documents import FIELDS, MODEL, category_document, product_document
from sinks.search.product_questions import ProductSearch
from sinks.sink import HeldOffset

_BATCH: Final = 500
_TEXT: Final = {"type": "text"}
#: As somebody would map articles who has read the first page about text fields.
_PLAIN: Final = {
    "tenant_id": {"type": "keyword"},
    "description": _TEXT,
    "category": _TEXT,
    "brand": _TEXT,
    "skus": _TEXT,
}


@dataclass(frozen=True, slots=True)
class Shelved:
    """An article of a benchmark: what it is, and the names of its categories, for an index without a tree."""

    product: Product
    category_names: str = ""


@dataclass(frozen=True, slots=True)
class ScratchSearch:
    """`ours` answers as the API's search does; `plain` is the name of the other index, in the same store."""

    ours: ProductSearch
    store: OpenSearchStore
    tenant_id: UUID
    plain: str

    def plain_hits(self, text: str, locale: str, size: int = 10) -> list[str]:
        """Ids that a plain `multi_match` finds, the best first, in the language and the shop's own."""
        fields = list(dict.fromkeys((f"title.{locale}^3", "title.en^2", "category", "brand", "description", "skus")))
        body = {
            "query": {
                "bool": {
                    "filter": [{"term": {"tenant_id": str(self.tenant_id)}}],
                    "must": [{"multi_match": {"query": text, "fields": fields}}],
                }
            },
            "_source": False,
            "size": size,
        }
        answer = self.store.search(self.plain, body, routing=str(self.tenant_id))
        return [hit["_id"] for hit in answer["hits"]["hits"]]


@contextmanager
def scratch_search(
    server: SearchServer, tenant_id: UUID, articles: Sequence[Shelved], categories: Sequence[Category] = ()
) -> Iterator[ScratchSearch]:
    model = replace(MODEL, name=f"bench-{secrets.token_hex(4)}", version=1)
    store = OpenSearchStore(server)
    plain = f"{live_alias(model, 'products')}-plain"
    sink = OpenSearchSink(store, model, FIELDS, goes_live=True)
    try:
        sink.open()
        _vouch(sink)
        for n in range(0, len(categories), _BATCH):
            changes = [(one, CategoryCreated(category=one)) for one in categories[n : n + _BATCH]]
            sink.write([category_document(envelope(tenant_id, one.id), event) for one, event in changes], {})
        _make_plain(store, plain, articles)
        for n in range(0, len(articles), _BATCH):
            batch = articles[n : n + _BATCH]
            made = [(one.product.id, ProductCreated(product=one.product)) for one in batch]
            sink.write([product_document(envelope(tenant_id, id_), event) for id_, event in made], {})
            store.items(b"".join(_plain_lines(plain, tenant_id, one) for one in batch))
        _vouch(sink)
        store.refresh([index_name(model, "products"), index_name(model, "categories"), plain])
        yield ScratchSearch(ProductSearch(server, 30.0, model=model), store, tenant_id, plain)
    finally:
        for index in (*(index_name(model, collection) for collection in model.collections), plain):
            store.drop_index(index)
        store.close()


def _vouch(sink: OpenSearchSink) -> None:
    """It was fed from nowhere, up to now."""
    topics = {one.topic.name: one.topic for one in MODEL.projections}.values()
    partitions = {
        (one.name, n): HeldOffset(topic_id="bench", next=0, until=0) for one in topics for n in range(one.partitions)
    }
    sink.begin(partitions)
    now = datetime.now(UTC)
    sink.publish(Freshness({f"{name}/{number}": now for name, number in partitions}))


def _make_plain(store: OpenSearchStore, name: str, articles: Sequence[Shelved]) -> None:
    locales = sorted({text.locale for one in articles for text in one.product.translations})
    fields = {**_PLAIN, "title": {"properties": dict.fromkeys(locales, _TEXT)}}
    settings = {"index": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"}}
    store.create_index(name, settings, fields, _written(name), {})


def _written(index: str) -> str:
    """The store writes to aliases only."""
    return f"{index}-written"


def _plain_lines(index: str, tenant_id: UUID, article: Shelved) -> bytes:
    product = article.product
    document = {
        "tenant_id": str(tenant_id),
        "title": {text.locale: text.title for text in product.translations},
        "description": " ".join(text.description or "" for text in product.translations),
        "category": article.category_names,
        "brand": product.brand,
        "skus": [variant.sku for variant in product.variants],
    }
    action = {"index": {"_index": _written(index), "_id": str(product.id), "routing": str(tenant_id)}}
    return orjson.dumps(action) + b"\n" + orjson.dumps(document) + b"\n"

"""Measures searches over HTTP, beside the same bodies sent straight to OpenSearch, in a shop of many products.

The products are put into the index that the API searches, as a shop of their own, and taken out at the end.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import click

from api.bench.load_process import Answered
from api.bench.scratch_shop import scratch_shop
from api.bench.served_app import load, serving
from ops.bench.figures import Figure, show, tell
from ops.settings import PREFIX, Settings
from sinks.bench.shelf import stocked, vocabulary
from sinks.opensearch.opensearch_client import OpenSearchStore, live_alias
from sinks.search.product_documents import MODEL
from sinks.search.product_query import ProductQuery
from sinks.search.product_request import request

API: Final = "api.wsgi:make"
#: Milliseconds that 99 of 100 answers may take, at most.
FACETS_MS: Final = 100.0
SUGGESTIONS_MS: Final = 40.0
_BATCH: Final = 2000
_LIMITS: Final = {f"{PREFIX}LIMIT_SEARCH": "1000000000 per minute", f"{PREFIX}API_WORKERS": "2"}
#: Of the vocabulary, by rank: the words of each search, from one that every third product has to what few have.
_SEARCHES: Final = ((10,), (40, 90), (150,), (300, 700), (600,), (1500,), (20, 200, 900), (5000,))
#: So much of the last word is typed.
_TYPED: Final = 3


@click.command()
@click.option("--products", type=click.IntRange(min=100), default=100_000, show_default=True, help="Of the shop.")
@click.option(
    "--seconds", type=click.FloatRange(min=0.5, max=60), default=10.0, show_default=True, help="Of each load."
)
@click.option("--connections", type=click.IntRange(1, 64), default=8, show_default=True, help="That stay open.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def search(products: int, seconds: float, connections: int, as_json: bool) -> None:
    """Searches and suggestions, beside the same bodies sent straight to OpenSearch. Needs a stack that is up."""
    settings = Settings()
    with (
        scratch_shop(settings) as shop,
        _filled(settings, shop.tenant_id, products) as filled,
        serving(settings, API, {**shop.environment, **_LIMITS}) as served,
    ):
        authorization = f"Bearer {shop.token}"
        asked = [f"/v1/search/products?{urlencode({'q': text})}" for text in _texts()]
        typed = [f"/v1/search/suggestions?{urlencode({'q': text})}" for text in _typed()]
        tell(f"searches: {connections} connections for {seconds:g} s, in {products:,} products")
        straight = _straight(settings, filled, seconds, connections)
        ours = load(served.port, asked, seconds, connections, authorization)
        tell("suggestions while typing")
        suggested = load(served.port, typed, seconds, connections, authorization)
    show(_figures(ours, straight, suggested), as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Filled:
    index: str
    tenant_id: UUID


@contextmanager
def _filled(settings: Settings, tenant_id: UUID, number: int) -> Iterator[_Filled]:
    indices = [live_alias(MODEL, collection) for collection in MODEL.collections]
    store, sink = OpenSearchStore(settings.opensearch), MODEL.sink(settings, goes_live=True)
    tell(f"filling: {number:,} products")
    try:
        sink.open()
        categories, products = stocked(tenant_id, number)
        sink.write(categories, {})
        while batch := list(islice(products, _BATCH)):
            sink.write(batch, {})
        store.refresh(indices)
        yield _Filled(live_alias(MODEL, "products"), tenant_id)
    finally:
        for index in indices:
            store.drop_routed(index, str(tenant_id))
        sink.close()
        store.close()


def _texts() -> list[str]:
    words = vocabulary()
    return [" ".join(words[rank] for rank in ranks) for ranks in _SEARCHES]


def _typed() -> list[str]:
    words = [text.rpartition(" ") for text in _texts()]
    return [f"{before}{between}{last[:_TYPED]}" for before, between, last in words]


def _straight(settings: Settings, filled: _Filled, seconds: float, connections: int) -> Answered:
    """The bodies that the API sends, without asking for categories first, and without making an answer of it."""
    url = urlsplit(settings.opensearch_url.split(",")[0])
    path = f"/{filled.index}/_search?routing={filled.tenant_id}"
    asked = [request(ProductQuery(tenant_id=filled.tenant_id, text=text)) for text in _texts()]
    bodies = [json.dumps(body) for body in asked]
    return load(url.port or 9200, [path] * len(bodies), seconds, connections, "", bodies, url.hostname or "")


def _figures(ours: Answered, straight: Answered, suggested: Answered) -> dict[str, Figure]:
    return {
        "search_p50_ms": Figure.of(ours.p50_ms, straight.p50_ms, "ms, beside the same body straight"),
        "search_p99_ms": Figure.of(ours.p99_ms, straight.p99_ms, "ms, beside the same body straight"),
        "searches_per_s": Figure.of(ours.per_s, straight.per_s, "searches/s"),
        "facets_p99_ms": Figure.of(ours.p99_ms, FACETS_MS, "ms with facets and highlights, of at most"),
        "suggestions_p99_ms": Figure.of(suggested.p99_ms, SUGGESTIONS_MS, "ms, of at most"),
    }

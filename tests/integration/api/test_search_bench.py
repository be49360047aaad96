"""`rustok bench search` measures what the API answers, and leaves nothing in the search."""

import json

import pytest

from ops.settings import Settings
from sinks.opensearch.opensearch_client import OpenSearchStore, live_alias
from sinks.search.product_documents import MODEL
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


def documents(store: OpenSearchStore) -> int:
    index = live_alias(MODEL, "products")
    store.refresh([index])
    found = store.search(index, {"query": {"exists": {"field": "tenant_id"}}, "track_total_hits": True, "size": 0})
    return int(found["hits"]["total"]["value"])


def test_searches_are_measured_beside_the_same_bodies_sent_straight(servers: Stack, settings: Settings) -> None:
    sink = MODEL.sink(settings)
    sink.open()
    store = OpenSearchStore(settings.opensearch)
    before = documents(store)

    asked = ("bench", "search", "--products", "500", "--seconds", "0.5", "--connections", "2", "--json")
    figures = json.loads(servers.rustok(*asked).stdout.splitlines()[-1])

    names = {"search_p50_ms", "search_p99_ms", "searches_per_s", "facets_p99_ms", "suggestions_p99_ms"}
    assert figures.keys() == names
    assert all(figure["ours"] > 0 and figure["baseline"] > 0 for figure in figures.values())
    assert documents(store) == before
    store.close()
    sink.close()

"""OpenSearch finds its disk full and lets nobody write: the feed waits, commands go on, and all recovers by itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from ops import process_health
from ops.process_health import MetricsPage
from sinks.search import product_documents
from tests.support.instances import process_named
from tests.support.shops import open_shop, put_on_sale
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]

#: OpenSearch looks at its disk every so often: no more often than this.
LOOKS_EVERY = "10s"
SEEN_WITHIN_S = 90
FEED = {"feed": product_documents.MODEL.id}


def watermarks(free: str | None) -> Mapping[str, Any]:
    """How much has to be free; None: what is set for this stack, whose disk is never looked at."""
    disk = "cluster.routing.allocation.disk"
    return {
        f"{disk}.threshold_enabled": None if free is None else True,
        f"{disk}.watermark.low": free,
        f"{disk}.watermark.high": free,
        f"{disk}.watermark.flood_stage": free,
        "cluster.info.update.interval": None if free is None else LOOKS_EVERY,
    }


@contextmanager
def flood_stage(stack: Stack) -> Iterator[None]:
    """OpenSearch's own: more has to be free than any disk has. It takes its block away itself when there is room."""
    with httpx.Client(base_url=stack.settings.opensearch_url, timeout=30) as opensearch:

        def ask_for(free: str | None) -> None:
            opensearch.put("/_cluster/settings", json={"transient": watermarks(free)}).raise_for_status()

        def blocked() -> bool:
            found = opensearch.get("/rustok-*/_settings/index.blocks.*").json()
            return "read_only_allow_delete" in str(found)

        def makes_no_index() -> bool:
            found = opensearch.get("/_cluster/settings", params={"flat_settings": "true"}).json()
            return "cluster.blocks.create_index" in found["persistent"]

        ask_for("1000tb")
        try:
            wait_until(blocked, SEEN_WITHIN_S, "OpenSearch finds its disk full")
            yield
        finally:
            ask_for("1mb")
            wait_until(lambda: not blocked() and not makes_no_index(), SEEN_WITHIN_S, "OpenSearch finds room")
            ask_for(None)


def page_of_the_feed(stack: Stack) -> MetricsPage:
    url = process_named("feed-product-search").metrics_url(stack.settings)
    return wait_until(lambda: process_health.read(url), 30, "the feed answers")


def refused(stack: Stack) -> float | None:
    return page_of_the_feed(stack).value("rustok_feed_records_total", outcome="refused", **FEED)


def test_while_the_search_disk_is_full_the_feed_waits_and_then_goes_on(stack: Stack) -> None:
    shop, before = open_shop(stack), refused(stack)

    with flood_stage(stack):
        put_on_sale(shop, "Matcha in a tin")
        wait_until(
            lambda: page_of_the_feed(stack).value("rustok_feed_waits_on", on="store", **FEED), 60, "the feed waits"
        )
        found = shop.get("/v1/search/products", q="matcha")

    wait_until(lambda: shop.get("/v1/search/products", q="matcha")["hits"], 60, "it is found")
    wait_until(lambda: not page_of_the_feed(stack).value("rustok_feed_waiting", **FEED), 60, "the feed waits no more")

    assert found["hits"] == []
    assert refused(stack) == before

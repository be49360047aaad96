"""Declares the whole pipeline on one page: each feed carries some topics into one read model.

outbox ─ capture ─► rustok.product, rustok.category ─► product-search ─► OpenSearch
               └──► rustok.order ────────────────────► sales ──────────► DuckDB
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ops.settings import Settings
from sinks.analytics import sales_facts
from sinks.opensearch import OpenSearchStore
from sinks.read_model import ReadModel
from sinks.search import product_documents
from sinks.sink import Sink


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """`batch` is how many records are taken at once at most: the more, the cheaper is each where a write costs the same
    for few and for many. `publish_every_s` is how often readers get to see what was written; `metrics_port` where the
    feed is measured.
    """

    model: ReadModel
    sink: Callable[[Settings], Sink]
    batch: Callable[[Settings], int]
    publish_every_s: Callable[[Settings], float]
    metrics_port: Callable[[Settings], int]

    @property
    def name(self) -> str:
        return self.model.name


PIPELINE: Final = (
    Feed(
        model=product_documents.MODEL,
        sink=lambda settings: product_documents.sink(OpenSearchStore(settings.opensearch)),
        batch=lambda settings: settings.feed_product_search_batch,
        publish_every_s=lambda settings: settings.search_publish_s,
        metrics_port=lambda settings: settings.feed_product_search_metrics_port,
    ),
    Feed(
        model=sales_facts.MODEL,
        sink=lambda settings: sales_facts.sink(settings.analytics_dir),
        batch=lambda settings: settings.feed_sales_batch,
        publish_every_s=lambda settings: settings.analytics_publish_s,
        metrics_port=lambda settings: settings.feed_sales_metrics_port,
    ),
)


def feed_named(name: str) -> Feed | None:
    return next((feed for feed in PIPELINE if feed.name == name), None)

"""Lists the read models: each is fed by a process of its own.

outbox ─ capture ─► rustok.product, .product_prices, .stock, .category ─► product-search ─► OpenSearch
               ├──► rustok.order, .tenant, .product, .category ─────────► sales ──────────► DuckDB
               ├──► rustok.search_log ──────────────────────────────────► searches ───────► DuckDB
               ├──► rustok.page ────────────────────────────────────────► page-search ────► OpenSearch
               └──► all of these but the search log, and more ──────────► event-archive ──► Parquet
"""

from typing import Final

from ops.feeds import FIRST_METRICS_PORT, Feed
from sinks.analytics import event_archive, sales_facts, search_facts
from sinks.read_model import ReadModel
from sinks.search import page_documents, product_documents

#: A new one comes last: the order gives the feeds their ports.
READ_MODELS: Final = (
    product_documents.MODEL,
    sales_facts.MODEL,
    search_facts.MODEL,
    page_documents.MODEL,
    event_archive.MODEL,
)
#: Those that can be compared with tables; of the others the log is all there is.
VERIFIED: Final = tuple(model for model in READ_MODELS if model.has_truth)


def named(name: str) -> ReadModel | None:
    """The read model of this name or id."""
    return next((model for model in READ_MODELS if name in (model.name, model.id)), None)


def feeds() -> tuple[Feed, ...]:
    """What is to be known of them to run their feeds."""
    return tuple(
        Feed(
            name=model.name,
            batch=model.batch,
            publish_s=model.publish_s,
            metrics_port=FIRST_METRICS_PORT + number,
            is_verified=model.has_truth,
        )
        for number, model in enumerate(READ_MODELS)
    )

"""Measures what the stores do without us: ready-made documents and rows, no events, no versions, no comparing."""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar
from uuid import UUID

import duckdb
import orjson
import pyarrow
import pyarrow.parquet

from schemas.event_json import to_json
from schemas.events.order import Order, OrderPaid
from schemas.events.product import Product, ProductCreated
from sinks.analytics.sales_facts import LINES, ORDER_FACTS, order_facts
from sinks.bench.shelf import envelope
from sinks.freshness import Freshness
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.search.product_documents import product_document
from sinks.sink import DocumentChange
from streams.bench.scratch_feeds import World

Item = TypeVar("Item")
_LOOKS: Final = 40


def index_documents(world: World, tenant_id: UUID, products: Sequence[Product], batch: int) -> float:
    """Documents a second by plain `_bulk` requests of `batch` documents into an index like the feed's."""
    feed = world.next_feed("product-search")
    feed.sink(world.settings).open()
    store = OpenSearchStore(world.settings.opensearch)
    index = _written_to(store, index_name(feed, "products"))
    changes = [product_document(envelope(tenant_id, each.id), ProductCreated(product=each)) for each in products]
    requests = [b"".join(_document(change, index) for change in part) for part in _parts(changes, batch)]
    began = time.monotonic()
    answers = [answer for request in requests for answer in store.bulk(request)]
    seconds = time.monotonic() - began
    store.close()
    assert {answer.kind for answer in answers} == {"taken"}  # noqa: S101  # else nothing was measured
    return len(products) / seconds


def insert_orders(world: World, tenant_id: UUID, orders: Sequence[Order], batch: int) -> float:
    """Orders a second by plain inserts of `batch` orders and their lines into tables like the feed's."""
    feed = world.next_feed("sales")
    sink = feed.sink(world.settings.model_copy(update={"analytics_dir": world.folder}))
    sink.open()  # makes the tables
    sink.close()
    (file,) = (world.folder / feed.id).glob("*.duckdb")
    changes = [order_facts(envelope(tenant_id, each.id), OrderPaid(order=each)) for each in orders]
    arrow = [(_orders(part), _lines(part)) for part in _parts(changes, batch)]
    began = time.monotonic()
    with duckdb.connect(file, config={"memory_limit": "1GB", "threads": 2}) as connection:
        for heads, parts in arrow:
            connection.execute("BEGIN")
            for table, rows in ((ORDER_FACTS.table, heads), (LINES.table, parts)):
                connection.register("arriving", rows)
                connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM arriving")  # noqa: S608  # declared
                connection.unregister("arriving")
            connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    return len(orders) / (time.monotonic() - began)


def write_bodies(world: World, orders: Sequence[Order], batch: int) -> float:
    """Events a second by plain Parquet files of `batch` events each, their bodies ready-made as text."""
    bodies = [json.dumps(to_json(OrderPaid(order=each))) for each in orders]
    tables = [pyarrow.table({"body": part}) for part in _parts(bodies, batch)]
    began = time.monotonic()
    for number, table in enumerate(tables):
        with (world.folder / f"bodies-{number}.parquet").open("wb") as file:
            pyarrow.parquet.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
    return len(bodies) / (time.monotonic() - began)


def until_searchable(world: World, tenant_id: UUID, products: Sequence[Product]) -> list[float]:
    """Seconds from one document, indexed and refreshed by itself, to the answer of a search that has it."""
    feed = world.next_feed("product-search")
    feed.sink(world.settings).open()
    store = OpenSearchStore(world.settings.opensearch)
    index = _written_to(store, index_name(feed, "products"))

    def once(product: Product) -> None:
        change = product_document(envelope(tenant_id, product.id), ProductCreated(product=product))
        store.bulk(_document(change, index))
        store.refresh([index])
        query = {"query": {"term": {"skus": product.variants[0].sku}}}
        assert store.search(index, query, str(tenant_id))["hits"]["hits"]  # noqa: S101  # else nothing was measured

    seconds = [_seconds(lambda product=product: once(product)) for product in products[:_LOOKS]]  # type: ignore[misc]
    store.close()
    return seconds


def until_published(world: World, tenant_id: UUID, orders: Sequence[Order]) -> list[float]:
    """Seconds from one order, written and published by itself, to the answer of a query that has it."""
    feed = world.next_feed("sales")
    sink = feed.sink(world.settings.model_copy(update={"analytics_dir": world.folder}))
    sink.open()

    def once(order: Order) -> None:
        sink.write([order_facts(envelope(tenant_id, order.id), OrderPaid(order=order))], {})
        sink.publish(Freshness())
        newest = max((world.folder / feed.id).glob("*-[0-9]*.duckdb"))
        with duckdb.connect(newest, read_only=True) as connection:
            connection.execute("SELECT count(*) FROM orders WHERE id = ?", [order.id]).fetchall()

    seconds = [_seconds(lambda order=order: once(order)) for order in orders[:_LOOKS]]  # type: ignore[misc]
    sink.close()
    return seconds


def _written_to(store: OpenSearchStore, index: str) -> str:
    """The alias of an index: nothing is written without one."""
    described = store.described(index)
    return next(iter(described["aliases"])) if described else index


def _seconds(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _document(change: DocumentChange, index: str) -> bytes:
    tenant = str(change.tenant_id)
    action = {"index": {"_index": index, "_id": str(change.id), "routing": tenant}}
    document = {"tenant_id": tenant, "shown": True, **(change.document or {})}
    return b"%b\n%b\n" % (orjson.dumps(action), orjson.dumps(document))


def _orders(changes: Sequence[DocumentChange]) -> pyarrow.Table:
    return _table(
        {
            "tenant_id": [change.tenant_id for change in changes],
            "id": [change.id for change in changes],
            "version": [change.version for change in changes],
            **{column: [(change.document or {})[column] for change in changes] for column in ORDER_FACTS.columns},
        }
    )


def _lines(changes: Sequence[DocumentChange]) -> pyarrow.Table:
    rows = [
        (change, number, line)
        for change in changes
        for number, line in enumerate((change.document or {})[LINES.field], start=1)
    ]
    return _table(
        {
            "tenant_id": [change.tenant_id for change, _, _ in rows],
            LINES.parent_id: [change.id for change, _, _ in rows],
            "line_no": [number for _, number, _ in rows],
            **{column: [line[column] for _, _, line in rows] for column in LINES.columns},
        }
    )


def _table(columns: dict[str, list[Any]]) -> pyarrow.Table:
    kinds = {name: pyarrow.uuid() if isinstance(values[0], UUID) else None for name, values in columns.items()}
    return pyarrow.table({name: pyarrow.array(values, kinds[name]) for name, values in columns.items()})


def _parts(items: Sequence[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part

"""Snapshots of two shops, of which each test asks for one."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from schemas.event_catalogue import BY_TYPE
from schemas.events.category import CategoryCreated
from schemas.events.order import OrderPaid
from schemas.events.product import ProductUpdated
from schemas.events.stock import StockAdjusted, StockShipped
from sinks.analytics import event_archive
from sinks.analytics.event_archive import archived_event
from sinks.analytics.sales_facts import MODEL
from sinks.archive.archive_sink import ArchiveSink
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.sink import DocumentChange
from tests.sinks.duckdb.test_publishing import FRESH, SmallParts
from tests.support.examples import MOMENT, category, envelope, order, product, stock, text, variant
from tests.support.sink_contract import paid_order

#: A text of the other shop that no answer may have.
SECRET = "Sauerkraut of the other shop"


@dataclass(frozen=True)
class TwoShops:
    """`cheap` is one of the three orders of the shop, and of 200 in all; the others are of 600 and 1000."""

    folder: Path
    tenant_id: UUID
    other_id: UUID
    cheap: UUID


def ordered(tenant_id: UUID, title: str, price: int) -> DocumentChange:
    change = paid_order(version=1, tenant_id=tenant_id, lines=2)
    change.document.update(total_minor=2 * price)
    for line, path in zip(change.document["lines"], (["Groceries"], ["Groceries", title]), strict=True):
        line.update(title=title, unit_price_minor=price, quantity=1, total_minor=price, adjustment_minor=0)
        line.update(category_path=path)
    return change


def of_two(own: UUID, other: UUID) -> Iterator[DocumentChange]:
    yield ordered(own, "7", 100)
    yield ordered(own, "7", 300)
    yield ordered(own, "=1+1", 500)
    for _ in range(20):
        yield ordered(other, SECRET, 900)


@pytest.fixture(scope="session", params=["in rows", "in files"])
def shops(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TwoShops:
    """The rows lie in the snapshot itself, or in Parquet files with both shops' rows in each."""
    folder, own, other = tmp_path_factory.mktemp("analytics"), uuid4(), uuid4()
    changes = list(of_two(own, other))
    kind = SmallParts if request.param == "in files" else DuckDBSink
    with closing(kind(folder / MODEL.id, MODEL, list(MODEL.store.shape), goes_live=True)) as sink:
        sink.open()
        sink.write(changes, {})
        sink.publish(FRESH)
        assert bool(list(sink.folder.glob("parts-*/orders-*.parquet"))) == (request.param == "in files")
    return TwoShops(folder, own, other, changes[0].id)


@pytest.fixture(scope="session", params=["in rows", "in files"])
def archives(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TwoShops:
    """The same of the archive of events; `cheap` is a product of the shop."""
    folder, own, other, about = tmp_path_factory.mktemp("analytics"), uuid4(), uuid4(), uuid4()
    flushed = 1 if request.param == "in files" else 1000
    with closing(
        ArchiveSink(folder / event_archive.MODEL.id, event_archive.MODEL, goes_live=True, flush_rows=flushed)
    ) as sink:
        sink.open()
        sink.write([*life_of(own, "7", about), *life_of(other, SECRET, uuid4()), *life_of(own, "8", uuid4())], {})
        sink.publish(FRESH)
        assert bool(list(sink.folder.glob("parts-*/events-*.parquet"))) == (request.param == "in files")
    return TwoShops(folder, own, other, about)


def life_of(tenant_id: UUID, title: str, product_id: UUID) -> Iterator[DocumentChange]:
    """A category, a product whose price comes down, an order that is about something else, and stock that sells."""
    one, dear = product(id=product_id, translations=(text("en", title),), brand=title), variant(900)
    cheap = replace(dear, prices=variant(700).prices)
    held, buyer = stock(on_hand=30), uuid4()
    events = (
        (CategoryCreated(category=category(title)), 1),
        (ProductUpdated(product=replace(one, variants=(dear,)), changed=()), 1),
        (ProductUpdated(product=replace(one, variants=(cheap,)), changed=()), 2),
        (OrderPaid(order=order(customer_ref=title)), 1),
        (StockAdjusted(stock=held, delta=30, reason=title, changed=(), transfer_id=None), 1),
        (StockShipped(stock=replace(held, on_hand=25), order_id=buyer, quantity=5), 2),
    )
    for hours, (event, version) in enumerate(events):
        kind = next(name for name, history in BY_TYPE.items() if history.newest is type(event))
        about = envelope(
            kind,
            tenant_id=tenant_id,
            aggregate_id=getattr(event, kind.partition(".")[0]).id,
            aggregate_version=version,
            occurred_at=MOMENT + timedelta(hours=hours),
        )
        yield archived_event(about, event)

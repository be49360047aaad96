"""A snapshot of two shops, of which each test asks for one."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from sinks.analytics import search_facts
from sinks.analytics.sales_facts import MODEL
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.sink import DocumentChange
from tests.sinks.duckdb.test_publishing import FRESH, SmallParts
from tests.support.sink_contract import paid_order

#: A text of the other shop that no answer may have.
SECRET = "Sauerkraut of the other shop"


@dataclass(frozen=True)
class Asked:
    """`cheap` is one of the three orders of the shop, and in a state of its own."""

    folder: Path
    tenant_id: UUID
    other_id: UUID
    cheap: UUID


def ordered(tenant_id: UUID, title: str, status: str, price: int) -> DocumentChange:
    change = paid_order(version=1, tenant_id=tenant_id, lines=2)
    change.document.update(status=status, total_minor=2 * price)
    for line in change.document["lines"]:
        line.update(title=title, unit_price_minor=price, quantity=1, total_minor=price, adjustment_minor=0)
    return change


def changes(own: UUID, other: UUID) -> Iterator[DocumentChange]:
    yield ordered(own, "7", "paid", 100)
    yield ordered(own, "7", "shipped", 300)
    yield ordered(own, "=1+1", "paid", 500)
    for _ in range(20):
        yield ordered(other, SECRET, "paid", 900)


@pytest.fixture(scope="session", params=["in rows", "in files"])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """The rows lie in the snapshot itself, or in Parquet files with both shops' rows in each."""
    folder, own, other = tmp_path_factory.mktemp("analytics"), uuid4(), uuid4()
    of = list(changes(own, other))
    kind = SmallParts if request.param == "in files" else DuckDBSink
    facts = list(MODEL.store.shape)
    with closing(kind(folder / MODEL.id, MODEL, facts, goes_live=True)) as sink:
        sink.open()
        sink.write(of, {})
        sink.publish(FRESH)
        assert bool(list(sink.folder.glob("parts-*/orders-*.parquet"))) == (request.param == "in files")
    searches = search_facts.MODEL
    with closing(
        DuckDBSink(folder / searches.id, searches, list(searches.store.shape), goes_live=True)
    ) as sink:
        sink.open()
        sink.publish(FRESH)
    return Asked(folder, own, other, of[0].id)

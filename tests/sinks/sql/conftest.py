"""A snapshot of two shops, of which each test asks for one."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from sinks.analytics.sales_facts import MODEL
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.sink import DocumentChange
from tests.sinks.duckdb.test_publishing import FRESH, SmallParts
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
    for line in change.document["lines"]:
        line.update(title=title, unit_price_minor=price, quantity=1, total_minor=price, adjustment_minor=0)
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

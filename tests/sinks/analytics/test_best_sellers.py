"""What sells best is what many paid for in the last 30 whole days, and only in its shop."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ops.settings import Settings
from schemas.events.order import OrderCancelled, OrderPaid
from sinks.analytics.sales_facts import MODEL, order_facts
from sinks.analytics.sales_questions import SalesReader
from tests.support.examples import envelope, line, order
from tests.support.whole import whole

Sell = Callable[..., None]
TENANT = uuid4()
TODAY = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
YESTERDAY = TODAY - timedelta(days=1)
BREAD, BUTTER, KNIFE, MILK = (uuid4() for _ in range(4))


@pytest.fixture
def sell(tmp_path: Path) -> Iterator[Sell]:
    store = MODEL.sink(Settings(analytics_dir=tmp_path))
    store.open()

    def sold(
        product: UUID, *, units: int = 1, times: int = 3, at: datetime = YESTERDAY, tenant_id: UUID = TENANT,
        paid: bool = True, unit: str = "piece",
    ) -> None:  # fmt: skip
        status = "paid" if paid else "cancelled"
        lines = (line(product_id=product, quantity=units, unit=unit),)
        made = [order(lines=lines, status=status, placed_at=at, confirmed_at=at, paid_at=at) for _ in range(times)]
        for one in made:
            event = OrderPaid(order=one) if paid else OrderCancelled(order=one, reason="gone", refund_minor=280)
            store.write([order_facts(envelope(tenant_id=tenant_id, aggregate_id=one.id), event)], {})
        store.publish(whole(MODEL))

    yield sold
    store.close()


def test_units_of_paid_orders_of_thirty_whole_days_make_the_order(sell: Sell, tmp_path: Path) -> None:
    sell(BREAD, units=2)
    sell(BUTTER, units=3, at=TODAY - timedelta(days=30))
    sell(KNIFE, units=100, times=2)
    sell(MILK, units=100, at=TODAY - timedelta(days=31))
    sell(MILK, units=100, at=TODAY)
    sell(MILK, units=100, paid=False)
    sell(MILK, units=100, tenant_id=uuid4())

    assert SalesReader(tmp_path).best_sellers(TENANT, TODAY).product_ids == (BUTTER, BREAD)
    assert SalesReader(tmp_path).best_sellers(uuid4(), TODAY).product_ids == ()


def test_a_gram_is_no_more_of_a_success_than_a_bottle(sell: Sell, tmp_path: Path) -> None:
    sell(MILK, units=500, unit="g")
    sell(BREAD, units=2)

    assert SalesReader(tmp_path).best_sellers(TENANT, TODAY).product_ids == (BREAD, MILK)

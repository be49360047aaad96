"""What is bought together is what is in the same paid orders, and belongs together more than by chance."""

from collections.abc import Callable, Iterator
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
BREAD, BUTTER, KNIFE, MILK = (uuid4() for _ in range(4))


@pytest.fixture
def sell(tmp_path: Path) -> Iterator[Sell]:
    store = MODEL.sink(Settings(analytics_dir=tmp_path))
    store.open()

    def sold(*products: UUID, times: int = 3, tenant_id: UUID = TENANT, paid: bool = True) -> None:
        lines = tuple(line(product_id=one) for one in products)
        made = [order(lines=lines, status="paid" if paid else "cancelled") for _ in range(times)]
        events = [
            OrderPaid(order=one) if paid else OrderCancelled(order=one, reason="gone", refund_minor=280) for one in made
        ]
        named = [envelope(tenant_id=tenant_id, aggregate_id=one.id) for one in made]
        store.write([order_facts(name, event) for name, event in zip(named, events, strict=True)], {})
        store.publish(whole(MODEL))

    yield sold
    store.close()


def with_bread(folder: Path, most: int = 10, tenant_id: UUID = TENANT) -> tuple[UUID, ...]:
    return SalesReader(folder).bought_together(tenant_id, BREAD, most).product_ids


def test_what_is_in_every_basket_comes_behind_what_is_bought_with_it(sell: Sell, tmp_path: Path) -> None:
    sell(BREAD, BUTTER, MILK, times=4)
    sell(BREAD, MILK, times=1)
    sell(MILK, KNIFE, times=20)

    assert with_bread(tmp_path) == (BUTTER, MILK)
    assert with_bread(tmp_path, most=1) == (BUTTER,)


def test_two_orders_are_too_few_to_show_one_basket_to_others(sell: Sell, tmp_path: Path) -> None:
    sell(BREAD, KNIFE, times=2)

    assert with_bread(tmp_path) == ()

    sell(BREAD, KNIFE, times=1)
    assert with_bread(tmp_path) == (KNIFE,)


def test_one_order_with_a_product_on_many_lines_counts_once(sell: Sell, tmp_path: Path) -> None:
    sell(BREAD, BREAD, KNIFE, KNIFE, KNIFE, times=2)

    assert with_bread(tmp_path) == ()


def test_orders_that_were_cancelled_and_those_of_another_shop_say_nothing(sell: Sell, tmp_path: Path) -> None:
    sell(BREAD, KNIFE, paid=False)
    sell(BREAD, BUTTER, tenant_id=uuid4())

    assert with_bread(tmp_path) == ()

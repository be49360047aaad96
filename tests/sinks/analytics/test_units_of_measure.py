"""What is counted in pieces and what is measured are told apart in every figure, and quantities stay exact."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Context, Decimal, localcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.settings import Settings
from schemas.events.order import OrderPaid, OrderRefunded, Refund, RefundLine
from schemas.events.product import ProductUpdated
from schemas.units import UNITS, unit_of
from sinks.analytics.catalogue_facts import product_facts
from sinks.analytics.metric_questions import MetricQuery
from sinks.analytics.metrics_catalogue import METRICS
from sinks.analytics.sales_facts import MODEL, ORDER_FACTS, order_facts
from sinks.analytics.sales_questions import SalesQuery, SalesReader
from sinks.analytics.unit_measures import in_base_units
from sinks.duckdb import snapshots
from sinks.read_model import ReadModel
from sinks.sink import Unavailable
from sinks.stores import InDuckDB
from tests.support.examples import MOMENT, envelope, line, order, product, variant
from tests.support.whole import whole

SHOP = uuid4()
LINES = (
    line(sku="BOTTLE", quantity=3, unit="piece"),
    line(sku="CHEESE", quantity=5, unit="100 g"),
    line(sku="FLOUR", quantity=2, unit="kg"),
    line(sku="PETROL", quantity=30_080, unit="0.001 gal"),
    line(sku="APPLES", quantity=4, unit="crate"),
    line(sku="DEPOSIT", quantity=0, unit="piece", unit_price_minor=0, total_minor=25),
)
Sell = Callable[..., SalesReader]


@pytest.fixture
def sell(tmp_path: Path) -> Iterator[Sell]:
    store = MODEL.sink(Settings(analytics_dir=tmp_path))
    store.open()

    def sold(*events: Any) -> SalesReader:
        changes = [order_facts(envelope(tenant_id=SHOP, aggregate_id=one.order.id), one) for one in events]
        assert not store.write(changes, {})
        store.publish(whole(MODEL))
        return SalesReader(tmp_path)

    yield sold
    store.close()


def asked(folder: Path, select: str) -> list[tuple[Any, ...]]:
    current = snapshots.current(folder / MODEL.id)
    assert current is not None
    with closing(snapshots.opened(current)) as connection:
        return connection.execute(select).fetchall()


def totals(reader: SalesReader, metric: str, **more: Any) -> dict[str | None, Any]:
    found = reader.metric(MetricQuery(tenant_id=SHOP, metric=METRICS[metric], **more))
    return {row.unit: row.value for row in found.totals}


def test_each_line_says_what_its_quantity_measures_and_how_much_it_is(sell: Sell, tmp_path: Path) -> None:
    sell(OrderPaid(order=order(lines=LINES)))

    found = asked(tmp_path, "SELECT sku, measure, quantity_base, items FROM fct_order_lines ORDER BY line_no")

    assert found == [
        ("BOTTLE", "count", Decimal(3), 3),
        ("CHEESE", "mass", Decimal(500), 1),
        ("FLOUR", "mass", Decimal(2000), 1),
        ("PETROL", "volume", Decimal("113865.18646272"), 1),
        ("APPLES", None, None, 1),
        ("DEPOSIT", "count", Decimal(0), 0),
    ]


def test_quantities_of_two_units_are_never_added_up(sell: Sell) -> None:
    reader = sell(OrderPaid(order=order(lines=LINES)), OrderPaid(order=order(lines=LINES[:2])))

    assert totals(reader, "quantity_sold") == {"piece": 6, "100 g": 10, "kg": 2, "0.001 gal": 30_080, "crate": 4}
    assert totals(reader, "quantity_sold", only={"measure": "mass"}) == {"100 g": 10, "kg": 2}


def test_what_has_one_measure_adds_up_in_its_base_unit(sell: Sell) -> None:
    reader = sell(OrderPaid(order=order(lines=LINES)), OrderPaid(order=order(lines=LINES[:2])))

    assert totals(reader, "base_quantity_sold") == {"piece": 6, "g": 3000, "ml": 113865.18646272}


def test_a_period_without_a_unit_has_none_of_it(sell: Sell) -> None:
    reader = sell(OrderPaid(order=order(lines=LINES[:2], paid_at=MOMENT, placed_at=MOMENT)))
    days = {"first_day": date(2026, 3, 1), "last_day": date(2026, 3, 2)}

    found = reader.metric(MetricQuery(tenant_id=SHOP, metric=METRICS["quantity_sold"], by="day", **days))

    assert [(row.period, row.unit, row.value) for row in found.rows] == [
        (date(2026, 3, 1), "100 g", 5),
        (date(2026, 3, 1), "piece", 3),
        (date(2026, 3, 2), "100 g", 0),
        (date(2026, 3, 2), "piece", 0),
    ]


def test_a_measured_line_is_one_item_and_no_piece(sell: Sell, tmp_path: Path) -> None:
    reader = sell(OrderPaid(order=order(lines=LINES)))

    assert asked(tmp_path, "SELECT lines, pieces, items FROM fct_orders") == [(6, 3, 7)]
    assert totals(reader, "items_sold") == {None: 3 + 4}
    assert totals(reader, "items_per_order") == {None: 7}
    assert totals(reader, "pieces_sold") == totals(reader, "pieces_per_order") == {None: 3}


def test_units_of_sales_are_pieces_and_so_are_those_that_came_back(sell: Sell) -> None:
    back = tuple(RefundLine(line_no=no, returned=1, not_sent=0, amount_minor=0) for no in (1, 2))
    refund = Refund(refund_no=1, lines=back, other_minor=0, amount_minor=0, reason="r", refunded_at=MOMENT)
    reader = sell(OrderRefunded(order=order(lines=LINES, refunds=(refund,)), refund=refund))

    (total,) = reader.sales(SalesQuery(tenant_id=SHOP)).totals

    assert (total.units, total.reversed_units) == (3, 1)


def test_what_is_undone_has_the_unit_of_its_line(sell: Sell, tmp_path: Path) -> None:
    back = (RefundLine(line_no=2, returned=2, not_sent=0, amount_minor=0),)
    refund = Refund(refund_no=1, lines=back, other_minor=5, amount_minor=5, reason="r", refunded_at=MOMENT)
    sell(OrderRefunded(order=order(lines=LINES, refunds=(refund,), refunded_minor=5), refund=refund))

    not_sold = "SELECT kind, unit, measure, quantity_base FROM fct_sales WHERE kind <> 'sale' ORDER BY kind"
    of_ledger = asked(tmp_path, not_sold)
    of_view = asked(tmp_path, "SELECT units, unit, measure FROM reversals WHERE line_no IS NOT NULL")

    assert of_ledger == [("adjustment", None, None, None), ("reversal", "100 g", "mass", Decimal(-200))]
    assert of_view == [(-2, "100 g", "mass")]


def test_the_variant_says_its_unit_of_now(sell: Sell, tmp_path: Path) -> None:
    store = MODEL.sink(Settings(analytics_dir=tmp_path / "now"))
    store.open()
    cheese = product(variants=(variant(unit="100 g"),))
    about = envelope("product.updated", tenant_id=SHOP, aggregate_id=cheese.id)
    assert not store.write([product_facts(about, ProductUpdated(product=cheese, changed=()))], {})
    store.publish(whole(MODEL))
    store.close()

    assert asked(tmp_path / "now", "SELECT unit, measure FROM dim_variants") == [("100 g", "mass")]


def before() -> ReadModel:
    """The model when a snapshot told no measures apart: readers see it until the newer one is built."""
    lacks = {
        "sales": "unit, measure",
        "reversals": "unit, measure",
        "fct_sales": "measure, quantity_base",
    }
    views = {
        name: f"SELECT * EXCLUDE ({lacks[name]}) FROM ({select})" if name in lacks else select
        for name, select in ORDER_FACTS.views.items()
    }
    others = tuple(facts for facts in MODEL.store.shape if facts.table != ORDER_FACTS.table)
    return replace(MODEL, store=InDuckDB((replace(ORDER_FACTS, views=views), *others)))


def test_a_snapshot_of_before_answers_what_it_can_and_says_what_it_lacks(tmp_path: Path) -> None:
    store = before().sink(Settings(analytics_dir=tmp_path))
    store.open()
    orders = [order(lines=LINES[:2]) for _ in range(3)]
    changes = [order_facts(envelope(tenant_id=SHOP, aggregate_id=one.id), OrderPaid(order=one)) for one in orders]
    assert not store.write(changes, {})
    store.publish(whole(MODEL))
    store.close()
    reader = SalesReader(tmp_path)

    (total,) = reader.sales(SalesQuery(tenant_id=SHOP)).totals

    assert total.units == 3 * (3 + 5)
    assert len(reader.best_sellers(SHOP, MOMENT + timedelta(days=2)).product_ids) == 2
    assert totals(reader, "quantity_sold") == {"piece": 9, "100 g": 15}
    with pytest.raises(Unavailable, match=r"fct_sales\.measure is not there yet"):
        totals(reader, "items_sold")
    with pytest.raises(Unavailable, match=r"fct_sales\.measure is not there yet"):
        totals(reader, "net_sales", only={"measure": "mass"})


@given(
    quantity=st.integers(-(2**63) + 1, 2**63 - 1),
    number=st.none() | st.integers(1, 999_999).map(lambda thousandths: Decimal(thousandths) / 1000),
    name=st.sampled_from(sorted(UNITS.keys() - {"piece"})),
)
def test_any_quantity_of_any_unit_is_exact(quantity: int, number: Decimal | None, name: str) -> None:
    unit = name if number is None else f"{number} {name}"
    found = unit_of(unit)
    assert found is not None

    select = f"SELECT {in_base_units('q', 'u', 'm')} FROM (SELECT $1::BIGINT AS q, $2::VARCHAR AS u, $3::VARCHAR AS m)"
    with duckdb.connect() as connection:
        (told,) = connection.execute(select, [quantity, unit, found.measure]).fetchone() or (None,)

    with localcontext(Context(prec=60)):
        assert told == quantity * found.factor

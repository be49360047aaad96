"""Every metric on a published snapshot: what it says of a day, and that it adds up where it says so."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from ops.settings import Settings
from schemas.events.order import OrderCancelled, OrderPaid, OrderPlaced, Refund, RefundLine
from schemas.row_conditions import NO_ROW, OneOf
from sinks.analytics.metric_questions import MetricFound, MetricQuery, TooManyRows, periods_between
from sinks.analytics.metrics_catalogue import METRICS
from sinks.analytics.sales_facts import MODEL, order_facts
from sinks.analytics.sales_questions import SalesReader
from tests.support.examples import envelope, line, order
from tests.support.whole import whole

SHOP = uuid4()
FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)


def sold(day: int, *totals: int, customer: str | None = "ann", currency: str = "EUR", **different: Any) -> OrderPaid:
    at = FIRST + timedelta(days=day)
    lines = tuple(
        line(
            quantity=1,
            unit_price_minor=total + 10,
            adjustment_minor=-10,
            discount_minor=10,
            total_minor=total,
            category=("Food", "Drinks")[number % 2],
            brand=None,
        )
        for number, total in enumerate(totals)
    )
    return order(
        placed_at=at,
        confirmed_at=at,
        paid_at=at,
        customer_ref=customer,
        currency=currency,
        lines=lines,
        total_minor=sum(totals),
        **different,
    )


def refunded(of: Any, day: int, amount: int) -> Any:
    at = FIRST + timedelta(days=day)
    told = (RefundLine(line_no=1, returned=1, not_sent=0, amount_minor=amount),)
    one = Refund(refund_no=1, lines=told, other_minor=0, amount_minor=amount, reason="r", refunded_at=at)
    return replace(of, refunds=(one,), refunded_minor=amount)


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> SalesReader:
    """A winter: a refund in another month, one that was cancelled, two currencies, a guest, days without any."""
    folder = tmp_path_factory.mktemp("analytics")
    gone = sold(40, 500, customer="bob")
    gone = replace(
        gone, status="cancelled", cancelled_at=FIRST + timedelta(days=75), refund_minor=500, refunded_minor=500
    )
    events = [
        OrderPaid(order=refunded(sold(0, 100, 200), 35, 40)),
        OrderPaid(order=sold(1, 300)),
        OrderPaid(order=sold(1, 700, customer=None)),
        OrderPaid(order=sold(33, 50, customer="cem", currency="JPY")),
        OrderCancelled(order=gone, reason="late", refund_minor=500),
        OrderPlaced(order=replace(sold(2, 999), status="pending", paid_at=None)),
    ]
    store = MODEL.sink(Settings(analytics_dir=folder))
    store.open()
    named = [(envelope(tenant_id=SHOP, aggregate_id=one.order.id), one) for one in events]
    assert not store.write([order_facts(told, event) for told, event in named], {})
    store.publish(whole(MODEL))
    store.close()
    return SalesReader(folder)


def ask(reader: SalesReader, name: str, **asked: Any) -> MetricFound:
    return reader.metric(MetricQuery(**{"tenant_id": SHOP, "metric": METRICS[name]} | asked))


def total(reader: SalesReader, name: str, currency: str | None = "EUR", **asked: Any) -> Any:
    by_currency = {row.currency: row.value for row in ask(reader, name, **asked).totals}
    return by_currency[currency if METRICS[name].by_currency else None]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gross_sales", 110 + 210 + 310 + 710 + 510),
        ("discounts", 50),
        ("other_charges", 0),
        ("reversals", -40 - 500),
        ("net_sales", 100 + 200 + 300 + 700 - 40),
        ("net_sales_by_order_day", 100 + 200 + 300 + 700 - 40),
        ("tax", 0),
        ("shipping", 0),
        ("adjustments", 0),
        ("total_sales", 1260),
        ("pieces_sold", 6),
        ("items_sold", 6),
        ("quantity_sold", 6),
        ("base_quantity_sold", 6),
        ("orders", 5),
        ("sales_share", 1.0),
        ("average_order_value", (300 + 300 + 700 + 500) / 4),
        ("median_order_value", 400),
        ("lines_per_order", 1.2),
        ("products_per_order", 1.2),
        ("pieces_per_order", 1.2),
        ("items_per_order", 1.2),
        ("new_customer_orders", 3),
        ("returning_customer_orders", 1),
        ("guest_orders", 1),
        ("customers", 3),
        ("repeat_rate", 1 / 3),
        ("reduced_lines_share", 1.0),
        ("discount_depth", 50 / 1850),
    ],
)
def test_each_metric_says_of_all_time_what_it_means(reader: SalesReader, name: str, value: float) -> None:
    assert total(reader, name) == pytest.approx(value)


def test_every_metric_is_tried() -> None:
    (tried,) = (
        mark for mark in test_each_metric_says_of_all_time_what_it_means.pytestmark if mark.name == "parametrize"
    )

    assert {name for name, _ in tried.args[1]} == set(METRICS)


@pytest.mark.parametrize("name", [one.name for one in METRICS.values() if "time" in one.additive])
@pytest.mark.parametrize("by", ["day", "week", "month", "quarter", "year"])
def test_a_metric_adds_up_over_time_where_it_says_so(reader: SalesReader, name: str, by: Any) -> None:
    found = ask(reader, name, by=by)

    assert _sums(found) == {row.currency: row.value for row in found.totals}


@pytest.mark.parametrize(
    ("name", "split"),
    [(one.name, split) for one in METRICS.values() if "split" in one.additive for split in one.relation.splits],
)
def test_a_metric_adds_up_over_every_split_where_it_says_so(reader: SalesReader, name: str, split: str) -> None:
    found = ask(reader, name, split=split)

    assert _sums(found) == {row.currency: row.value for row in found.totals}


def test_orders_do_not_add_up_over_categories_and_say_so(reader: SalesReader) -> None:
    assert sum(_sums(ask(reader, "orders", split="category")).values()) > total(reader, "orders")
    assert "split" not in METRICS["orders"].additive


def _sums(found: MetricFound) -> dict[str | None, Any]:
    sums: dict[str | None, Any] = defaultdict(int)
    for row in found.rows:
        sums[row.currency] += row.value
    return dict(sums)


def test_what_was_undone_is_on_its_own_day_or_on_that_of_the_order(reader: SalesReader) -> None:
    january = {"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 31), "currency": "EUR"}

    assert total(reader, "net_sales", **january) == 1300
    assert total(reader, "net_sales_by_order_day", **january) == 1260


def test_days_without_a_sale_are_there_and_nothing(reader: SalesReader) -> None:
    found = ask(reader, "net_sales", by="day", first_day=date(2026, 1, 1), last_day=date(2026, 1, 5), currency="EUR")

    assert [(row.period.day, row.value) for row in found.rows] == [(1, 300), (2, 1000), (3, 0), (4, 0), (5, 0)]


NOTHING_SOLD = {"first_day": date(2026, 1, 10), "last_day": date(2026, 1, 11), "by": "day"}


@pytest.mark.parametrize(
    ("name", "currency", "value"), [("orders", None, 0), ("customers", None, 0), ("net_sales", "EUR", 0)]
)
def test_a_time_without_a_sale_is_nothing_on_each_day_and_in_all(
    reader: SalesReader, name: str, currency: str | None, value: int
) -> None:
    found = ask(reader, name, currency=currency, **NOTHING_SOLD)

    assert [(row.period, row.currency, row.value) for row in found.rows] == [
        (date(2026, 1, 10), currency, value),
        (date(2026, 1, 11), currency, value),
    ]
    assert [(row.currency, row.value) for row in found.totals] == [(currency, value)]


def test_a_day_with_guests_alone_and_a_day_with_nobody_have_as_many_customers(reader: SalesReader) -> None:
    days = {"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 3)}

    assert [row.value for row in ask(reader, "customers", by="day", **days).rows] == [1, 1, 0]


def test_what_is_laid_beside_another_time_has_a_row_of_each_that_has_one_there(reader: SalesReader) -> None:
    days = {"first_day": date(2026, 2, 3), "last_day": date(2026, 2, 3)}
    there = ask(reader, "net_sales", by="day", **days)

    found = ask(reader, "net_sales", beside=there, **NOTHING_SOLD)

    assert [(row.currency, row.value) for row in there.totals] == [("JPY", 50)]
    assert [(row.period.day, row.currency, row.value) for row in found.rows] == [(10, "JPY", 0), (11, "JPY", 0)]
    assert [(row.currency, row.value) for row in found.totals] == [("JPY", 0)]


def test_what_cannot_be_worked_out_of_nothing_is_null(reader: SalesReader) -> None:
    days = {"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 3)}

    found = ask(reader, "average_order_value", by="day", **days)

    assert [row.value for row in found.rows] == [300, 500, None]


def test_shares_of_a_period_are_one_together(reader: SalesReader) -> None:
    found = ask(reader, "sales_share", by="month", split="category", last_day=date(2026, 1, 31))

    assert {row.split: row.value for row in found.rows} == pytest.approx({"Food": 1100 / 1300, "Drinks": 200 / 1300})


def test_another_shop_has_nothing(reader: SalesReader) -> None:
    for metric in METRICS.values():
        found = reader.metric(MetricQuery(tenant_id=uuid4(), metric=metric, split=next(iter(metric.relation.splits))))
        assert found.rows == ()
        assert [row.value for row in found.totals if row.value] == []


def test_only_orders_that_are_reached_count(reader: SalesReader) -> None:
    for metric in METRICS.values():
        found = reader.metric(MetricQuery(tenant_id=SHOP, metric=metric, reached=NO_ROW))
        assert [row.value for row in found.totals if row.value] == []
    assert total(reader, "orders", reached=OneOf("currency", ("JPY",))) == 1


def test_it_can_be_narrowed_by_what_it_can_be_split_by(reader: SalesReader) -> None:
    assert total(reader, "net_sales", only={"category": "Drinks"}) == 200
    assert total(reader, "returning_customer_orders", only={"customer_kind": "returning"}) == 1
    assert ask(reader, "net_sales", only={"category": "'; DROP TABLE orders; --"}).totals == ()


def test_more_than_can_be_answered_is_refused(reader: SalesReader) -> None:
    days = {"first_day": date(1900, 1, 1), "last_day": date(2026, 12, 31)}

    with pytest.raises(TooManyRows, match="ask for fewer days"):
        ask(reader, "net_sales", by="day", **days)


@pytest.mark.parametrize(
    ("by", "first", "last", "starts"),
    [
        ("week", date(2025, 12, 31), date(2026, 1, 12), ["2025-12-29", "2026-01-05", "2026-01-12"]),
        ("month", date(2026, 1, 31), date(2026, 3, 1), ["2026-01-01", "2026-02-01", "2026-03-01"]),
        ("quarter", date(2025, 12, 31), date(2026, 7, 1), ["2025-10-01", "2026-01-01", "2026-04-01", "2026-07-01"]),
        ("year", date(2024, 2, 29), date(2026, 1, 1), ["2024-01-01", "2025-01-01", "2026-01-01"]),
        ("day", date(2024, 2, 28), date(2024, 3, 1), ["2024-02-28", "2024-02-29", "2024-03-01"]),
    ],
)
def test_periods_follow_each_other_without_a_gap(by: Any, first: date, last: date, starts: list[str]) -> None:
    assert [str(one) for one in periods_between(first, last, by)] == starts

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from ops.settings import Settings
from schemas.events.order import OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded, Refund, RefundLine
from schemas.row_conditions import NO_ROW, Not, OneOf, Within
from sinks.analytics.sales_facts import MODEL, order_facts
from sinks.analytics.sales_questions import SalesQuery, SalesReader
from sinks.analytics.snapshot_reader import NoSnapshotYet, TookTooLong
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.sink import Unavailable
from sinks.wanted_version import Wanted
from tests.support.endless_sales import endless
from tests.support.examples import MOMENT, envelope, line, order
from tests.support.whole import whole

FRESH = whole(MODEL)
TENANT = uuid4()


@pytest.fixture
def sold(tmp_path):
    """Publishes the given orders' facts and returns a reader of them."""
    store = MODEL.sink(Settings(analytics_dir=tmp_path))
    store.open()

    def publish(*orders, tenant_id=TENANT):
        changes = [
            order_facts(envelope(tenant_id=tenant_id, aggregate_version=n), event) for n, event in enumerate(orders, 1)
        ]
        store.write(changes, {})
        store.publish(FRESH)
        return SalesReader(tmp_path)

    yield publish
    store.close()


def test_revenue_is_what_paid_orders_took(sold):
    reader = sold(
        OrderPaid(order=order(lines=(line(), line(quantity=1, total_minor=130)))),
        OrderPlaced(order=order(status="pending", paid_at=None)),
    )

    (total,) = reader.sales(SalesQuery(tenant_id=TENANT)).totals

    assert (total.orders, total.units, total.revenue_minor, total.currency) == (1, 3, 410, "EUR")


def test_a_cancelled_order_is_no_sale(sold):
    cancelled = order(status="cancelled")
    reader = sold(OrderCancelled(order=cancelled, reason="changed their mind", refund_minor=280))

    assert reader.sales(SalesQuery(tenant_id=TENANT)).totals == ()


def test_a_week_starts_on_monday_where_the_shop_is(sold):
    sunday_evening_in_new_york = datetime(2017, 1, 9, 4, 30, tzinfo=UTC)
    reader = sold(OrderPaid(order=order(placed_at=sunday_evening_in_new_york)))

    (in_new_york,) = reader.sales(SalesQuery(tenant_id=TENANT, by="week", timezone="America/New_York")).rows
    (in_utc,) = reader.sales(SalesQuery(tenant_id=TENANT, by="week")).rows

    assert (in_new_york.period, in_utc.period) == (date(2017, 1, 2), date(2017, 1, 9))


def test_days_are_inclusive_in_the_asked_zone(sold):
    reader = sold(OrderPaid(order=order(placed_at=datetime(2017, 1, 9, 23, 30, tzinfo=UTC))))

    def found(zone):
        return reader.sales(
            SalesQuery(tenant_id=TENANT, first_day=date(2017, 1, 10), last_day=date(2017, 1, 10), timezone=zone)
        ).rows

    assert (len(found("UTC")), len(found("Europe/Berlin"))) == (0, 1)


def test_currencies_are_never_added_up(sold):
    reader = sold(OrderPaid(order=order()), OrderPaid(order=order(currency="JPY")))

    totals = reader.sales(SalesQuery(tenant_id=TENANT)).totals

    assert [total.currency for total in totals] == ["EUR", "JPY"]


def test_another_tenant_sees_nothing(sold):
    reader = sold(OrderPaid(order=order()))

    assert reader.sales(SalesQuery(tenant_id=uuid4(), by="day")).rows == ()


def test_a_reader_moves_on_to_the_next_snapshot(sold):
    first = order()
    reader = sold(OrderPaid(order=first))
    before = shows(reader, "order", first.id, 1)

    sold(OrderPlaced(order=order()), OrderPaid(order=first))

    assert before
    assert shows(reader, "order", first.id, 2)
    assert not shows(reader, "order", first.id, 3)


def test_what_the_model_does_not_read_is_never_waited_for(sold):
    assert shows(sold(OrderPaid(order=order())), "page", uuid4(), 9)


def test_before_the_first_snapshot_the_answer_is_not_now(tmp_path):
    with pytest.raises(NoSnapshotYet):
        SalesReader(tmp_path).sales(SalesQuery(tenant_id=TENANT))


def test_a_question_that_takes_too_long_is_given_up_and_the_next_is_answered(sold, tmp_path):
    reader = sold(OrderPaid(order=order()))
    ordinary = reader.sales(SalesQuery(tenant_id=TENANT))
    hurried = SalesReader(tmp_path, answer_s=0.5)
    with endless(tmp_path):
        began = time.monotonic()

        with pytest.raises(TookTooLong, match="longer than"):
            hurried.sales(SalesQuery(tenant_id=TENANT, by="day"))

        assert time.monotonic() - began < 5

    assert hurried.sales(SalesQuery(tenant_id=TENANT)) == ordinary


def shows(reader: SalesReader, aggregate: str, id_: UUID, version: int) -> bool:
    wanted = Wanted(TENANT, aggregate, id_, version)
    return wanted in reader.shown([wanted, Wanted(uuid4(), aggregate, id_, version)])


def test_sums_beyond_64_bits_are_exact(sold):
    most = 10**15
    big = [OrderPaid(order=order(id=uuid4(), lines=(line(total_minor=most),), total_minor=most)) for _ in range(9_500)]

    (total,) = sold(*big).sales(SalesQuery(tenant_id=TENANT)).totals

    assert (total.orders, total.revenue_minor) == (9_500, 9_500 * most)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize("by", ["day", "week", "month"])
@pytest.mark.parametrize("when", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)])
def test_an_order_from_before_moments_had_bounds_spoils_no_answer(sold, zone, by, when):
    reader = sold(OrderPaid(order=order(placed_at=when)), OrderPaid(order=order(id=uuid4(), placed_at=MOMENT)))

    found = reader.sales(SalesQuery(tenant_id=TENANT, by=by, timezone=zone))

    assert len(found.rows) == 2
    assert found.totals[0].orders == 2


def test_only_orders_that_are_reached_are_counted(sold):
    reader = sold(
        OrderPaid(order=order(id=uuid4(), customer_ref="anna")),
        OrderPaid(order=order(id=uuid4(), customer_ref="bert", tax_minor=1)),
        OrderPaid(order=order(id=uuid4(), customer_ref=None, tax_minor=2)),
    )

    def orders(reached):
        found = reader.sales(SalesQuery(tenant_id=TENANT, by="day", reached=reached))
        assert sum(row.orders for row in found.rows) == sum(row.orders for row in found.totals)
        return sum(row.orders for row in found.totals)

    assert orders(OneOf("customer_ref", ("anna", "'; --"))) == 1
    assert orders(Not(OneOf("customer_ref", ("anna",)))) == 2
    assert orders(Within("total_minor", 281, None)) == 2
    assert orders(NO_ROW) == 0


def refund(number, *lines, other=0, at=MOMENT):
    """By line: how many came back, and the money for them."""
    told = tuple(RefundLine(line_no=of, returned=units, not_sent=0, amount_minor=amount) for of, units, amount in lines)
    amount = sum(one.amount_minor for one in told) + other
    return Refund(refund_no=number, lines=told, other_minor=other, amount_minor=amount, reason="r", refunded_at=at)


def priced(total, category):
    return line(quantity=3, unit_price_minor=total, adjustment_minor=-2 * total, total_minor=total, category=category)


MARCH_1, MARCH_8 = datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 8, 23, 30, tzinfo=UTC)


@pytest.fixture
def refunded(sold):
    """Three lines of 520 sold on one day; of one 99, and 7 for none of them, went back a week later."""
    lines = (priced(300, "Bread"), priced(150, "Cheese"), priced(70, "Bread"))
    back = refund(1, (2, 2, 99), other=7, at=MARCH_8)
    made = order(lines=lines, total_minor=520, placed_at=MARCH_1, paid_at=MARCH_1, refunds=(back,), refunded_minor=106)
    return sold(OrderRefunded(order=made, refund=back))


def test_a_refund_counts_on_its_own_day_and_leaves_the_day_of_the_sale_as_it_was(refunded):
    by_day = refunded.sales(SalesQuery(tenant_id=TENANT, by="day"))
    a_day_later = refunded.sales(SalesQuery(tenant_id=TENANT, by="day", timezone="Europe/Berlin"))

    sale, back = by_day.rows
    assert (sale.period, sale.orders, sale.units, sale.revenue_minor) == (date(2026, 3, 1), 1, 9, 520)
    assert (sale.reversed_units, sale.reversed_minor, sale.refunded_minor, sale.net_revenue_minor) == (0, 0, 0, 520)
    assert (back.period, back.orders, back.units, back.revenue_minor) == (date(2026, 3, 8), 0, 0, 0)
    assert (back.reversed_units, back.reversed_minor, back.refunded_minor, back.net_revenue_minor) == (2, 99, 106, -99)
    assert [row.period for row in a_day_later.rows] == [date(2026, 3, 1), date(2026, 3, 9)]
    (total,) = by_day.totals
    assert (total.orders, total.revenue_minor, total.reversed_minor, total.net_revenue_minor) == (1, 520, 99, 421)


def test_a_refund_is_of_the_category_of_its_line_and_within_the_days_that_are_asked_for(refunded):
    split = refunded.sales(SalesQuery(tenant_id=TENANT, split_category=True)).rows
    later = refunded.sales(SalesQuery(tenant_id=TENANT, first_day=date(2026, 3, 2))).totals
    another = refunded.sales(SalesQuery(tenant_id=uuid4())).totals
    nothing = refunded.sales(SalesQuery(tenant_id=TENANT, reached=NO_ROW)).totals

    assert [(row.category, row.revenue_minor, row.reversed_minor, row.refunded_minor) for row in split] == [
        ("Bread", 370, 0, 0),
        ("Cheese", 150, 99, 99),
        (None, 0, 0, 7),
    ]
    assert [(row.orders, row.revenue_minor, row.net_revenue_minor) for row in later] == [(0, 0, -99)]
    assert (another, nothing) == ((), ())


def test_what_went_back_of_an_order_that_was_cancelled_counts_as_little_as_its_sale(sold):
    back = refund(1, (1, 1, 100), at=MARCH_8)
    told = order(status="cancelled", refunds=(back,), cancelled_at=MARCH_8)
    reader = sold(OrderCancelled(order=told, reason="r", refund_minor=180))

    assert reader.sales(SalesQuery(tenant_id=TENANT)).totals == ()


def test_of_a_newer_event_the_reversals_take_the_place_of_the_older_ones(sold):
    first, second = refund(1, (1, 1, 100), at=MARCH_8), refund(2, (1, 1, 50), at=MARCH_8)
    made = order(refunds=(first,), refunded_minor=100)
    sold(OrderRefunded(order=made, refund=first))
    reader = sold(OrderPaid(order=order()), OrderRefunded(order=replace(made, refunds=(first, second)), refund=second))

    (total,) = reader.sales(SalesQuery(tenant_id=TENANT)).totals
    assert (total.orders, total.reversed_minor, total.refunded_minor) == (2, 150, 150)


def test_while_the_version_before_is_shown_its_sales_are_told_as_still_building(tmp_path):
    now, *_ = MODEL.store.shape
    tables = (replace(now, lines=now.lines[:1], views={"sales": now.views["sales"]}, macros={}),)
    old = replace(MODEL, version=1, projections=MODEL.projections[:1])
    store = DuckDBSink(tmp_path / old.id, old, tables, goes_live=True)
    store.open()
    store.write([order_facts(envelope(tenant_id=TENANT, aggregate_version=1), OrderPaid(order=order()))], {})
    store.publish(FRESH)
    store.close()

    found = SalesReader(tmp_path).sales(SalesQuery(tenant_id=TENANT))

    assert (found.totals[0].revenue_minor, found.totals[0].reversed_minor) == (280, 0)
    assert (found.freshness.state, found.freshness.as_of) == ("building", None)


def test_a_pointer_that_cannot_be_read_is_a_store_that_is_away(tmp_path):
    (tmp_path / MODEL.name / "CURRENT").mkdir(parents=True)

    with pytest.raises(Unavailable, match="cannot be read"):
        SalesReader(tmp_path).sales(SalesQuery(tenant_id=TENANT))


def test_a_folder_that_is_a_file_has_no_snapshot_yet(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(NoSnapshotYet):
        SalesReader(tmp_path / "file").sales(SalesQuery(tenant_id=TENANT))

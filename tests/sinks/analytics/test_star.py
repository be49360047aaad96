"""The star: what each view says of orders, shops and the catalogue, on a published snapshot."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import duckdb
import pytest

from ops.settings import Settings
from schemas.events.category import Category, CategoryText, CategoryUpdated
from schemas.events.order import OrderCancelled, OrderPaid, OrderPlaced, Refund, RefundLine
from schemas.events.product import ProductUpdated
from schemas.events.tenant import TenantUpdated
from sinks.analytics.catalogue_facts import category_facts, product_facts
from sinks.analytics.sales_facts import MODEL, ORDER_FACTS, order_facts
from sinks.analytics.shop_facts import shop_facts
from sinks.duckdb import snapshots
from tests.support.examples import MOMENT, envelope, line, order, product, tenant
from tests.support.whole import whole

SHOP = uuid4()
LATE = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)  # the first of February in Berlin


class Published:
    """A store that is written to, and what readers then get."""

    def __init__(self, folder):
        self.folder = folder
        self.sink = MODEL.sink(Settings(analytics_dir=folder))
        self.sink.open()

    def write(self, *changes):
        assert not self.sink.write(list(changes), {})
        self.sink.publish(whole(MODEL))

    def sold(self, *orders, version=1, event=OrderPaid):
        named = [(envelope(tenant_id=SHOP, aggregate_id=one.id, aggregate_version=version), one) for one in orders]
        self.write(*(order_facts(told, event(order=one)) for told, one in named))

    def ask(self, select, *values):
        current = snapshots.current(self.folder / MODEL.id)
        with closing(snapshots.opened(current)) as connection:
            found = connection.execute(select, list(values))
            names = [name for name, *_ in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def one(self, select, *values):
        (row,) = self.ask(select, *values)
        return row


@pytest.fixture
def star(tmp_path):
    made = Published(tmp_path)
    yield made
    made.sink.close()


def shop(time_zone: str):
    about = envelope("tenant.updated", tenant_id=SHOP, aggregate_id=SHOP)
    return shop_facts(about, TenantUpdated(tenant=tenant(id=SHOP, time_zone=time_zone), changed=()))


def category(name: str, *above: UUID, version: int = 1, id_: UUID | None = None):
    id_ = id_ or uuid4()
    told = Category(
        id=id_,
        external_id=None,
        parent_id=above[-1] if above else None,
        path=(*above, id_),
        position=0,
        translations=(CategoryText(locale="de", name=name, slug=name.lower(), description=None),),
    )
    about = envelope("category.updated", tenant_id=SHOP, aggregate_id=id_, aggregate_version=version)
    return category_facts(about, CategoryUpdated(category=told, changed=()))


def article(**different):
    told = product(**different)
    about = envelope("product.updated", tenant_id=SHOP, aggregate_id=told.id)
    return product_facts(about, ProductUpdated(product=told, changed=()))


def three_lines():
    lines = (line(total_minor=100, quantity=1, unit_price_minor=120, adjustment_minor=-20, discount_minor=20),) * 3
    return order(lines=lines, tax_minor=20, shipping_minor=10, discount_minor=10, total_minor=320)


def test_a_day_is_the_shops_own(star):
    star.write(shop("Europe/Berlin"))
    star.sold(order(placed_at=LATE, paid_at=LATE))

    assert star.one("SELECT placed_on, paid_on FROM fct_orders") == dict.fromkeys(
        ("placed_on", "paid_on"), date(2026, 2, 1)
    )
    assert star.one("SELECT recognised_on FROM fct_sales")["recognised_on"] == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("placed_at", "day"),
    [
        ("2017-11-05T03:59:59.900+00:00", date(2017, 11, 4)),  # a tenth of a second before midnight
        ("2017-11-05T04:00:00+00:00", date(2017, 11, 5)),
        ("2017-11-05T05:30:00+00:00", date(2017, 11, 5)),  # half past one, and an hour later once more
        ("2017-11-05T06:30:00+00:00", date(2017, 11, 5)),
        ("2017-11-06T04:59:59.900+00:00", date(2017, 11, 5)),  # at the end of 25 hours
        ("2018-01-01T00:50:00+00:00", date(2017, 12, 31)),  # of the year before
    ],
)
def test_a_day_is_the_shops_own_around_midnight_whatever_the_reader_calls_midnight(star, placed_at, day):
    at = datetime.fromisoformat(placed_at)
    star.write(shop("America/New_York"))
    star.sold(order(placed_at=at, paid_at=at))

    for zone in ("UTC", "Asia/Tokyo"):
        with duckdb.connect(snapshots.current(star.folder / MODEL.id).path, read_only=True) as reader:
            reader.execute(f"SET TimeZone = '{zone}'")
            assert reader.execute("SELECT placed_on, paid_on FROM fct_orders").fetchall() == [(day, day)]


def test_of_a_shop_that_nobody_told_of_days_are_those_of_utc(star):
    star.sold(order(placed_at=LATE, paid_at=LATE))

    assert star.one("SELECT placed_on FROM fct_orders") == {"placed_on": date(2026, 1, 31)}


def test_joining_lines_doubles_no_amount_of_the_order(star):
    star.sold(three_lines())

    joined = star.one("""
        SELECT sum(line.tax_minor)::BIGINT AS tax, sum(line.shipping_minor)::BIGINT AS shipping,
               sum(line.order_discount_minor)::BIGINT AS discount, sum(line.total_minor)::BIGINT AS total
        FROM fct_orders AS o JOIN fct_order_lines AS line USING (tenant_id, order_id)
    """)

    assert joined == {"tax": 20, "shipping": 10, "discount": 10, "total": 320}


def test_two_equal_lines_count_twice(star):
    star.sold(order(lines=(line(),) * 2, total_minor=560))

    assert star.one("SELECT sum(net_minor)::BIGINT AS net FROM fct_sales") == {"net": 560}


def test_an_order_that_is_cancelled_later_stays_on_its_day_in_one_reading_and_not_in_the_other(star):
    paid = three_lines()
    gone = replace(
        paid, status="cancelled", cancelled_at=MOMENT + timedelta(days=40), refund_minor=320, refunded_minor=320
    )
    star.sold(paid)
    before = star.ask("SELECT * FROM sales_by_day")
    about = envelope("order.cancelled", tenant_id=SHOP, aggregate_id=paid.id, aggregate_version=2)
    star.write(order_facts(about, OrderCancelled(order=gone, reason="late", refund_minor=320)))

    own_day, order_day = (
        star.ask(f"SELECT day, orders, gross_minor, reversed_minor, net_minor, total_minor FROM {view} ORDER BY day")
        for view in ("sales_by_day", "sales_by_order_day")
    )

    assert star.ask("SELECT * FROM sales_by_day ORDER BY day")[0] == before[0]
    assert [(one["day"], one["net_minor"]) for one in own_day] == [(MOMENT.date(), 290), (date(2026, 4, 10), -290)]
    assert [(one["gross_minor"], one["reversed_minor"], one["total_minor"]) for one in order_day] == [(360, -290, 0)]
    assert star.ask("FROM sales") == []


def test_an_order_that_was_never_paid_is_in_no_ledger(star):
    star.sold(order(status="pending", paid_at=None), event=OrderPlaced)

    assert star.ask("FROM fct_sales") == []
    assert star.one("SELECT is_paid, kept_minor, customer_kind FROM fct_orders") == {
        "is_paid": False,
        "kept_minor": None,
        "customer_kind": None,
    }


def test_what_an_order_keeps_is_the_sum_of_its_entries(star):
    back = Refund(
        refund_no=1,
        lines=(RefundLine(line_no=1, returned=1, not_sent=0, amount_minor=40),),
        other_minor=7,
        amount_minor=47,
        reason="r",
        refunded_at=MOMENT,
    )
    star.sold(replace(three_lines(), refunds=(back,), refunded_minor=47))

    assert star.one("SELECT kept_minor FROM fct_orders") == star.one(
        "SELECT sum(total_minor)::BIGINT AS kept_minor FROM fct_sales"
    )
    assert star.one("SELECT kept_minor FROM fct_orders") == {"kept_minor": 273}


def test_renaming_and_moving_changes_what_is_now_and_not_what_was_sold(star):
    root, other = category("Food"), category("Drinks")
    inner = category("Canned", root.id)
    sold_as = article(category_ids=(inner.id,))
    star.write(root, other, inner, sold_as)
    star.sold(order(lines=(line(product_id=sold_as.id, category="Food", category_path=("Food", "Canned")),)))
    star.write(category("Tins", other.id, version=2, id_=inner.id))

    both = star.one("""
        SELECT sale.category_path AS sold_as, product.category_path AS is_now, product.category
        FROM fct_sales AS sale JOIN dim_products AS product USING (tenant_id, product_id)
    """)

    assert both == {"sold_as": ["Food", "Canned"], "is_now": ["Drinks", "Tins"], "category": "Drinks"}


def test_days_without_a_sale_are_in_the_calendar(star):
    star.sold(order(placed_at=datetime(2025, 7, 1, tzinfo=UTC)), order())

    days = star.one("SELECT min(day) AS first, max(day) AS last, count(*) AS days FROM dim_dates")

    assert days == {"first": date(2025, 1, 1), "last": date(2026, 12, 31), "days": 730}


def test_a_customer_is_new_once_and_a_guest_is_nobody(star):
    star.sold(
        order(customer_ref="ann", paid_at=MOMENT),
        order(customer_ref="ann", paid_at=MOMENT + timedelta(days=1)),
        order(customer_ref=None),
        order(customer_ref=None),
    )

    kinds = star.ask("SELECT customer_kind, count(*) AS n FROM fct_orders GROUP BY ALL ORDER BY ALL")

    assert [(one["customer_kind"], one["n"]) for one in kinds] == [("guest", 2), ("new", 1), ("returning", 1)]
    assert star.one("SELECT customer_ref, paid_orders FROM dim_customers") == {"customer_ref": "ann", "paid_orders": 2}


def test_a_month_that_is_not_over_says_nothing_of_a_cohort(star):
    star.sold(*(order(customer_ref="ann", paid_at=MOMENT + timedelta(days=31 * month)) for month in (0, 2)))

    found = star.ask("SELECT months_after, active_customers, retention FROM cohorts(DATE '2026-05-30') ORDER BY ALL")

    assert [(one["months_after"], one["active_customers"], one["retention"]) for one in found] == [
        (0, 1, 1.0),
        (1, 0, 0.0),
        (2, None, None),
    ]


def test_a_month_that_is_still_to_come_says_nothing_of_a_cohort_whatever_day_is_asked_for(star):
    star.write(shop("Europe/Berlin"))
    star.sold(order(customer_ref="ann", placed_at=MOMENT, paid_at=MOMENT))
    first, now = date(MOMENT.year, MOMENT.month, 1), datetime.now(UTC)
    over = (now.year - first.year) * 12 + now.month - first.month

    found = star.ask("SELECT months_after, active_customers FROM cohorts(today() + 100) ORDER BY ALL")

    said = [one["months_after"] for one in found if one["active_customers"] is not None]
    assert len(found) > over + 2
    assert said in (list(range(over)), list(range(over + 1)))  # midnight in Berlin comes before that of UTC


def test_segments_of_a_day_are_the_same_whatever_is_sold_later(star):
    star.sold(*(order(customer_ref=f"c{number}", paid_at=MOMENT + timedelta(days=number % 4)) for number in range(10)))
    asked = "SELECT * FROM customers_rfm(DATE '2026-04-01') ORDER BY customer_ref"
    before = star.ask(asked)
    star.sold(order(customer_ref="c3", paid_at=MOMENT + timedelta(days=90)))

    assert star.ask(asked) == before
    assert {one["recency_score"] for one in before} == {1, 2, 3, 4, 5}


def test_what_is_bought_together_has_support_confidence_and_lift_of_all_baskets(star):
    bread, butter, tea = uuid4(), uuid4(), uuid4()
    baskets = [(bread, butter)] * 2 + [(bread,)] * 2 + [(tea,)] * 4
    star.sold(*(order(lines=tuple(line(product_id=one) for one in basket)) for basket in baskets))

    found = star.one(
        "SELECT support, confidence, lift FROM product_pairs(2) WHERE item_a = ? AND item_b = ?", butter, bread
    )

    assert found == {"support": 0.25, "confidence": 1.0, "lift": 2.0}


def test_no_sum_of_money_is_a_float_and_every_column_says_what_it_means(star):
    star.sold(order())
    named = ", ".join(f"'{view}'" for view in ORDER_FACTS.views)

    columns = star.ask(f"SELECT * FROM meta_columns WHERE table_name IN ({named})")
    commented = star.ask(
        f"SELECT table_name, column_name FROM duckdb_columns() WHERE table_name IN ({named}) AND comment IS NULL"
    )

    assert {one["column_type"] for one in columns if one["column_name"].endswith("_minor")} == {"BIGINT"}
    assert [one for one in columns if not one["meaning"]] == []
    assert commented == []
    assert {one["table_name"] for one in columns} == set(ORDER_FACTS.views)


def test_every_column_of_what_the_views_are_made_of_says_what_it_means(star):
    star.sold(order())
    made_of = ("orders", "order_lines", "order_reversals", "shops", "products", "product_variants", "categories")
    named = ", ".join(f"'{table}'" for table in (*made_of, "freshness"))

    silent = star.ask(
        "SELECT table_name, column_name FROM duckdb_columns()"
        f" WHERE schema_name = 'main' AND table_name IN ({named}) AND comment IS NULL"
    )

    assert silent == []


def test_shops_do_not_share_a_row_of_any_view(star):
    star.write(shop("Europe/Berlin"), article())
    star.sold(order(customer_ref="ann"))
    other = envelope(tenant_id=uuid4())
    star.write(order_facts(other, OrderPaid(order=order(id=other.aggregate_id, customer_ref="ann"))))

    assert star.ask("SELECT customer_kind FROM fct_orders") == [{"customer_kind": "new"}] * 2
    assert len(star.ask("FROM dim_customers")) == 2
    assert {one["baskets_in_all"] for one in star.ask("FROM category_pairs(1)")} <= {1}


def test_a_shop_cannot_be_told_of_in_anothers_name():
    with pytest.raises(ValueError, match="the headers say"):
        shop_facts(envelope("tenant.updated", aggregate_id=SHOP), TenantUpdated(tenant=tenant(id=SHOP), changed=()))


def test_a_snapshot_can_be_read_without_its_writer(star):
    star.sold(order())
    path = snapshots.current(star.folder / MODEL.id).path

    with duckdb.connect(path, read_only=True) as connection:
        assert connection.sql("SELECT count(*) FROM fct_sales").fetchall() == [(1,)]

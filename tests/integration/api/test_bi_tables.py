"""The tables for BI tools are equal to the snapshot, and to what PostgreSQL has, whatever was there before."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from ops.settings import Settings
from sinks.analytics import sales_facts
from sinks.bi.bi_tables import TABLES
from sinks.bi.snapshot_figures import figures_of
from sinks.duckdb import snapshots
from tests.integration.api.bi import Bi, bi_of, sell_a_year
from tests.integration.api.shops import Shop, imported_order
from tests.support.stack import Stack

pytestmark = pytest.mark.servers
OF_SALES = [table for table in TABLES if table.model is sales_facts.MODEL]


@pytest.fixture
def bi(settings: Settings, tmp_path: Path, open_shop: Callable[..., Shop]) -> Iterator[Bi]:
    """Two shops, of which both have sold something; published and filled."""
    shops = [open_shop(time_zone="America/New_York"), open_shop()]
    for shop in shops:
        sell_a_year(shop)
    with bi_of(settings, tmp_path, shops) as made:
        made.publish()
        made.fill()
        yield made


def differing(bi: Bi) -> list[str]:
    """The tables that are not what the newest snapshot says."""
    with figures_of(bi.folder, "newest") as figures:
        wrong = []
        for table in OF_SALES:
            figures.work_out(table)
            here = sorted(map(repr, figures.rows(table, [], is_all=True)))
            there = sorted(map(repr, bi.asked(f"SELECT {', '.join(table.columns)} FROM {table.place}")))
            wrong += [table.name] if here != there else []
        return wrong


def test_every_table_is_equal_to_the_snapshot_and_to_the_orders(bi: Bi, postgres: psycopg.Connection) -> None:
    sold = postgres.execute(
        """
        SELECT currency, count(*), (sum(total_minor) - sum(tax_minor) - sum(shipping_minor))::bigint
        FROM orders WHERE tenant_id = ANY (%s) AND paid_at IS NOT NULL GROUP BY 1 ORDER BY 1
        """,
        ([shop.id for shop in bi.shops],),
    ).fetchall()
    orders = [one for shop in bi.shops for one in shop.get("/v1/orders").json["items"] if one["paid_at"]]
    kept = sum(one["total_minor"] - one["refunded_minor"] for one in orders)

    assert differing(bi) == []
    told = bi.asked(
        """
        SELECT currency, sum(orders)::bigint,
            sum(gross_sales_minor - discounts_minor + other_charges_minor)::bigint
        FROM sales_by_day GROUP BY 1 ORDER BY 1
        """
    )
    assert told == sold
    assert bi.asked("SELECT sum(total_sales_minor)::bigint FROM sales_by_day") == [(kept,)]
    assert len(orders) == 8
    assert any(one["refunded_minor"] for one in orders)
    for column in ("net_sales_minor", "gross_sales_minor"):
        by_day, by_category, by_product = (
            bi.asked(
                f"SELECT shop, day, currency, sum({column})::bigint FROM {table} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            )
            for table in ("sales_by_day", "sales_by_category_day", "sales_by_product_day")
        )
        assert by_day == by_category == by_product


def test_a_day_is_the_shops_own(bi: Bi) -> None:
    """One was paid a second before midnight in London, which is in the evening of New York."""
    bi.shops[0].post(
        "/v1/imports/orders",
        {"items": [imported_order("night", "p", paid_at="2017-08-02T03:00:00Z")]},
    )
    bi.shops[1].post(
        "/v1/imports/orders",
        {"items": [imported_order("night", "p", paid_at="2017-08-02T03:00:00Z")]},
    )
    bi.publish()
    bi.fill()

    days = bi.asked(
        "SELECT day::text, shop FROM sales_by_day WHERE day BETWEEN '2017-08-01' AND '2017-08-02' ORDER BY 1"
    )

    slugs = [shop.tenant["slug"] for shop in bi.shops]
    assert days == [("2017-08-01", slugs[0]), ("2017-08-02", slugs[1])]


def test_only_what_changed_is_written(bi: Bi) -> None:
    assert (bi.fill().rows, bi.fill().slices) == (0, 0)
    bi.shops[1].post("/v1/imports/orders", {"items": [imported_order("new", "q", paid_at="2018-01-05T12:00:00Z")]})
    bi.publish()

    filled = bi.fill()

    # One day of three tables of sales, and of the customers.
    assert (filled.slices, filled.rows) == (4, 4)
    assert differing(bi) == []


@pytest.mark.parametrize(
    "damage",
    [
        "TRUNCATE bi.sales_by_day",
        "DELETE FROM bi.sales_by_product_day WHERE product_id IS NOT NULL",
        "UPDATE bi.sales_by_category_day SET net_sales_minor = net_sales_minor + 1",
        "INSERT INTO bi.products (tenant_id, product_id) VALUES (gen_random_uuid(), gen_random_uuid())",
        "DROP TABLE bi.customers_by_day",
        "ALTER TABLE bi.shops ADD COLUMN another text; DELETE FROM bi_hidden.declared WHERE name = 'bi.shops'",
    ],
)
def test_whatever_was_done_to_the_tables_they_come_out_the_same(bi: Bi, damage: str) -> None:
    with psycopg.connect(bi.settings.postgres_bi_url) as filler:
        filler.execute(damage)  # type: ignore[call-overload]

    bi.fill()

    assert differing(bi) == []


def test_another_read_model_of_the_same_orders_changes_nothing(bi: Bi, tmp_path: Path) -> None:
    bi.folder = tmp_path / "again"
    bi.publish()

    assert bi.fill().rows == 0
    assert differing(bi) == []


def test_an_erased_shop_is_in_no_table_any_more(bi: Bi) -> None:
    _, kept = bi.shops
    bi.folder = bi.folder / "without"
    bi.shops = [kept]
    bi.publish()

    bi.fill()

    for table in OF_SALES:
        assert bi.asked(f"SELECT DISTINCT tenant_id FROM {table.place}") == [(kept.id,)], table.name


def test_several_at_once_and_some_that_are_killed_leave_it_whole(bi: Bi, servers: Stack) -> None:
    """Who reads meanwhile sees three tables of one moment, each time."""
    url, stop, wrong = bi.reader(None), threading.Event(), []
    environment = {**servers.environment, "RUSTOK_ANALYTICS_DIR": str(bi.folder)}

    def read() -> None:
        with psycopg.connect(url) as connection:
            while not stop.is_set():
                with connection.transaction():
                    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                    sums = {
                        connection.execute(f"SELECT sum(net_sales_minor) FROM {table}").fetchone()
                        for table in ("sales_by_day", "sales_by_category_day", "sales_by_product_day")
                    }
                if len(sums) > 1:
                    wrong.append(sums)

    reading = threading.Thread(target=read)
    reading.start()
    for turn in range(4):
        orders = [imported_order(f"{turn}-{n}", "p", paid_at=f"2019-0{turn + 1}-05T12:00:00Z") for n in range(20)]
        bi.shops[0].post("/v1/imports/orders", {"items": orders})
        bi.publish()
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "ops.cli", "sinks", "bi"],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for _ in range(2)
        ]
        with suppress(subprocess.TimeoutExpired):
            running[0].wait(1 + turn)
        running[0].send_signal(signal.SIGKILL)
        assert [running[0].wait(60) in (0, -signal.SIGKILL), running[1].wait(60)] == [True, 0]
    stop.set()
    reading.join()

    assert wrong == []
    bi.fill()
    assert differing(bi) == []


def test_freshness_says_of_which_moment_they_are(bi: Bi) -> None:
    current = snapshots.current(bi.folder / sales_facts.MODEL.id)
    assert current is not None

    ((model, snapshot, as_of, is_certified),) = bi.asked(
        "SELECT model, snapshot, as_of, is_certified FROM freshness WHERE model = 'sales'"
    )

    assert (model, snapshot, as_of, is_certified) == ("sales", current.path.name, current.freshness.as_of, False)

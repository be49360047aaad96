"""Each table for BI tools says of a published snapshot what the catalogue of metrics says, row by row."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.events.order import OrderPaid
from schemas.events.search_log import SearchLogRecorded
from sinks.analytics import sales_facts, search_facts
from sinks.analytics.metric_questions import MetricQuery, ask
from sinks.analytics.metrics_catalogue import METRICS
from sinks.analytics.search_questions import SearchesQuery, SearchesReader
from sinks.bi import bi_schema
from sinks.bi.bi_table import BiTable
from sinks.bi.bi_tables import TABLES
from sinks.bi.snapshot_figures import SnapshotFigures, figures_of, slices
from sinks.duckdb import certified_snapshots, snapshots
from sinks.duckdb.certified_snapshots import Certified
from sinks.sink import DocumentChange, Unavailable
from tests.support.examples import envelope, line, order
from tests.support.search_logs import logged_action, logged_search, search_log
from tests.support.sound_snapshots import SHOP, published, sound_sales, sound_searches

DAILY = [table for table in TABLES if table.model is sales_facts.MODEL and "day" in table.columns]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("analytics")
    now = datetime.now(UTC)
    published(made, sales_facts.MODEL, sound_sales(), now - timedelta(minutes=1))
    published(made, search_facts.MODEL, [*sound_searches(), *followed_searches()], now)
    return made


def followed_searches() -> list[DocumentChange]:
    """Of which clicks are told."""
    tea, milk = (logged_search(text, counts_clicks=True, asked_at=datetime.now(UTC)) for text in ("green tea", "oat"))
    log = search_log(tea, milk, logged_action(tea)).search_log
    about = envelope("search_log.recorded", tenant_id=SHOP, aggregate_id=log.id, occurred_at=datetime.now(UTC))
    return [search_facts.search_facts(about, SearchLogRecorded(search_log=log))]


@pytest.fixture
def figures(folder: Path) -> Iterator[SnapshotFigures]:
    with figures_of(folder, "newest") as found:
        yield found


def rows(figures: SnapshotFigures, table: BiTable) -> list[dict[str, Any]]:
    figures.work_out(table)
    changed, is_all = figures.changed(table, [])
    assert is_all
    return [dict(zip(table.columns, row, strict=True)) for row in figures.rows(table, changed, is_all=True)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_what_it_declares_and_each_key_once(figures: SnapshotFigures, table: BiTable) -> None:
    found = rows(figures, table)

    assert found
    keys = [tuple(row[name] for name in table.key) for row in found]
    assert len(set(keys)) == len(keys)
    assert {row["tenant_id"] for row in found} == {SHOP}
    assert set(table.slice) <= set(table.columns)


@pytest.mark.parametrize("table", DAILY, ids=lambda table: table.name)
def test_a_figure_is_what_the_catalogue_says_of_the_day(figures: SnapshotFigures, table: BiTable, folder: Path) -> None:
    found = rows(figures, table)
    current = snapshots.current(folder / sales_facts.MODEL.id)
    assert current is not None
    divided_by = next((name for name in ("category", "product_id") if name in table.key), "")
    split = {"category": "category", "product_id": "product"}.get(divided_by)
    for column in [name for name, one in table.columns.items() if one.type == "bigint"]:
        metric = METRICS[column.removesuffix("_minor")]
        with snapshots.opened(current) as connection:
            asked = ask(
                connection, MetricQuery(tenant_id=SHOP, metric=metric, by="day", split=split), current.freshness
            )
        told = {
            (row.period, row.split, row.currency): row.value for row in asked.rows if metric.by_currency or row.value
        }
        here = {
            (
                row["day"],
                str(row[divided_by]) if split and row[divided_by] else None,
                row["currency"] if metric.by_currency else None,
            ): row[column]
            for row in found
            if metric.by_currency or row[column]
        }
        assert here == told, column


def test_searches_are_counted_as_the_api_does(figures: SnapshotFigures, folder: Path) -> None:
    (table,) = (table for table in TABLES if table.name == "searches_by_day")
    total = SearchesReader(folder).searches(SearchesQuery(tenant_id=SHOP)).total
    assert total is not None

    found = rows(figures, table)

    for name in ("searches", "without_hits", "tracked", "clicked", "converted"):
        assert sum(row[name] for row in found) == getattr(total, name), name
    assert (total.searches, total.tracked, total.clicked) == (4, 2, 1)


def test_what_is_the_same_there_is_not_written_again(figures: SnapshotFigures) -> None:
    (table,) = (table for table in TABLES if table.name == "sales_by_day")
    figures.work_out(table)
    changed, _ = figures.changed(table, [])
    told = figures._connection.execute(slices(table, "figures")).fetchall()  # noqa: SLF001  # as PostgreSQL is asked

    assert len(changed) == 2
    assert figures.changed(table, told) == ([], False)
    assert figures.changed(table, told[1:])[0] == [tuple(told[0][:-1])]
    assert figures.changed(table, [*told[1:], (*told[0][:-1], "another")])[0] == [tuple(told[0][:-1])]


def test_a_shop_that_is_gone_from_the_newest_snapshot_does_not_come_back_with_the_certified_one(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    before = published(tmp_path, sales_facts.MODEL, sound_sales(), now)
    certified_snapshots.certify(Certified(before.path, now, now))
    with figures_of(tmp_path, "certified") as figures:
        assert rows(figures, TABLES[0])
    gone = [one for one in sound_sales() if one.collection == "shops"]
    published(tmp_path, sales_facts.MODEL, [replace(one, document=None, version=one.version + 1) for one in gone], now)

    with figures_of(tmp_path, "certified") as figures:
        assert figures.chosen["sales"].path == before.path
        assert [rows_of(figures, table) for table in TABLES if table.model is sales_facts.MODEL] == [0] * 6


def rows_of(figures: SnapshotFigures, table: BiTable) -> int:
    figures.work_out(table)
    return len(list(figures.rows(table, [], is_all=True)))


def test_nothing_is_filled_before_there_is_a_snapshot_or_from_one_that_nobody_vouches_for(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no newest snapshot"), figures_of(tmp_path, "newest"):
        pass
    made = published(tmp_path, sales_facts.MODEL, sound_sales())
    with pytest.raises(Unavailable, match="no certified snapshot"), figures_of(tmp_path, "certified"):
        pass
    snapshots.point_to(snapshots.Snapshot(made.path, made.birth, made.freshness.withholding("building")))
    with pytest.raises(Unavailable, match="being built"), figures_of(tmp_path, "newest"):
        pass


def test_every_table_and_column_is_told_in_words() -> None:
    for _, statements in bi_schema._wanted():  # noqa: SLF001  # what is made
        comments = [one for one in statements if one.startswith("COMMENT ON")]
        assert comments
        assert not [one for one in comments if one.endswith("IS ''")]
    for table in TABLES:
        assert all(column.meaning for column in table.columns.values())


def test_quantities_of_a_product_are_told_apart_by_unit(tmp_path: Path) -> None:
    by_weight = [line(product_id=SHOP, quantity=of, unit=unit) for of, unit in ((3, "piece"), (500, "g"), (250, "g"))]
    sold = order(lines=tuple(by_weight))
    about = envelope(tenant_id=SHOP, aggregate_id=sold.id)
    more = [*sound_sales(), sales_facts.order_facts(about, OrderPaid(order=sold))]
    published(tmp_path, sales_facts.MODEL, more, datetime.now(UTC))
    (table,) = (table for table in TABLES if table.name == "sales_by_product_day")

    with figures_of(tmp_path, "newest") as figures:
        found = {row["unit"]: row["quantity_sold"] for row in rows(figures, table) if row["product_id"] == SHOP}

    assert found == {"piece": 3, "g": 750}

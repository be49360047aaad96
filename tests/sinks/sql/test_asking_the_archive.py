"""Through the process that answers: a shop asks for what was, and is told of its own events only."""

import json
from contextlib import closing
from datetime import timedelta
from typing import Any

import duckdb
import pytest

from sinks.analytics.event_archive import MODEL
from sinks.duckdb import snapshots
from sinks.sql import tenant_tables
from sinks.sql.sql_reader import SqlAnswer, SqlLimits, SqlQuery, SqlReader
from sinks.sql.statement_tree import StatementRefused
from tests.sinks.sql.conftest import SECRET, TwoShops
from tests.support.examples import MOMENT

LATER = f"TIMESTAMPTZ '{MOMENT + timedelta(days=1)}'"


def ask(archives: TwoShops, sql: str) -> SqlAnswer:
    query = SqlQuery(tenant_id=archives.tenant_id, sql=sql, model="event-archive")
    return SqlReader(archives.folder, SqlLimits(time_s=60, memory_mb=1024)).ask(query)


def rows(archives: TwoShops, sql: str) -> list[list[Any]]:
    found: list[list[Any]] = json.loads(ask(archives, sql).body)
    return found


def there(archives: TwoShops) -> dict[str, list[str]]:
    current = snapshots.current(snapshots.live_folder(archives.folder, MODEL.name).resolve())
    assert current is not None
    with closing(duckdb.connect()) as connection:
        connection.execute(f"ATTACH '{current.path}' AS snapshot (READ_ONLY)")
        return {
            name: list(columns) for name, columns in tenant_tables.tables_of(connection, of_orders_only=False).items()
        }


def test_every_table_and_view_has_the_shops_rows_only(archives: TwoShops) -> None:
    tables = sorted(there(archives))
    counted = " UNION ALL ".join(
        f"SELECT '{table}', count(*), count(*) FILTER (tenant_id = '{archives.tenant_id}') FROM {table}"
        for table in tables
    )

    found = {table: (count, own) for table, count, own in rows(archives, counted)}

    assert sorted(found) == tables
    assert all(count == own for count, own in found.values())
    assert {name: found[name][0] for name in ("events", "kept_events", "order_paid", "product_updated")} == {
        "events": 12,
        "kept_events": 12,
        "order_paid": 2,
        "product_updated": 4,
    }
    assert {name: count for name, (count, _) in found.items() if name.startswith(("dim_", "fct_"))} == {
        "dim_product_versions": 4,
        "dim_variant_prices": 4,
        "dim_category_versions": 2,
        "fct_order_steps": 2,
        "fct_stock_movements": 4,
        "fct_price_reductions": 2,
    }


def test_what_is_the_stores_own_or_of_all_shops_together_is_not_there(archives: TwoShops) -> None:
    tables = there(archives)

    assert not {"recent", "kept_gaps", "restarts", "parquet_files", "freshness", "store"} & set(tables)
    assert not any("archive_no" in columns for columns in tables.values())
    for sql in ("FROM recent", "FROM restarts", "FROM parquet_files", "SELECT archive_no FROM events"):
        with pytest.raises(StatementRefused):
            ask(archives, sql)


def test_an_event_says_what_it_was(archives: TwoShops) -> None:
    answer = ask(
        archives,
        "SELECT body->>'$.product.brand' AS brand, version, body->'$.product.status' AS status FROM events"
        f" WHERE type = 'product.updated' AND aggregate_id = '{archives.cheap}' ORDER BY version",
    )

    assert json.loads(answer.body) == [["7", 1, '"active"'], ["7", 2, '"active"']]
    assert answer.snapshot.startswith(f"{MODEL.id}-")
    assert answer.columns == [("brand", "VARCHAR"), ("version", "BIGINT"), ("status", "JSON")]


def test_macros_are_of_the_shops_own_history(archives: TwoShops) -> None:
    prices = f"SELECT DISTINCT tenant_id, amount_minor FROM price_on({LATER})"
    cover = f"SELECT tenant_id, on_hand, units_sold FROM stock_cover({LATER}, 10)"
    own = str(archives.tenant_id)

    assert rows(archives, prices) == [[own, 700]]
    assert rows(archives, cover) == [[own, 25, 5], [own, 25, 5]]
    assert rows(archives, f"SELECT count(*) FROM price_on(TIMESTAMPTZ '{MOMENT}')") == [[0]]
    assert rows(archives, "SELECT DISTINCT amount_minor FROM price_on(now() + INTERVAL 5 YEAR)") == [[700]]


@pytest.mark.parametrize(
    "sql",
    [
        "FROM events",
        "FROM dim_product_versions",
        "SELECT error(body::VARCHAR) FROM events WHERE type = 'product.updated'",
        "SELECT count(*) FROM kept_events WHERE CASE WHEN body::VARCHAR LIKE '%Sauer%' THEN error(body::VARCHAR) END",
        "SELECT error(title) FROM dim_product_versions WHERE title LIKE 'Sauer%'",
        "SELECT CAST(brand AS INTEGER) FROM product_updated",
        "SELECT min(error(reason)) FROM fct_stock_movements WHERE reason LIKE 'Sauer%'",
        "FROM price_on((SELECT CASE WHEN title LIKE 'Sauer%' THEN error(title) END FROM dim_product_versions))",
        "SELECT * FROM dim_product_versions AS was, price_on(error(was.title)::TIMESTAMPTZ)",
        f"FROM stock_cover({LATER}, (SELECT count(*) FROM events WHERE error(body::VARCHAR) IS NULL))",
        "SUMMARIZE dim_product_versions",
        "SELECT events FROM events",
    ],
)
def test_nothing_of_another_shop_is_in_an_answer_or_an_error(archives: TwoShops, sql: str) -> None:
    try:
        told = ask(archives, sql).body.decode()
    except StatementRefused as failed:
        told = failed.message

    assert SECRET not in told
    assert "Sauer" not in told.replace(sql, "")
    assert str(archives.other_id) not in told


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("FROM snapshot.main.events", "unknown_table"),
        (f"FROM snapshot.main.price_on({LATER})", "unknown_function"),
        (f"WITH dim_variant_prices AS (SELECT 1 AS a) FROM price_on({LATER})", "bad_name"),
        (f"WITH events AS (SELECT 1 AS a) FROM stock_cover({LATER}, 1)", "bad_name"),
        ("FROM read_parquet('parts-*/events-*.parquet')", "unknown_function"),
        ("FROM duckdb_views()", "unknown_function"),
        ("FROM price_on((SELECT max(archived_at) FROM recent))", "unknown_table"),
    ],
)
def test_no_name_leads_out_of_it(archives: TwoShops, sql: str, code: str) -> None:
    with pytest.raises(StatementRefused) as refused:
        ask(archives, sql)

    assert refused.value.code == code

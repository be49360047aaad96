"""Questions with arguments are answered of one shop's rows, whatever their arguments are and whatever is named so."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import duckdb
import pytest

from schemas.row_conditions import Within
from sinks.analytics.sales_facts import MODEL, ORDER_FACTS
from sinks.duckdb import snapshots
from sinks.sql import table_macros, tenant_tables
from sinks.sql.allowed_statements import allowed
from sinks.sql.sql_reader import SqlLimits, SqlQuery, SqlReader
from sinks.sql.statement_tree import StatementRefused
from tests.sinks.sql.conftest import SECRET, TwoShops

CALLS = (
    "cohorts(DATE '2027-12-31')",
    "customers_rfm(DATE '2027-12-31')",
    "product_pairs(1)",
    "category_pairs(1)",
)


def ask(shops: TwoShops, sql: str, **more: Any) -> list[list[Any]]:
    reader = SqlReader(shops.folder, SqlLimits(time_s=60))
    found: list[list[Any]] = json.loads(reader.ask(SqlQuery(tenant_id=shops.tenant_id, sql=sql, **more)).body)
    return found


def refused(shops: TwoShops, sql: str, **more: Any) -> StatementRefused:
    with pytest.raises(StatementRefused) as found:
        ask(shops, sql, **more)
    return found.value


def at_the_machine(shops: TwoShops, sql: str) -> list[list[Any]]:
    """What who may read all shops' rows finds."""
    current = snapshots.current(snapshots.live_folder(shops.folder, MODEL.name).resolve())
    assert current is not None
    with closing(duckdb.connect(current.path, read_only=True)) as connection:
        return [list(row) for row in connection.execute(sql).fetchall()]


@pytest.fixture
def attached() -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(duckdb.connect()) as connection:
        connection.execute("ATTACH ':memory:' AS snapshot; USE snapshot; CREATE TABLE orders (tenant_id UUID, id INT)")
        connection.execute("CREATE TABLE notes (text VARCHAR)")
        yield connection


def test_each_macro_that_is_published_is_tried_here() -> None:
    assert {_name(call) for call in CALLS} == {_name(call) for call in ORDER_FACTS.macros}


def _name(call: str) -> str:
    return call.partition("(")[0]


@pytest.mark.parametrize("call", CALLS)
def test_a_shop_is_answered_what_the_whole_says_of_it(shops: TwoShops, call: str) -> None:
    counted = f"SELECT count(*), count(*) FILTER (tenant_id = '{shops.tenant_id}')"
    digest = "SELECT sum(hash(one))::VARCHAR FROM {} AS one"

    ((rows, own),) = ask(shops, f"{counted} FROM {call}")
    expected = at_the_machine(shops, digest.format(f"(FROM {call} WHERE tenant_id = '{shops.tenant_id}')"))

    assert rows == own > 0
    assert ask(shops, digest.format(f"(FROM {call})")) == expected
    assert expected != at_the_machine(shops, digest.format(f"(FROM {call})")), "the other shop has rows, too"


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("FROM snapshot.main.cohorts(DATE '2027-12-31')", "unknown_function"),
        ("FROM main.cohorts(DATE '2027-12-31')", "unknown_function"),
        ("FROM memory.cohorts(DATE '2027-12-31')", "unknown_function"),
        ("SELECT cohorts(DATE '2027-12-31')", "unknown_function"),
        ("FROM Cohorts((SELECT max(paid_on) FROM snapshot.main.fct_orders))", "unknown_table"),
        ("FROM cohorts((SELECT max(paid_on) FROM main.fct_orders))", "unknown_table"),
        ("FROM cohorts((SELECT max(a) FROM read_parquet('/*/*.parquet') AS t(a)))", "unknown_function"),
        ("FROM cohorts((SELECT text FROM tombstones))", "unknown_table"),
        ("FROM cohorts(getenv('HOME'))", "unknown_function"),
        ("FROM cohorts(getvariable('day'))", "unknown_function"),
        ("FROM cohorts($1)", "not_allowed"),
        ("FROM cohorts(duckdb_functions())", "unknown_function"),
        ("FROM query('FROM cohorts(today())')", "unknown_function"),
        ("CREATE MACRO cohorts(day) AS TABLE FROM fct_orders", "not_a_select"),
        ("WITH fct_orders AS (SELECT 1 AS tenant_id) FROM cohorts(DATE '2027-12-31')", "bad_name"),
        ("FROM (WITH Dim_Customers AS (SELECT 1 AS a) SELECT * FROM cohorts(today()))", "bad_name"),
        ("WITH RECURSIVE fct_sales AS (SELECT 1 AS a UNION SELECT 2) FROM product_pairs(1)", "bad_name"),
    ],
)
def test_no_name_and_no_argument_leads_out_of_it(shops: TwoShops, sql: str, code: str) -> None:
    assert refused(shops, sql).code == code


@pytest.mark.parametrize(
    "sql",
    [
        "FROM cohorts((SELECT error(title) FROM fct_sales))",
        "FROM customers_rfm((SELECT CAST(title AS DATE) FROM fct_sales LIMIT 1))",
        "FROM product_pairs(CASE WHEN error(title) IS NULL THEN 1 END)",
        "FROM category_pairs((SELECT count(*) FROM category_pairs(1) WHERE error(item_a) IS NULL))",
        "SELECT * FROM category_pairs(1) WHERE error(item_b) IS NULL",
        "SELECT error(string_agg(item_a, item_b)) FROM category_pairs(0)",
        "SELECT pairs FROM category_pairs(1) AS pairs",
        "SELECT * FROM fct_sales AS sold, category_pairs(length(sold.title))",
        "SUMMARIZE FROM category_pairs(1)",
    ],
)
def test_nothing_of_another_shop_is_in_an_answer_or_an_error(shops: TwoShops, sql: str) -> None:
    try:
        told = json.dumps(ask(shops, sql))
    except StatementRefused as failed:
        told = failed.message

    assert SECRET not in told
    assert "Sauer" not in told
    assert str(shops.other_id) not in told


def test_an_argument_is_a_question_of_ones_own(shops: TwoShops) -> None:
    ((by_name,),) = ask(
        shops, "SELECT sum(orders) FROM customers_rfm(day := (SELECT max(recognised_on) FROM fct_sales))"
    )

    assert by_name == 3


def test_who_reaches_some_orders_is_answered_of_these(shops: TwoShops) -> None:
    cheap = Within("total_minor", most=200)

    assert ask(shops, "SELECT orders, net_minor FROM customers_rfm(DATE '2027-12-31')", reached=cheap) == [[1, 200]]
    assert refused(shops, "FROM cohorts(DATE '2027-12-31')", reached=cheap).code == "unknown_function"


def test_an_unknown_one_is_told_with_those_there_are(shops: TwoShops) -> None:
    told = refused(shops, "FROM price_on(TIMESTAMPTZ '2026-01-01 00:00:00+00')").message

    assert "range, unnest, category_pairs(fewest), cohorts(day)" in told


def test_only_what_a_macro_needs_is_read_for_it(shops: TwoShops) -> None:
    with closing(duckdb.connect()) as connection:
        current = snapshots.current(snapshots.live_folder(shops.folder, MODEL.name).resolve())
        assert current is not None
        connection.execute(f"ATTACH '{current.path}' AS snapshot (READ_ONLY)")
        there = tenant_tables.tables_of(connection, of_orders_only=False)
        macros = table_macros.macros_of(connection, "snapshot", set(there))
        statement = allowed(connection, "SELECT count(*) FROM cohorts(today())", set(there), macros)
        tenant_tables.copy_rows(connection, there, [one.reads for one in statement.calls], str(shops.tenant_id), "", {})
        copied = connection.execute(
            "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE database_name = 'memory' GROUP BY ALL"
        ).fetchall()

    assert statement.reads.tables == frozenset()
    columns = dict(copied)
    assert sorted(columns) == ["dim_customers", "dim_shops", "fct_orders"]
    assert {"tenant_id", "customer_ref", "paid_on", "is_paid"} <= set(columns["fct_orders"])
    assert len(columns["fct_orders"]) < len(there["fct_orders"])


def test_a_macro_that_reads_anything_else_is_none_here(attached: duckdb.DuckDBPyConnection) -> None:
    for name, body in {
        "of_orders": "WITH a AS (FROM orders) SELECT id, most FROM a WHERE id < most",
        "of_numbers": "SELECT * FROM range(most)",
        "of_what_is_no_shops": "FROM notes WHERE text <> most",
        "of_a_place": "FROM snapshot.main.orders WHERE id < most",
        "of_files": "FROM read_text(most)",
        "of_another": "FROM of_files(most)",
        "of_settings": "SELECT * FROM duckdb_settings() WHERE name = most",
    }.items():
        attached.execute(f"CREATE MACRO {name}(most) AS TABLE {body}")
    attached.execute("USE memory")

    found = table_macros.macros_of(attached, "snapshot", {"orders"})

    assert sorted(found) == ["of_numbers", "of_orders"]
    assert found["of_orders"].called == "of_orders(most)"
    assert found["of_orders"].reads.tables == {"orders"}

from contextlib import suppress

import duckdb
import pytest

from sinks.sql.allowed_statements import LONGEST, allowed
from sinks.sql.statement_tree import StatementRefused

TABLES = {"orders", "order_lines", "sales"}
GOOD = (
    "SELECT count(*) FROM orders",
    "FROM Orders o SELECT status, count(*) GROUP BY ALL ORDER BY ALL LIMIT 3",
    "TABLE sales",
    "VALUES (1, 2)",
    "DESCRIBE orders",
    "SUMMARIZE sales",
    "WITH orders AS (SELECT 1 AS x) FROM orders",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) FROM r",
    "SELECT (SELECT count(*) FROM order_lines l WHERE l.order_id = o.id) FROM orders o",
    "SELECT list_transform([1, 2], lambda x: x + 1), [x + 1 for x in [1, 2] if x > 1]",
    "FROM (PIVOT orders ON status IN ('paid', 'pending') USING count(*))",
    "FROM (UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b)",
    "SELECT rank() OVER w, sum(total_minor) FILTER (status = 'paid') OVER w FROM orders WINDOW w AS (ORDER BY id)",
    "SELECT date_trunc('week', placed_at AT TIME ZONE 'Europe/Berlin')::DATE, median(units), arg_max(sku, units)"
    " FROM sales WHERE title ILIKE '%a%' AND units BETWEEN 1 AND 2 OR sku IN ('a') GROUP BY ROLLUP (1) HAVING true",
    "FROM generate_series(DATE '2026-01-01', DATE '2026-01-03', INTERVAL 1 DAY) t(d) LEFT JOIN orders ON true",
    "SELECT * EXCLUDE (tenant_id) REPLACE (units * 2 AS units) FROM sales TABLESAMPLE 10%",
    "SELECT now(), current_date, CASE WHEN try_cast('x' AS INT) IS NULL THEN coalesce(1, 2) END, {'a': 1}.a, 'abc'[1]",
    "SELECT a.id FROM orders a SEMI JOIN order_lines b ON b.order_id = a.id UNION ALL SELECT NULL /* why */ -- yes",
)
REFUSED = {
    "SELECT * FROM snapshot.main.orders": "unknown_table",
    "SELECT * FROM main.orders": "unknown_table",
    "SELECT * FROM temp.orders": "unknown_table",
    "SELECT * FROM system.information_schema.tables": "unknown_table",
    "FROM information_schema.tables": "unknown_table",
    "FROM pg_catalog.pg_class": "unknown_table",
    "FROM sqlite_master": "unknown_table",
    "FROM duckdb_tables": "unknown_table",
    "FROM tombstones": "unknown_table",
    "FROM ｏｒｄｅｒｓ": "unknown_table",
    "FROM 'orders.parquet'": "unknown_table",
    'FROM "/etc/passwd"': "unknown_table",
    'WITH "/etc/passwd" AS (SELECT 1) FROM "/etc/passwd"': "bad_name",
    "FROM orders AT (VERSION => 1)": "not_allowed",
    "FROM read_parquet('orders.parquet')": "unknown_function",
    "SELECT (SELECT max(x) FROM read_csv('/etc/passwd') t(x))": "unknown_function",
    "WITH a AS (FROM glob('/*')) FROM orders": "unknown_function",
    "FROM query('SELECT 1')": "unknown_function",
    "FROM query_table('orders')": "unknown_function",
    "FROM duckdb_settings()": "unknown_function",
    "FROM pragma_table_info('orders')": "unknown_function",
    "FROM json_execute_serialized_sql('{}')": "unknown_function",
    "FROM which_secret('a', 'b')": "unknown_function",
    "FROM repeat('a', 3)": "unknown_function",
    "SELECT getenv('HOME')": "unknown_function",
    "SELECT GetEnv('HOME')": "unknown_function",
    "SELECT current_setting('temp_directory')": "unknown_function",
    "SELECT 'temp_directory'.current_setting()": "unknown_function",
    "SELECT list_transform(['a'], lambda x: current_setting(x))": "unknown_function",
    "SELECT sum(1) FILTER (getvariable('a'))": "unknown_function",
    "SELECT 1 ORDER BY nextval('a')": "unknown_function",
    "SELECT system.main.abs(1)": "unknown_function",
    "SELECT list_aggregate([1], 'sum'), json_serialize_sql('SELECT 1')": "unknown_function",
    "SELECT finalize('a'::BLOB)": "unknown_function",
    "SELECT __internal_decompress_string(1)": "unknown_function",
    "SELECT pg_get_viewdef('orders')": "unknown_function",
    "SELECT stats(id) FROM orders": "unknown_function",
    "SELECT sleep_ms(1000)": "unknown_function",
    "SELECT pg_sleep(10)": "unknown_function",
    "SHOW TABLES": "not_allowed",
    "FROM (SHOW ALL TABLES)": "not_allowed",
    "SELECT $1": "not_allowed",
    "SELECT 1; SELECT 2": "not_one_statement",
    "": "not_one_statement",
    "-- nothing": "not_one_statement",
    "ATTACH 'x' AS y": "not_a_select",
    "COPY orders TO 'x.csv'": "not_a_select",
    "PRAGMA database_list": "not_a_select",
    "CALL pragma_version()": "not_a_select",
    "SET memory_limit = '1TB'": "not_a_select",
    "INSTALL httpfs": "not_a_select",
    "CREATE MACRO m(a) AS a": "not_a_select",
    "EXPLAIN ANALYZE SELECT 1": "not_a_select",
    "DELETE FROM orders": "not_a_select",
    "SELECT 1; DROP TABLE orders": "not_a_select",
    "SELEC 1": "syntax_error",
    "SELECT 1 FROM": "syntax_error",
    "SELECT \ud800": "not_readable",
}


def judged(sql: str):
    with duckdb.connect() as connection:
        return allowed(connection, sql, TABLES)


@pytest.mark.parametrize("sql", GOOD)
def test_a_question_over_the_tables_is_let_through(sql: str) -> None:
    assert judged(sql).sql == sql


@pytest.mark.parametrize("sql", REFUSED)
def test_whatever_else_is_refused_by_its_kind(sql: str) -> None:
    with pytest.raises(StatementRefused) as refused:
        judged(sql)

    assert refused.value.code == REFUSED[sql]


def test_what_is_deep_or_long_breaks_nothing() -> None:
    for sql in (
        "SELECT " + "(" * 5000 + "1" + ")" * 5000,
        "SELECT " + "-" * (LONGEST + 1),
        "SELECT " + "1+" * 5000 + "1",
    ):
        with suppress(StatementRefused):
            judged(sql)


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT count(*) FROM orders", []),
        ("SELECT sum(Total_Minor) FROM orders WHERE status = 'id'", ["status", "total_minor"]),
        ("SELECT 1 FROM orders JOIN order_lines USING (id)", ["id"]),
        ("SELECT o.id FROM orders o", ["id"]),
        ("SELECT * FROM orders", ["id", "status", "total_minor"]),
        ("SELECT o.* FROM orders o", ["id", "status", "total_minor"]),
        ("SELECT COLUMNS('.*_minor') FROM orders", ["id", "status", "total_minor"]),
        ("SELECT o FROM orders o", ["id", "status", "total_minor"]),
        ("SELECT orders FROM orders", ["id", "status", "total_minor"]),
        ("SELECT 1 FROM orders NATURAL JOIN sales", ["id", "status", "total_minor"]),
        ("DESCRIBE orders", ["id", "status", "total_minor"]),
    ],
)
def test_only_columns_that_may_be_meant_are_needed(sql: str, columns: list[str]) -> None:
    assert judged(sql).reads.columns(["id", "status", "total_minor"]) == columns


def test_only_tables_that_are_named_are_needed() -> None:
    assert judged("WITH a AS (FROM sales) FROM a, orders").reads.tables == {"sales", "orders"}


def test_nothing_that_reads_the_outside_is_among_the_functions() -> None:
    with duckdb.connect() as connection:
        names = connection.execute("SELECT DISTINCT lower(function_name) FROM duckdb_functions()").fetchall()
        outside = ("read_", "_scan", "getenv", "setting", "secret", "duckdb_", "pragma", "query", "glob", "log_", "sql")
        told = {name for (name,) in names if any(word in name for word in outside)}

        for name in told:
            for sql in (f'SELECT "{name}"(1)', f'FROM "{name}"(1)'):
                with pytest.raises(StatementRefused):
                    allowed(connection, sql, TABLES)
    assert len(told) > 50

"""Through the process that answers: what one shop asks shows it its own rows and nothing of anybody else's."""

import csv
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from schemas.row_conditions import NO_ROW, OneOf, Within
from sinks.analytics.sales_facts import MODEL
from sinks.sink import Unavailable
from sinks.sql.sql_reader import SqlLimits, SqlQuery, SqlReader, TooManyStatements
from sinks.sql.statement_tree import StatementRefused
from tests.sinks.sql.conftest import SECRET, TwoShops
from tests.support.examples import MOMENT
from tests.support.waiting import wait_until

PATIENT = SqlLimits(time_s=60)


def ask(shops: TwoShops, sql: str, limits: SqlLimits = PATIENT, **more):
    return SqlReader(shops.folder, limits).ask(SqlQuery(tenant_id=shops.tenant_id, sql=sql, **more))


def rows(shops: TwoShops, sql: str, **more):
    return json.loads(ask(shops, sql, **more).body)


def refused(shops: TwoShops, sql: str, limits: SqlLimits = PATIENT, **more) -> StatementRefused:
    with pytest.raises(StatementRefused) as found:
        ask(shops, sql, limits, **more)
    return found.value


def test_a_shop_sees_its_own_rows_of_every_table(shops: TwoShops) -> None:
    counted = " UNION ALL ".join(
        f"SELECT '{table}', count(*), count(*) FILTER (tenant_id = '{shops.tenant_id}') FROM {table}"
        for table in ("orders", "order_lines", "order_reversals", "sales", "reversals")
    )

    assert rows(shops, counted) == [
        ["orders", 3, 3],
        ["order_lines", 6, 6],
        ["order_reversals", 0, 0],
        ["sales", 6, 6],
        ["reversals", 0, 0],
    ]


def test_an_answer_says_what_it_is_of(shops: TwoShops) -> None:
    answer = ask(shops, "SELECT title, sum(revenue_minor) AS revenue FROM sales GROUP BY title ORDER BY title")

    assert answer.columns == [("title", "VARCHAR"), ("revenue", "HUGEINT")]
    assert json.loads(answer.body) == [["7", 800], ["=1+1", 1000]]
    assert (answer.rows, answer.truncated, answer.freshness.as_of) == (2, False, MOMENT)
    assert answer.snapshot.startswith(f"{MODEL.id}-")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT error(title) FROM order_lines",
        "SELECT CAST(title AS INTEGER) FROM order_lines",
        "SELECT count(*) FROM sales WHERE error(title) IS NULL",
        "SELECT count(*) FROM order_lines WHERE CASE WHEN title LIKE 'Sauer%' THEN error(title) ELSE TRUE END",
        "SELECT count(*) FROM sales a JOIN sales b ON CAST(a.title AS INTEGER) = CAST(b.title AS INTEGER)",
        "SELECT title FROM order_lines ORDER BY CASE WHEN title LIKE 'Sauer%' THEN error(title) END",
        "SELECT sum(1 // CASE WHEN title LIKE 'Sauer%' THEN error(title)::INT ELSE 1 END) FROM order_lines",
        "SUMMARIZE order_lines",
        "SELECT approx_count_distinct(title), list(DISTINCT title), approx_top_k(title, 9) FROM order_lines",
    ],
)
def test_nothing_is_computed_of_anothers_rows_not_even_an_error(shops: TwoShops, sql: str) -> None:
    try:
        told = ask(shops, sql).body.decode()
    except StatementRefused as failed:
        told = failed.message

    assert SECRET not in told
    assert "Sauer" not in told


def test_an_error_about_ones_own_rows_says_which_value_and_where(shops: TwoShops) -> None:
    failed = refused(shops, "SELECT 'ö',\n CAST(title AS INTEGER) FROM sales")

    assert (failed.code, failed.position) == ("query_error", len("SELECT 'ö',\n "))
    assert "Conversion Error: Could not convert string '=1+1' to INT32" in failed.message


@pytest.mark.parametrize("told", ['{"a": 1}', "[1]", '{"exception_message": "no", "position": "there"}', "{" * 9000])
def test_an_error_that_a_statement_makes_may_say_anything(shops: TwoShops, told: str) -> None:
    assert refused(shops, f"SELECT error('{told}')").code == "query_error"


def test_a_pivot_groups_by_all_other_columns(shops: TwoShops) -> None:
    pivot = "(PIVOT orders ON status IN ('paid') USING count(*))"

    assert rows(shops, f"SELECT paid FROM {pivot}") == [[1]] * 3


def test_an_unknown_column_is_told_with_those_there_are_and_no_path(shops: TwoShops) -> None:
    failed = refused(shops, "SELECT nosuch FROM sales")

    assert failed.message.startswith('Binder Error: Referenced column "nosuch" not found in FROM clause. sales has ')
    assert "revenue_minor" in failed.message
    assert str(shops.folder) not in failed.message


def test_who_reaches_some_orders_sees_what_belongs_to_them(shops: TwoShops) -> None:
    cheap = Within("total_minor", most=200)

    assert rows(shops, "SELECT id FROM orders", reached=cheap) == [[str(shops.cheap)]]
    assert rows(shops, "SELECT sum(revenue_minor) FROM sales", reached=cheap) == [[200]]
    assert rows(shops, "SELECT count(*) FROM order_lines", reached=OneOf("status", ("cancelled",))) == [[0]]
    assert rows(shops, "SELECT count(*) FROM order_lines", reached=NO_ROW) == [[0]]


def test_what_a_double_cannot_hold_is_text_in_json(shops: TwoShops) -> None:
    sql = """
        SELECT 9007199254740993::BIGINT, 9007199254740993::HUGEINT, 5::HUGEINT, 1.10::DECIMAL(9,2), 'NaN'::DOUBLE, NULL,
               TIMESTAMPTZ '2026-01-01 12:00:00+01', TIMESTAMP '2026-01-01', DATE '2026-01-01', 'ab'::BLOB,
               [1, NULL], {'a': 1.5::DECIMAL(2,1)}, true
    """

    assert rows(shops, sql) == [
        [
            *(9007199254740993, "9007199254740993", 5, "1.10", "nan", None),
            *("2026-01-01T11:00:00Z", "2026-01-01T00:00:00", "2026-01-01", "6162"),
            *([1, None], {"a": "1.5"}, True),
        ]
    ]
    assert refused(shops, "SELECT INTERVAL 1 MONTH AS x").code == "not_writable"


def test_csv_has_no_formula(shops: TwoShops) -> None:
    sql = """SELECT title AS "=a", min(unit_price_minor - 1000) AS b FROM order_lines GROUP BY 1 ORDER BY 1 DESC"""

    lines = list(csv.reader(ask(shops, sql, kind="csv").body.decode().splitlines()))

    assert lines == [["'=a", "b"], ["'=1+1", "-500"], ["7", "-900"]]


def test_more_rows_or_bytes_than_are_answered_are_cut(shops: TwoShops) -> None:
    by_rows = ask(shops, "FROM range(100)", SqlLimits(time_s=60, rows=3))
    by_bytes = ask(shops, "SELECT repeat('x', 100) FROM range(100)", SqlLimits(time_s=60, bytes=1000))

    assert (json.loads(by_rows.body), by_rows.truncated) == ([[0], [1], [2]], True)
    assert len(by_bytes.body) <= 1000
    assert by_bytes.truncated
    assert refused(shops, "SELECT repeat('x', 2000)", SqlLimits(time_s=60, bytes=1000)).code == "query_too_big"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 5",
        "SELECT levenshtein(repeat('a', 1000000), repeat('b', 1000000))",  # one call, which nothing interrupts
    ],
)
def test_what_takes_too_long_is_ended(shops: TwoShops, sql: str) -> None:
    began = time.monotonic()

    assert refused(shops, sql, SqlLimits(time_s=2)).code == "query_too_long"
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT length(repeat('x', 3000000000))",  # DuckDB does not count it
        "SELECT len(range(400000000))",
        "SELECT list(range) FROM range(400000000)",
        "SELECT count(DISTINCT repeat(range::VARCHAR, 50)) FROM range(100000000)",
    ],
)
def test_what_needs_too_much_memory_is_refused(shops: TwoShops, sql: str) -> None:
    assert refused(shops, sql, SqlLimits(time_s=60, memory_mb=128)).code == "query_too_big"


def test_more_at_once_than_there_is_place_for_are_refused_and_then_not(shops: TwoShops) -> None:
    reader = SqlReader(shops.folder, SqlLimits(time_s=2, at_once=1))
    endless = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 5"
    ended: list[str] = []

    def wait_for_it() -> None:
        try:
            reader.ask(SqlQuery(tenant_id=shops.tenant_id, sql=endless))
        except StatementRefused as refused:
            ended.append(refused.code)

    def is_full() -> bool:
        try:
            reader.ask(SqlQuery(tenant_id=shops.tenant_id, sql="SELECT 1"))
        except TooManyStatements as many:
            return many.retry_after_s == 2
        return False

    thread = threading.Thread(target=wait_for_it)
    thread.start()
    wait_until(is_full, 30, "there is no place")
    thread.join()

    assert ended == ["query_too_long"]
    assert reader.ask(SqlQuery(tenant_id=shops.tenant_id, sql="SELECT 1")).body == b"[[1]]"


def test_without_a_snapshot_it_is_to_be_asked_again(tmp_path: Path, shops: TwoShops) -> None:
    with pytest.raises(Unavailable):
        SqlReader(tmp_path).ask(SqlQuery(tenant_id=shops.tenant_id, sql="SELECT 1"))
    with pytest.raises(Unavailable):
        ask(shops, "SELECT 1", model="searches")


def test_even_a_statement_that_was_not_judged_meets_one_shop_only(shops: TwoShops) -> None:
    """The first wall is what is there: this is what is left behind it, were the second not there."""
    program = f"""
import json, sys
from sinks.duckdb import snapshots
from sinks.sql import statement_process as process
from pathlib import Path
current = snapshots.current(Path({str(shops.folder)!r}, {MODEL.id!r}))
question = process.Question(sql="SELECT * FROM sales, order_lines LIMIT 0", kind="json", path=str(current.path),
    birth=current.birth, tenant_id={str(shops.tenant_id)!r}, reached="", values={{}}, time_s=60, memory_mb=256, rows=9,
    bytes=9)
import duckdb
connection = duckdb.connect()
process._prepare(connection, question)
print(connection.execute("SELECT database_name FROM duckdb_databases() WHERE NOT internal").fetchall())
print(connection.execute("SELECT DISTINCT tenant_id FROM sales").fetchall() == connection.execute(
    "SELECT DISTINCT tenant_id FROM order_lines").fetchall())
for sql in ("FROM snapshot.main.sales", "FROM read_text('/etc/passwd')", "ATTACH '" + question.path + "' AS x",
            "COPY sales TO 'x.csv'", "SET enable_external_access = true", "FROM glob('/*')"):
    try:
        connection.execute(sql).fetchall()
        print("ANSWERED", sql)
    except duckdb.Error:
        pass
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["[('memory',)]", "True"]

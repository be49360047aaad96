"""`rustok sinks sql` and `rustok sinks shell`, on a snapshot of two shops."""

import csv
import json
import os
import pty
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sinks.analytics.sales_facts import MODEL
from sinks.commands import sinks
from sinks.duckdb import pinned_snapshots
from sinks.sql import snapshot_session
from sinks.sql.given_up import unless_given_up
from sinks.sql.snapshot_session import SnapshotSession
from tests.sinks.sql.conftest import SECRET, TwoShops

Run = Callable[..., Result]


@pytest.fixture
def run(shops: TwoShops) -> Run:
    def run(*arguments: str, typed: str | None = None) -> Result:
        environment = {"RUSTOK_ANALYTICS_DIR": str(shops.folder), "TZ": "Asia/Tokyo"}
        return CliRunner().invoke(sinks, list(arguments), input=typed, env=environment)

    return run


def test_everybodys_rows_are_there_and_with_a_shop_its_own(run: Run, shops: TwoShops) -> None:
    counted = ("sql", "--as", "csv", "SELECT count(*) AS n FROM orders")

    assert run(*counted).stdout == "n\n23\n"
    assert run(*counted, "--tenant", str(shops.tenant_id)).stdout == "n\n3\n"
    assert run(*counted, "--tenant", str(shops.other_id)).stdout == "n\n20\n"


def test_a_table_is_for_reading_and_says_on_stderr_of_what_it_is(run: Run) -> None:
    found = run("sql", "SELECT title, sum(revenue_minor) AS r FROM sales GROUP BY 1 ORDER BY r LIMIT 2")

    assert found.exit_code == 0
    assert found.stdout.splitlines() == ["title     r", "-----  ----", "7       800", "=1+1   1000", "(2 rows)"]
    assert found.stderr.startswith(f"as of 2026-03-01 12:30:00 UTC, {MODEL.id}-")


def test_more_rows_than_can_be_read_are_all_in_csv(run: Run) -> None:
    assert run("sql", "FROM range(1001)").stdout.splitlines()[-1] == "(1,000 rows and more: --as csv has all)"
    assert len(run("sql", "--as", "csv", "FROM range(5000)").stdout.splitlines()) == 5001


def test_json_has_an_object_for_each_row(run: Run) -> None:
    found = run("sql", "--as", "json", "SELECT range AS a, NULL AS b FROM range(2)")

    assert json.loads(found.stdout) == [{"a": 0, "b": None}, {"a": 1, "b": None}]
    assert json.loads(run("sql", "--as", "json", "SELECT 1 AS a WHERE false").stdout) == []
    assert run("sql", "--as", "json", "SELECT 1 AS a, 2 AS a").exit_code == 1


def test_csv_has_no_formula(run: Run) -> None:
    found = run("sql", "--as", "csv", "SELECT DISTINCT title FROM sales ORDER BY ALL")

    assert list(csv.reader(found.stdout.splitlines())) == [["title"], ["7"], ["'=1+1"], [SECRET]]


def test_a_moment_is_in_utc_or_where_it_is_asked_for(run: Run) -> None:
    day = ("sql", "--as", "csv", "SELECT DISTINCT strftime(placed_at, '%H:%M') AS hour FROM sales")

    assert run(*day).stdout == "hour\n12:30\n"
    assert run(*day, "--timezone", "Europe/Berlin").stdout == "hour\n13:30\n"


def test_a_statement_comes_from_stdin(run: Run) -> None:
    assert run("sql", "--as", "csv", "-", typed="SELECT 1\nAS a").stdout == "a\n1\n"


def test_a_wrong_statement_is_told_in_duckdbs_words_with_its_place(run: Run) -> None:
    wrong = run("sql", "SELECT nosuch FROM sales")

    assert wrong.exit_code == 1
    assert 'Referenced column "nosuch" not found' in wrong.stderr
    assert "LINE 1: SELECT nosuch FROM sales" in wrong.stderr
    assert wrong.stdout == ""


@pytest.mark.parametrize(
    "sql",
    [
        "COPY sales TO '{there}/x.csv'",
        "EXPLAIN ANALYZE COPY sales TO '{there}/x.csv'",
        "EXPORT DATABASE '{there}/x.csv'",
        "ATTACH '{there}/x.csv' AS x",
        "FROM read_csv('/etc/passwd')",
        "CREATE TABLE x (a INTEGER)",
        "DELETE FROM store",
        "SET enable_external_access = true",
    ],
)
def test_nothing_is_written_and_no_other_file_is_read(run: Run, shops: TwoShops, sql: str) -> None:
    there = shops.folder / MODEL.id
    before = sorted(there.iterdir())

    assert run("sql", sql.format(there=there)).exit_code == 1
    assert sorted(there.iterdir()) == before


@pytest.mark.parametrize("sql", ["PIVOT orders ON status USING count(*)", "EXPLAIN FROM sales", "SUMMARIZE orders"])
def test_what_is_more_than_a_select_is_answered_too(run: Run, sql: str) -> None:
    assert run("sql", sql).exit_code == 0


def test_several_questions_are_answered_one_after_the_other(run: Run) -> None:
    both = "CREATE TEMP TABLE few AS FROM range(2); FROM few; SELECT 7 AS seven"
    found = run("sql", both)

    assert found.stdout.splitlines() == [
        "range",
        "-----",
        "    0",
        "    1",
        "(2 rows)",
        "",
        "seven",
        "-----",
        "    7",
        "(1 row)",
    ]
    assert run("sql", "--as", "csv", "CREATE TEMP TABLE few AS FROM range(2); FROM few").stdout == "range\n0\n1\n"


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_file_is_of_one_answer(run: Run, kind: str) -> None:
    found = run("sql", "--as", kind, "SELECT 1; SELECT 2")

    assert (found.exit_code, found.stdout) == (1, "")
    assert "2 answers" in found.stderr


def test_questions_with_arguments_are_described(run: Run) -> None:
    columns = run("sql", "--describe", "cohorts").stdout.splitlines()

    assert "cohorts(day)" in run("sql", "--describe").stdout
    assert "cohort_month" in {line.split()[0] for line in columns}
    assert run("sql", "--describe", "Cohorts(day)").stdout.splitlines() == columns


def test_tables_and_columns_are_described(run: Run) -> None:
    tables = run("sql", "--describe").stdout
    columns = run("sql", "--describe", "order_lines").stdout.splitlines()

    assert {"orders", "order_lines", "sales"} <= {line.split()[0] for line in tables.splitlines()}
    assert columns[0].split() == ["tenant_id", "UUID", "the", "shop"]
    assert run("sql", "--describe", "nosuch").exit_code == 1


def test_what_was_pinned_is_asked(run: Run, shops: TwoShops) -> None:
    pinned_snapshots.pin(shops.folder, "sales", "kept")

    found = run("sql", "--pinned", "kept", "--as", "csv", "SELECT count(*) AS n FROM orders")

    pinned_snapshots.unpin(shops.folder, "sales", "kept")
    assert found.stdout == "n\n23\n"
    assert "kept.duckdb" in found.stderr


def test_a_prompt_answers_until_it_is_left(run: Run, shops: TwoShops) -> None:
    lines = (
        *("", ".tables", "SELECT count(*) AS n", "FROM orders;", "SELECT nosuch;"),
        *(".describe sales", ".nosuch", ".quit", "SELECT 5;"),
    )

    found = run("shell", "--tenant", str(shops.tenant_id), typed="\n".join(lines))

    assert found.exit_code == 0
    assert "order_lines" in found.stdout
    assert "\nn\n-\n3\n(1 row)\n" in found.stdout.replace("sql> ", "\n").replace("...> ", "\n")
    assert "revenue_minor" in found.stdout
    assert "nosuch" in found.stderr
    assert "5" not in found.stdout.rpartition("revenue_minor")[2]


def test_questions_with_arguments_are_of_the_shop_that_was_named(shops: TwoShops) -> None:
    asked = SnapshotSession(snapshot_session.newest(shops.folder, MODEL), tenant_id=shops.tenant_id)

    with closing(asked):
        found = next(asked.ask("SELECT DISTINCT tenant_id FROM category_pairs(1)")).fetchall()

    assert found == [(shops.tenant_id,)]


@pytest.fixture
def session(shops: TwoShops) -> Iterator[SnapshotSession]:
    opened = SnapshotSession(snapshot_session.newest(shops.folder, MODEL))
    yield opened
    opened.close()


def test_what_takes_too_long_is_given_up_and_another_question_answered(session: SnapshotSession) -> None:
    endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range + b.range = 5"

    def ask() -> None:
        os.kill(os.getpid(), signal.SIGINT)  # as ^C
        next(session.ask(endless)).fetchall()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs tests side by side ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            unless_given_up(ask, session.interrupt)
    finally:
        signal.signal(signal.SIGINT, before)
    assert next(session.ask("SELECT 1")).fetchall() == [(1,)]


def test_harlequin_opens_the_same_file_read_only_where_it_is_installed(shops: TwoShops, tmp_path: Path) -> None:
    program, told = tmp_path / "harlequin", tmp_path / "told"
    program.write_text(f'#!/bin/sh\necho "$@" > {told}\n')
    program.chmod(0o755)
    environment = {"RUSTOK_ANALYTICS_DIR": str(shops.folder), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [sys.executable, "-c", "from sinks.commands import sinks; sinks()", "shell"]

    child, terminal = pty.fork()
    if child == 0:
        os.execve(command[0], command, environment)  # noqa: S606  # no shell is meant
    _read_to_the_end(terminal)
    os.waitpid(child, 0)

    path = snapshot_session.newest(shops.folder, MODEL).path
    assert told.read_text().split() == ["--adapter", "duckdb", "--read-only", str(path)]


def _read_to_the_end(terminal: int) -> None:
    try:
        while os.read(terminal, 1024):
            pass
    except OSError:  # so Linux says that the other end is closed
        pass

"""Who reads the tables for BI tools sees one shop's rows and nothing else, and keeps nobody from working."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from ops.clients import database_roles
from ops.settings import Settings
from sinks.bi import bi_readers
from sinks.bi.bi_tables import TABLES
from tests.integration.api.bi import Bi, bi_of, sell_a_year
from tests.integration.api.shops import Shop
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers
DAILY = ("sales_by_day", "sales_by_category_day", "sales_by_product_day", "customers_by_day")


@pytest.fixture
def bi(settings: Settings, tmp_path: Path, open_shop: Callable[..., Shop]) -> Iterator[Bi]:
    shops = [open_shop(), open_shop()]
    for shop in shops:
        sell_a_year(shop)
    with bi_of(settings, tmp_path, shops) as made:
        made.publish()
        made.fill()
        yield made


def test_it_is_a_database_like_any_other_to_a_tool(bi: Bi) -> None:
    """A plain connection: what there is, of which types, and what it means."""
    url = bi.reader(bi.shops[0].id)

    listed = bi.asked(
        """
        SELECT table_name, column_name, data_type,
            col_description(format('%I.%I', table_schema, table_name)::regclass, ordinal_position)
        FROM information_schema.columns WHERE table_schema = 'bi'
        """,
        url,
    )

    assert {name for name, *_ in listed} == {*(table.name for table in TABLES), "freshness", "readers"}
    kinds = {"uuid", "text", "date", "bigint", "boolean", "timestamp with time zone"}
    assert {kind for *_, kind, _ in listed} <= kinds
    assert [row for row in listed if not row[3]] == []
    assert bi.asked("SELECT obj_description('bi.sales_by_day'::regclass)", url) == [
        ("One row for each day and currency; each entry on its own day.",)
    ]


def test_a_reader_of_a_shop_sees_its_rows_and_one_of_all_sees_all(bi: Bi) -> None:
    one, url = bi.shops[0], bi.reader(bi.shops[0].id)

    for table in (*DAILY, "products", "shops"):
        assert bi.asked(f"SELECT DISTINCT tenant_id FROM bi.{table}", url) == [(one.id,)], table
        assert {shop for (shop,) in bi.asked(f"SELECT DISTINCT tenant_id FROM bi.{table}")} == {
            shop.id for shop in bi.shops
        }, table
    assert bi.asked("SELECT tenant_id FROM readers", url) == [(one.id,)]


REFUSED = (
    "SET ROLE rustok_bi",
    "SET ROLE rustok_bi_reader_of_all",
    "SET SESSION AUTHORIZATION rustok_bi",
    "SET row_security = off; SELECT * FROM sales_by_day",
    "SELECT * FROM bi_hidden.declared",
    "INSERT INTO bi.readers VALUES (current_user, NULL, now())",
    "UPDATE bi.readers SET tenant_id = NULL",
    "DELETE FROM bi.sales_by_day",
    "TRUNCATE bi.sales_by_day",
    "DROP TABLE bi.sales_by_day",
    "ALTER TABLE bi.sales_by_day DISABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON bi.sales_by_day USING (true)",
    "CREATE TABLE bi.mine (a int)",
    "CREATE TABLE public.mine (a int)",
    "CREATE TEMP TABLE mine (a int)",
    "CREATE SCHEMA mine",
    "CREATE VIEW bi.mine AS SELECT * FROM bi.sales_by_day",
    "CREATE FUNCTION bi.mine() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'",
    "CREATE FUNCTION pg_temp.mine() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
    "CREATE ROLE mine",
    "ALTER ROLE current_user SUPERUSER",
    "GRANT rustok_bi_reader_of_all TO current_user",
    "COPY bi.sales_by_day TO PROGRAM 'cat'",
    "COPY bi.sales_by_day TO '/tmp/figures'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'figures')",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_statistic",
    "BEGIN; LOCK TABLE bi.sales_by_day IN EXCLUSIVE MODE",
    "BEGIN; LOCK TABLE bi_hidden.declared IN EXCLUSIVE MODE",
    "SET temp_file_limit = -1",
    "SET session_replication_role = replica",
)


@pytest.mark.parametrize("statement", REFUSED)
def test_a_reader_can_do_nothing_but_read(bi: Bi, statement: str) -> None:
    """Also when it takes what its sessions are set to for a proposal."""
    with psycopg.connect(bi.reader(bi.shops[0].id), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")

        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement)  # type: ignore[call-overload]


def test_no_expression_meets_another_shops_row(bi: Bi) -> None:
    """One that fails at a row would tell what is in it: by its message, or by failing."""
    url, other = bi.reader(bi.shops[0].id), bi.shops[1].tenant["slug"]

    for condition in (
        f"1 / (CASE WHEN shop = '{other}' THEN 0 ELSE 1 END) > 0",
        f"CASE WHEN shop = '{other}' THEN shop::int > 0 ELSE true END",
    ):
        assert bi.asked(f"SELECT count(*) > 0 FROM sales_by_day WHERE {condition}", url) == [(True,)]


def test_the_catalogue_tells_no_figure(bi: Bi) -> None:
    """Nor does a plan: it expects as many rows for a shop that is there as for one that never was."""
    with psycopg.connect(bi.settings.postgres_bi_url, autocommit=True) as filler:
        filler.execute("ANALYZE")
    url = bi.reader(bi.shops[0].id)
    assert bi.asked("SELECT * FROM pg_stats WHERE schemaname = 'bi' AND tablename <> 'freshness'", url) == []

    def expected(slug: str) -> str:
        plan = "\n".join(row[0] for row in bi.asked(f"EXPLAIN SELECT * FROM sales_by_day WHERE shop = '{slug}'", url))
        return " ".join(re.findall(r"rows=\d+", plan))

    assert expected(bi.shops[1].tenant["slug"]) == expected("never-was")
    names = bi.asked("SELECT rolname FROM pg_roles", url)
    assert not [name for (name,) in names for shop in bi.shops if shop.tenant["slug"] in name]


def test_nobody_of_them_is_let_into_the_write_model_or_anywhere_else(bi: Bi, settings: Settings) -> None:
    reader = bi.reader(None)
    for url in (reader, settings.postgres_bi_url):
        for database in ("rustok", "postgres", "template1"):
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(f"{url.rpartition('/')[0]}/{database}")
    for duty in database_roles.GROUPS:
        with psycopg.connect(database_roles.url_of(settings, duty)) as connection:
            connection.execute("SELECT 1")


def test_a_question_that_goes_on_keeps_no_row_of_the_write_model(bi: Bi, postgres: psycopg.Connection) -> None:
    postgres.execute("CREATE TABLE cleared (a int) WITH (autovacuum_enabled = false)")
    try:
        postgres.execute("INSERT INTO cleared SELECT generate_series(1, 1000)")
        with psycopg.connect(bi.reader(None)) as reading:
            reading.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            reading.execute("SELECT count(*) FROM sales_by_day")
            postgres.execute("DELETE FROM cleared")
            said: list[str] = []
            postgres.add_notice_handler(lambda notice: said.append(str(notice.message_primary)))
            postgres.execute("VACUUM (VERBOSE) cleared")
        assert re.search(r"1000 removed, 0 remain, 0 are dead but not yet removable", " ".join(said)), said
    finally:
        postgres.execute("DROP TABLE cleared")


def test_a_statement_ends_after_its_time_and_connections_are_few(bi: Bi) -> None:
    url = bi.reader(bi.shops[0].id)

    with psycopg.connect(url) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("1min",)
        assert connection.execute("SHOW default_transaction_read_only").fetchone() == ("on",)
        connection.execute("SET statement_timeout = '100ms'")
        with pytest.raises(errors.QueryCanceled):
            connection.execute("SELECT count(*) FROM generate_series(1, 1000000000)")
    held = [psycopg.connect(url) for _ in range(bi_readers.CONNECTIONS)]
    try:
        with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
            psycopg.connect(url)
    finally:
        for one in held:
            one.close()


def test_who_gives_itself_more_time_is_ended_by_the_next_filling(bi: Bi) -> None:
    with psycopg.connect(bi.reader(bi.shops[0].id)) as greedy:
        greedy.execute("SET statement_timeout = 0")
        greedy.execute("SELECT 1")
        with psycopg.connect(bi.settings.postgres_bi_url) as filler:
            assert bi_readers.end_long_ones(filler) == 0
            assert bi_readers.end_long_ones(filler, longest_s=0) == 1

        wait_until(lambda: _is_gone(greedy), 10, "its session is ended")


def _is_gone(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


def test_readers_are_made_listed_renewed_and_dropped_at_the_command_line(
    bi: Bi, servers: Stack, postgres: psycopg.Connection
) -> None:
    slug = bi.shops[0].tenant["slug"]

    made = json.loads(servers.rustok("api", "bi-readers", "add", slug, "--json").stdout)
    listed = json.loads(servers.rustok("api", "bi-readers", "list", "--json").stdout)
    assert {"role": made["role"], "tenant_id": str(bi.shops[0].id)} in [
        {"role": one["role"], "tenant_id": one["tenant_id"]} for one in listed
    ]
    assert f"{made['role']}  {slug}" in servers.rustok("api", "bi-readers", "list").stdout
    with psycopg.connect(made["url"]) as connected:
        renewed = json.loads(servers.rustok("api", "bi-readers", "renew", made["role"], "--json").stdout)
        assert _is_gone(connected)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(made["url"])
    with psycopg.connect(renewed["url"]) as connected:
        assert connected.execute("SELECT count(*) > 0 FROM sales_by_day").fetchone() == (True,)
        servers.rustok("api", "bi-readers", "drop", made["role"])
        assert _is_gone(connected)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(renewed["url"])

    acts = postgres.execute("SELECT act FROM audit WHERE object = %s ORDER BY at", (made["role"],)).fetchall()
    assert acts == [("bi_readers:add",), ("bi_readers:renew",), ("bi_readers:drop",)]
    refused = servers.rustok("api", "bi-readers", "drop", made["role"], check=False)
    assert refused.returncode == 2
    assert "bi-readers list" in refused.stderr


def test_the_command_fills_from_the_newest_or_says_that_there_is_nothing(
    bi: Bi, servers: Stack, tmp_path: Path
) -> None:
    filling = Stack(servers.settings, {"RUSTOK_ANALYTICS_DIR": str(bi.folder)})

    filled = json.loads(filling.rustok("sinks", "bi", "--json").stdout)
    refused = filling.rustok("sinks", "bi", "--certified", check=False)

    assert [one["model"] for one in filled["models"]] == ["sales"]
    assert refused.returncode == 2
    assert "no certified snapshot" in refused.stderr

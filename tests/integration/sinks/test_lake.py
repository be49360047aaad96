"""The lake with its catalogue in PostgreSQL, by the command and by the scheduler's job, in the roles that they have."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from api.migrations import migrate
from ops import metrics
from ops.scheduler.own_commands import CommandFailed
from ops.settings import Settings
from sinks.analytics import sales_facts, search_facts
from sinks.duckdb import snapshots
from sinks.lake import lake_catalogue
from sinks.lake.lake_job import JOB
from tests.sinks.duckdb.test_publishing import SmallParts, gone, opened, sold
from tests.support.lake_reading import Figures, in_the_lake, in_the_snapshot
from tests.support.sink_contract import POSITION, begin
from tests.support.sound_snapshots import published, sound_searches
from tests.support.stack import Stack
from tests.support.whole import whole

pytestmark = pytest.mark.servers

SALES = sales_facts.MODEL
NAMESPACE = SALES.id.replace("-", "_")


@pytest.fixture
def settings(servers: Stack, tmp_path: Path) -> Iterator[Settings]:
    """Of a database of its own, brought to today; the roles belong to the whole server."""
    servers.rustok("api", "migrate")
    name = f"lake_{uuid4().hex[:12]}"

    def here(url: str) -> str:
        return make_url(url).set(database=name).render_as_string(hide_password=False)

    admin = servers.settings.postgres_url
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migrate.migrate(here(admin), "rustok_outbox")
    try:
        yield Settings(
            home=servers.settings.home,
            stack=servers.settings.stack,
            postgres_url=here(admin),
            postgres_scheduler_url=here(servers.settings.postgres_scheduler_url),
            analytics_dir=tmp_path,
        )
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[SmallParts]:
    with closing(opened(tmp_path)) as one:
        begin(one, POSITION)
        yield one


def command(servers: Stack, settings: Settings, url: str, *options: str) -> "subprocess.CompletedProcess[str]":
    also = {"RUSTOK_POSTGRES_URL": url, "RUSTOK_ANALYTICS_DIR": str(settings.analytics_dir)}
    return replace(servers, also=also).rustok("sinks", "lake", *options, check=False)


def lake(settings: Settings) -> Figures:
    catalogue = lake_catalogue.in_postgres(settings.postgres_scheduler_url, settings.lake_dir)
    return in_the_lake(catalogue, SALES)


def snapshot(settings: Settings) -> Figures:
    found = snapshots.current(settings.analytics_dir / SALES.id)
    assert found is not None
    return in_the_snapshot(found.path, SALES)


def test_the_command_mirrors_with_the_schedulers_role_and_what_is_read_back_is_equal_to_the_cent(
    servers, settings, sink
):
    first = sold(7)
    sink.write(first, {})
    sink.publish(whole(SALES))

    done = command(servers, settings, settings.postgres_scheduler_url, "sales", "--json")

    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)
    assert (told["namespace"], told["commits"]) == (NAMESPACE, 2)
    assert lake(settings) == snapshot(settings)
    sink.write([gone(first[0], 2), *sold(1, version=2, of=first[1])], {})
    sink.publish(whole(SALES))
    said = command(servers, settings, settings.postgres_scheduler_url, "sales").stdout
    assert lake(settings) == snapshot(settings)
    assert f"{NAMESPACE}: {SALES.id}-" in said
    assert "6 rows in" in said


def test_a_catalogue_that_was_dropped_is_made_again_by_the_owner_and_by_nobody_else(servers, settings, sink):
    sink.write(sold(7), {})
    sink.publish(whole(SALES))
    command(servers, settings, settings.postgres_scheduler_url, "sales")
    with psycopg.connect(settings.postgres_url) as connection:
        was = columns(connection)
        connection.execute("DROP SCHEMA lake CASCADE")

    refused = command(servers, settings, settings.postgres_scheduler_url, "sales")
    made = command(servers, settings, settings.postgres_url, "sales")

    assert refused.returncode == 2
    assert "catalogue is not there" in refused.stderr
    assert made.returncode == 0, made.stderr
    assert lake(settings) == snapshot(settings)
    with psycopg.connect(settings.postgres_url) as connection:
        assert columns(connection) == was
    assert command(servers, settings, settings.postgres_scheduler_url, "sales").returncode == 0


def test_a_turn_of_the_job_mirrors_what_there_is_and_counts_it(settings, sink):
    sink.write(sold(7), {})
    sink.publish(whole(SALES))
    published(settings.analytics_dir, search_facts.MODEL, sound_searches())
    before = counted("sales")

    JOB.turn(settings)
    JOB.turn(settings)

    assert counted("sales") == before + 2
    assert counted("searches") > 0
    as_of = metrics.LAKE_AS_OF.labels("sales")._value.get()  # noqa: SLF001  # what is shown of it
    assert as_of == pytest.approx(min(whole(SALES).by_partition.values()).timestamp())
    assert lake(settings) == snapshot(settings)


def test_a_turn_that_fails_counts_it_and_says_why(settings, sink):
    sink.write(sold(7), {})
    sink.publish(whole(SALES))
    settings.lake_dir.mkdir()
    (settings.lake_dir / NAMESPACE).write_text("in the way")
    before = metrics.LAKE_FAILURES.labels("sales")._value.get()  # noqa: SLF001

    with pytest.raises(CommandFailed, match="The lake's folder cannot be written"):
        JOB.turn(settings)

    assert metrics.LAKE_FAILURES.labels("sales")._value.get() == before + 1  # noqa: SLF001


def test_of_two_at_once_each_is_done_or_told_and_the_lake_is_whole(servers, settings, sink):
    sink.write(sold(30), {})
    sink.publish(whole(SALES))
    environment = {
        **servers.environment,
        "RUSTOK_POSTGRES_URL": settings.postgres_scheduler_url,
        "RUSTOK_ANALYTICS_DIR": str(settings.analytics_dir),
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "ops.cli", "sinks", "lake", "sales"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ended = [(one.communicate(timeout=120)[1], one.returncode) for one in started]

    assert 0 in {code for _, code in ended}
    assert all(code == 0 or "another process is mirroring sales" in said.lower() for said, code in ended), ended
    assert lake(settings) == snapshot(settings)


def counted(model: str) -> float:
    return metrics.LAKE_COMMITS.labels(model)._value.get()  # noqa: SLF001  # what is shown of it


def columns(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable"
        " FROM information_schema.columns WHERE table_schema = 'lake' ORDER BY table_name, ordinal_position"
    ).fetchall()

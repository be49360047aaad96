"""A PostgreSQL that cannot archive its log is noticed, and so is that it can again."""

import shutil
from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from ops import metrics
from ops.backup.archiving_job import Looking
from ops.home import ServiceUser
from ops.local import server_software
from ops.local.stack_folders import owned_folder
from ops.settings import Settings
from tests.support.free_port import free_port
from tests.support.stack import Stack
from tests.support.standby_pair import COMMON, DEADLINE_S, Server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

ARCHIVES = "archive_mode = on\narchive_command = '/bin/false'\n"


@pytest.fixture
def archiving(servers: Stack) -> Iterator[Server]:
    """It has an archive into which nothing goes."""
    settings = servers.settings
    user, port = ServiceUser.choose(settings.service_user), free_port()
    folder = settings.folder.root / f"archiving-{port}"
    owned_folder(folder, user)
    server = Server(server_software.postgres(settings.folder.software), user, folder / "data", port)
    server.run("initdb", "-D", server.folder, "-A", "trust", "-U", "rustok", "-N")
    server.configure(f"{COMMON}{ARCHIVES}port = {port}\n")
    server.start()
    yield server
    server.kill()
    shutil.rmtree(folder)


def run(server: Server, *statements: LiteralString) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def seen(server: Server, looking: Looking) -> tuple[float, bool]:
    looking.turn(Settings(postgres_scheduler_url=server.url, postgres_any_role=True))
    return metrics.LOG_ARCHIVE_FAILS._value.get(), metrics.LOG_ARCHIVED._value.get() > 0  # noqa: SLF001


def test_what_is_not_archived_is_seen_until_it_is(archiving: Server) -> None:
    looking = Looking()
    before = seen(archiving, looking)
    run(archiving, "CREATE TABLE t AS SELECT 1 AS a", "SELECT pg_switch_wal()")  # a part of the log is full
    wait_until(lambda: seen(archiving, looking) == (1, False), DEADLINE_S, "it is seen that it fails")
    run(archiving, "ALTER SYSTEM SET archive_command = '/bin/true'", "SELECT pg_reload_conf()")

    wait_until(lambda: seen(archiving, looking) == (0, True), DEADLINE_S, "it is seen that it goes on")

    assert before == (0, False)


def test_a_server_without_an_archive_has_nothing_that_could_fail(servers: Stack) -> None:
    servers.rustok("api", "migrate")

    Looking().turn(servers.settings)

    assert metrics.LOG_ARCHIVE_FAILS._value.get() == 0  # noqa: SLF001

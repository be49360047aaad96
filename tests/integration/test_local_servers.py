"""The local servers: ready when `up` says so, back after a crash, and gone after `down`."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from confluent_kafka.admin import AdminClient

from ops.local import leftovers
from ops.local.start_stack import servers as servers_of
from ops.settings import Settings
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


def running(stack: Stack) -> dict[str, dict[str, object]]:
    told = json.loads(stack.rustok("status", "--json", check=False).stdout)
    return {process["name"]: process for process in told["processes"]}


@pytest.fixture
def kafka_alone() -> Iterator[Stack]:
    """A stack of its own with nothing but Kafka, on free ports; the other servers are said to be elsewhere."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as home:  # pytest keeps its own closed to others
        Path(home).chmod(0o755)
        software = Settings().folder.software
        Path(home, "software").symlink_to(software)
        yield Stack(Settings(home=Path(home), stack="test-alone"))
        Stack(Settings(home=Path(home), stack="test-alone")).rustok("down")


def test_postgres_is_set_up_for_logical_replication(servers: Stack) -> None:
    with psycopg.connect(servers.settings.postgres_url) as connection:
        row = connection.execute(
            "select current_setting('wal_level'), current_setting('fsync'), current_setting('max_replication_slots')"
        ).fetchone()

    assert row == ("logical", "on", "16")


def test_postgres_soon_knows_what_fresh_tables_hold(servers: Stack) -> None:
    with psycopg.connect(servers.settings.postgres_url) as connection:
        row = connection.execute("select current_setting('autovacuum_naptime')").fetchone()

    assert row == ("5s",)


def test_postgres_wants_the_password(servers: Stack) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(servers.settings.postgres_url, password="wrong")


def test_kafka_makes_no_topic_by_itself(servers: Stack) -> None:
    admin = AdminClient({"bootstrap.servers": servers.settings.kafka_bootstrap})

    told = admin.list_topics("never-created", timeout=10)

    assert told.topics["never-created"].error is not None


def test_a_second_up_says_that_all_runs(servers: Stack) -> None:
    done = servers.rustok("up", "--servers-only")

    assert "is running already" in done.stderr


def test_a_killed_server_comes_back_and_is_counted(servers: Stack) -> None:
    before = running(servers)["postgres"]

    assert servers.kill("postgres") == before["pid"]

    def is_back() -> bool:
        now = running(servers)["postgres"]
        return now["state"] == "up" and now["pid"] not in (None, before["pid"])

    wait_until(is_back, 30, "postgres runs again")
    # A session that was busy may hold the killed server's memory a moment longer than it took to start the next one,
    # which then gives up and is started again.
    assert int(str(running(servers)["postgres"]["restarts"])) - int(str(before["restarts"])) in (1, 2)


def test_keys_can_be_read_by_their_owner_only(servers: Stack) -> None:
    folder = servers.settings.folder

    assert folder.token_key.stat().st_mode & 0o777 == 0o600
    assert folder.postgres_password.stat().st_mode & 0o777 == 0o600
    assert len(servers.settings.token_key.get_secret_value()) >= 32


def test_servers_listen_on_this_machine_only(servers: Stack) -> None:
    ports = {f"{port:04X}" for server in servers_of(servers.settings) for port in server.ports.values()}
    rows = [
        line.split()[1] for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()
    ]

    bound = {row.rpartition(":")[0] for row in rows if row.rpartition(":")[2] in ports}

    assert bound <= {"0100007F", "0000000000000000FFFF00000100007F"}


def test_down_leaves_nothing_even_when_the_supervisor_was_killed(kafka_alone: Stack, servers: Stack) -> None:
    elsewhere = {
        "RUSTOK_POSTGRES_URL": servers.settings.postgres_url,
        "RUSTOK_OPENSEARCH_URL": servers.settings.opensearch_url,
    }
    root = kafka_alone.settings.folder.root
    rustok = Stack(kafka_alone.settings, elsewhere)
    rustok.rustok("up", "--servers-only", "--free-ports")
    assert {name: p["supervised"] for name, p in running(rustok).items()}["postgres"] is None
    supervisor = int((root / "run" / "supervisord.pid").read_text())

    os.kill(supervisor, signal.SIGKILL)
    assert leftovers.find(root) != []
    rustok.rustok("down")

    assert leftovers.find(root) == []


def test_what_is_not_ours_is_never_ended(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path) as stranger:
        leftovers.end(tmp_path)

        assert stranger.poll() is None
        stranger.kill()

"""Servers that are named by several hosts, of which the first is dead: everything goes on at the second."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from api.jobs.prune_outbox import JOB
from api.store.store import Store
from api.wsgi import now
from ops.home import ServiceUser
from ops.local.opensearch import OpenSearch
from ops.local.postgres import Postgres
from ops.local.program import ServerContext
from ops.settings import Settings
from schemas.write_model import open_write_model
from tests.support.free_port import free_port
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


@pytest.fixture
def url(servers: Stack) -> Iterator[str]:
    """Nobody listens at the first host."""
    named = conninfo_to_dict(servers.settings.postgres_url)
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        hosts = f"127.0.0.1:{dead.getsockname()[1]},{named['host']}:{named['port']}"
        yield (
            f"postgresql://{named['user']}:{named['password']}@{hosts}/{named['dbname']}"
            "?target_session_attrs=read-write"
        )


def test_every_process_finds_the_host_that_lives(servers: Stack, url: str) -> None:
    elsewhere = replace(servers, also={"RUSTOK_POSTGRES_URL": url})
    settings = servers.settings.model_copy(
        update={"postgres_scheduler_url": url, "postgres_any_role": True, "outbox_keep_h": 0}
    )

    migrated = elsewhere.rustok("api", "migrate")
    pruned = elsewhere.rustok("api", "prune", check=False)
    status = json.loads(elsewhere.rustok("status", "--json", check=False).stdout)
    JOB.turn(settings)
    with open_write_model(url) as truth:
        assert truth.count("order", ()) >= 0
    with closing(Store(url, connections=1, clock=now)) as store:
        store.open()
        store.ping()

    assert "tables are up to date" in migrated.stdout
    assert "does not answer" not in pruned.stdout + pruned.stderr
    assert "postgres" in json.dumps(status)


def test_the_log_is_read_from_the_host_that_lives(url: str) -> None:
    with psycopg.connect(url, replication="database", autocommit=True) as stream:
        row = stream.execute("IDENTIFY_SYSTEM").fetchone()

    assert row is not None


def test_a_server_with_several_hosts_is_ready_when_one_is(servers: Stack, url: str) -> None:
    named = Settings(stack=servers.settings.stack, home=servers.settings.home, postgres_url=url)
    postgres = Postgres(ServerContext(named, ServiceUser.choose("")))

    assert postgres.is_ready()
    assert postgres.address.count(":") == 2


def test_topics_are_made_and_indices_shown_where_the_first_host_is_dead(servers: Stack) -> None:
    dead = f"127.0.0.1:{free_port()}"
    settings = servers.settings
    elsewhere = replace(
        servers,
        also={
            "RUSTOK_KAFKA_BOOTSTRAP": f"{dead},{settings.kafka_bootstrap}",
            "RUSTOK_OPENSEARCH_URL": f"http://{dead},{settings.opensearch_url}",
        },
    )

    elsewhere.rustok("streams", "topics")
    shown = elsewhere.rustok("sinks", "indices", "--json", check=False)

    assert isinstance(json.loads(shown.stdout), list), shown.stderr


def test_opensearch_with_several_hosts_is_ready_when_one_is(servers: Stack) -> None:
    urls = f"http://127.0.0.1:{free_port()},{servers.settings.opensearch_url}"
    named = Settings(stack=servers.settings.stack, home=servers.settings.home, opensearch_url=urls)
    opensearch = OpenSearch(ServerContext(named, ServiceUser.choose("")))

    assert opensearch.is_ready()
    assert opensearch.address.count(":") == 2

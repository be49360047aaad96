"""What is removed from an outbox (in a database of its own): what is old and confirmed, and never anything else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from uuid_utils.compat import uuid7

from api.jobs.prune_outbox import moment_of, prune
from api.migrations.migrate import migrate
from api.reemit.write_model_tables import ACTOR
from ops.settings import Settings

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def url(settings: Settings) -> Iterator[str]:
    name = f"pruning_{uuid4().hex[:8]}"
    with psycopg.connect(settings.postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        own = urlsplit(settings.postgres_url)._replace(path=f"/{name}").geturl()
        migrate(own, "pruning")
        yield own
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def outbox(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM outbox")
        yield connection


@pytest.fixture
def slot(outbox: psycopg.Connection) -> Iterator[str]:
    """Of a capture that has confirmed nothing since it was made."""
    name = f"pruning_{uuid4().hex[:8]}"
    outbox.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (name,))
    yield name
    outbox.execute("SELECT pg_drop_replication_slot(%s)", (name,))


@contextmanager
def confirming(url: str, slot: str) -> Iterator[None]:
    """A capture that keeps up."""
    done = threading.Event()

    def run() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not done.is_set():
                connection.execute("SELECT pg_logical_emit_message(true, 'test', '')")
                connection.execute("SELECT pg_replication_slot_advance(%s, pg_current_wal_flush_lsn())", (slot,))
                done.wait(0.05)

    running = threading.Thread(target=run)
    running.start()
    try:
        yield
    finally:
        done.set()
        running.join()


def write(connection: psycopg.Connection, event_type: str = "order.paid", actor: str = "till-1") -> UUID:
    id_ = uuid7()
    connection.execute(
        "INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, ce_time, tenant_id, aggregate_version,"
        " correlation_id, actor_id, schema_version, traceparent) VALUES (%s, 'order', %s, %s, '', '', '', '1', '', %s,"
        " '1', '')",
        (id_, str(uuid4()), event_type, actor),
    )
    return id_


def kept(connection: psycopg.Connection) -> set[UUID]:
    return {id_ for (id_,) in connection.execute("SELECT id FROM outbox").fetchall()}


def later() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


def test_what_nobody_has_confirmed_stays(outbox, slot):
    row = write(outbox)

    done = prune(outbox, slot, later(), patience_s=0.3)

    assert done.rows == 0
    assert slot in done.kept_back
    assert kept(outbox) == {row}


def test_without_a_slot_everything_stays(outbox):
    row = write(outbox)

    done = prune(outbox, "nobody", later())

    assert (done.rows, done.kept_back) == (0, "there is no slot nobody, so nothing says what is in Kafka")
    assert kept(outbox) == {row}


def test_only_what_is_older_goes_in_small_parts(outbox, url, slot):
    for _ in range(5):
        write(outbox)
    newer = UUID(int=uuid7().int + (50 << 80))  # made 50 ms after them
    outbox.execute("UPDATE outbox SET id = %s WHERE id = %s", (newer, max(kept(outbox))))

    with confirming(url, slot):
        done = prune(outbox, slot, moment_of(newer), batch=2)

    assert (done.rows, done.kept_back) == (4, "")
    assert kept(outbox) == {newer}


def test_the_last_word_on_what_is_gone_stays_and_its_repetition_goes(outbox, url, slot):
    deleted = write(outbox, "product.deleted")
    write(outbox, "product.deleted", actor=ACTOR)

    with confirming(url, slot):
        prune(outbox, slot, later())

    assert kept(outbox) == {deleted}


def test_what_commits_while_it_is_pruned_is_not_touched(outbox, url, slot):
    """Its id is old, but it was not there to be seen when the end of the log was asked for."""
    with psycopg.connect(url) as slow:
        late = write(slow)
        write(outbox)
        with confirming(url, slot):
            prune(outbox, slot, later())
        slow.commit()

    assert kept(outbox) == {late}

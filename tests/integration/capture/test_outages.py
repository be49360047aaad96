"""Kafka away, Postgres stopped: memory and log stay in bounds that can be seen, and nothing is missing afterwards."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from ops import watching
from ops.local.supervision import Supervisor
from streams.bench import usage
from streams.bench.scratch import Scratch
from tests.integration.capture.log import reading_events
from tests.integration.capture.outbox import DEADLINE_S, capturing, insert, row
from tests.integration.capture.ports import free_port
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

ROWS, ROW_BYTES = 30_000, 5120
STOPS_WITHIN_S = 10.0

FLOOD = """
    INSERT INTO outbox
    SELECT gen_random_uuid(), %s, 'order-' || n %% 20, 'order.placed', decode(repeat(md5(n::text), 320), 'hex'),
        '1.0', 'rustok', '', '', n::text, '', NULL, '', '1', ''
    FROM generate_series(1, %s) n
"""


def _pid(servers: Stack, name: str) -> int | None:
    return next(state.pid for state in Supervisor(servers.settings.folder).states() if state.name == name)


@contextmanager
def _paused(servers: Stack, name: str) -> Iterator[None]:
    pid = _pid(servers, name)
    assert pid is not None
    os.killpg(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(pid, signal.SIGCONT)


def _stop_postgres(servers: Stack, how: signal.Signals) -> None:
    """Stopped that way, and started again by the supervisor."""
    pid = _pid(servers, "postgres")
    assert pid is not None
    os.kill(pid, how)
    wait_until(lambda: _pid(servers, "postgres") != pid, STOPS_WITHIN_S, "PostgreSQL has stopped")


def _answers(world: Scratch) -> bool:
    try:
        world.connect().close()
    except psycopg.OperationalError:
        return False
    return True


def test_kafka_away_fills_no_memory_shows_the_log_that_is_kept_and_lets_postgres_stop(
    servers: Stack, world: Scratch
) -> None:
    port = free_port()
    with reading_events(world) as log:
        with capturing(world, capture_metrics_port=port) as capture:
            with world.connect() as connection:
                insert(connection, [row(world, "first")])
                log.read_count(1)
                before = usage.of(capture.process.pid).peak_bytes
                with _paused(servers, "kafka"):
                    connection.execute(FLOOD, (world.aggregate_type, ROWS))
                    capture.wait_until_logged("capture_makes_no_progress")
                    page = watching.read(f"http://127.0.0.1:{port}/metrics")
                    grown = usage.of(capture.process.pid).peak_bytes - before
                    _stop_postgres(servers, signal.SIGINT)
            assert capture.process.wait(DEADLINE_S) == 1
        wait_until(lambda: _answers(world), DEADLINE_S, "PostgreSQL is back")
        with capturing(world):
            records = log.read_until(
                lambda records: len({dict(record.headers)["ce_id"] for record in records}) > ROWS,
                DEADLINE_S,
                "all rows",
            )

    assert grown < ROWS * ROW_BYTES * 0.75
    assert page is not None
    assert (page.value("rustok_capture_retained_bytes") or 0) > ROWS
    assert page.value("rustok_capture_slot", state="reserved") == 1
    assert {record.partition for record in records} <= set(range(world.partitions))


def test_postgres_that_loses_its_memory_loses_no_event(servers: Stack, world: Scratch) -> None:
    with reading_events(world) as log:
        with capturing(world) as capture:
            with world.connect() as connection:
                connection.execute(FLOOD, (world.aggregate_type, 2000))
            _stop_postgres(servers, signal.SIGQUIT)
            assert capture.process.wait(DEADLINE_S) == 1
        wait_until(lambda: _answers(world), DEADLINE_S, "PostgreSQL is back")
        with world.connect() as connection, capturing(world):
            insert(connection, [row(world, "after")])
            log.read_until(
                lambda records: len({dict(record.headers)["ce_id"] for record in records}) > 2000,
                DEADLINE_S,
                "all rows",
            )

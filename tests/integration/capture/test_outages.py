"""Kafka away, Postgres stopped: memory and log stay in bounds that can be seen, and nothing is missing afterwards."""

import os
import signal

import psycopg
import pytest

from ops import process_health
from streams.bench import process_usage
from streams.bench.scratch_world import Scratch
from tests.integration.capture.log import reading_events
from tests.integration.capture.outbox import DEADLINE_S, capturing, flood, insert, row
from tests.integration.capture.servers import paused
from tests.support.free_port import free_port
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

ROWS, ROW_BYTES = 30_000, 5120
STOPS_WITHIN_S = 10.0


def _stop_postgres(servers: Stack, how: signal.Signals) -> None:
    """Stopped that way, and started again by the supervisor."""
    pid = servers.pid_of("postgres")
    assert pid is not None
    os.kill(pid, how)
    wait_until(lambda: servers.pid_of("postgres") != pid, STOPS_WITHIN_S, "PostgreSQL has stopped")


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
                before = process_usage.of(capture.process.pid).peak_bytes
                with paused(servers, "kafka"):
                    flood(connection, world, ROWS, ROW_BYTES)
                    capture.wait_until_logged("capture_makes_no_progress")
                    page = process_health.read(f"http://127.0.0.1:{port}/metrics")
                    grown = process_usage.of(capture.process.pid).peak_bytes - before
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
    assert (page.value("rustok_slot_retained_bytes") or 0) > ROWS
    assert page.value("rustok_slot_state", state="reserved") == 1
    assert {record.partition for record in records} <= set(range(world.partitions))


def test_postgres_that_loses_its_memory_loses_no_event(servers: Stack, world: Scratch) -> None:
    with reading_events(world) as log:
        with capturing(world) as capture:
            with world.connect() as connection:
                flood(connection, world, 2000, ROW_BYTES)
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

"""What state the slot is in is on the page of metrics, and one that was lost is made anew with a gap."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from ops import process_health
from ops.metrics import SLOT_STATES
from streams.bench.scratch_world import Scratch
from tests.integration.capture.log import reading_events
from tests.integration.capture.outbox import DEADLINE_S, capturing, insert, launched, row
from tests.support.free_port import free_port
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


def _state(port: int) -> str | None:
    page = process_health.read(f"http://127.0.0.1:{port}/metrics")
    if page is None:
        return None
    return next((state for state in SLOT_STATES if page.value("rustok_slot_state", state=state)), None)


@contextmanager
def _keeping_little(connection: psycopg.Connection) -> Iterator[None]:
    connection.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
    connection.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        connection.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
        connection.execute("SELECT pg_reload_conf()")


def _lose(connection: psycopg.Connection, slot: str) -> None:
    def lost() -> bool:
        connection.execute("SELECT pg_logical_emit_message(false, 'test', 'a few bytes'), pg_switch_wal()")
        connection.execute("CHECKPOINT")
        query = "SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s"
        return connection.execute(query, (slot,)).fetchone() == ("lost",)

    wait_until(lost, DEADLINE_S, "the slot is lost")


def test_a_slot_that_is_lost_is_made_anew_and_the_gap_is_said(world: Scratch) -> None:
    port = free_port()
    with world.connect() as connection, reading_events(world) as log:
        with capturing(world, capture_metrics_port=port) as capture:
            wait_until(lambda: _state(port) == "reserved", DEADLINE_S, "the slot is well")
            slot = capture.slot
        wait_until(lambda: _is_free(connection, slot), DEADLINE_S, "the slot is free")
        with _keeping_little(connection):
            _lose(connection, slot)

        with launched(world, capture_metrics_port=port) as capture:
            said = capture.wait_until_logged("gap_opened")
            capture.wait_until_logged("capture_started")
            wait_until(lambda: _state(port) == "reserved", DEADLINE_S, "the new slot is well")
            insert(connection, [row(world, "after")])
            log.read_count(1)

    assert said["kind"] == "slot"
    assert "was lost" in str(said["detail"])


def test_a_new_slot_can_go_on_at_a_standby_server(world: Scratch) -> None:
    query = "SELECT failover FROM pg_replication_slots WHERE slot_name = %s"
    with world.connect() as connection:
        if connection.info.server_version < 170_000:
            pytest.skip("this server has no failover slots")
        with capturing(world) as capture:
            assert connection.execute(query, (capture.slot,)).fetchone() == (True,)


def _is_free(connection: psycopg.Connection, slot: str) -> bool:
    query = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
    return connection.execute(query, (slot,)).fetchone() == (False,)

"""Killed, replaced or stopped: nothing is missing, and what is sent again never comes before what it follows."""

import signal
import subprocess
import time

import pytest

from streams.bench import process_usage
from streams.bench.scratch_world import Scratch
from tests.integration.capture.log import Read, reading_events
from tests.integration.capture.outbox import DEADLINE_S, capturing, flood, insert, launched, reader, row
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

ROWS = 5000
KEYS = [f"order-{number}" for number in range(25)]
STOPS_WITHIN_S = 2.0


def _write(world: Scratch) -> dict[bytes, list[bytes]]:
    """Many small transactions; key → values in the order of their commits."""
    written: dict[bytes, list[bytes]] = {key.encode(): [] for key in KEYS}
    with world.connect() as connection, connection.pipeline() as pipeline:
        for version in range(1, ROWS // len(KEYS) + 1):
            rows = [row(world, key, version) for key in KEYS]
            with connection.transaction():
                insert(connection, rows)
            for each in rows:
                written[each.aggregateid.encode()].append(each.payload)
        pipeline.sync()
    return written


def _first_occurrences(records: list[Read]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for record in records:
        values = found.setdefault(record.key, [])
        if record.value not in values:
            values.append(record.value)
    return found


def _distinct(records: list[Read]) -> int:
    return len({dict(record.headers)["ce_id"] for record in records})


def test_killed_in_the_middle_and_started_again_nothing_is_missing_and_order_holds(world: Scratch) -> None:
    with reading_events(world) as log:
        with capturing(world) as capture:
            written = _write(world)
            log.read_until(lambda records: len(records) >= 500, DEADLINE_S, "some events are in Kafka")
            capture.process.kill()
            capture.process.wait()
        with capturing(world):
            records = log.read_until(lambda records: _distinct(records) >= ROWS, DEADLINE_S, "all events are in Kafka")

    assert _first_occurrences(records) == written


def test_a_second_capture_stands_by_and_takes_over_when_the_first_is_killed(world: Scratch) -> None:
    with (
        reading_events(world) as log,
        world.connect() as connection,
        capturing(world) as first,
        launched(world) as second,
    ):
        second.wait_until_logged("capture_stands_by")
        served = reader(world, first.slot)
        insert(connection, [row(world, "by the first")])
        log.read_count(1)

        first.process.kill()
        wait_until(lambda: reader(world, first.slot) not in (None, served), DEADLINE_S, "the second one reads")
        insert(connection, [row(world, "by the second")])
        records = log.read_until(
            lambda records: any(record.key == b"by the second" for record in records), DEADLINE_S, "the second event"
        )
        second.process.send_signal(signal.SIGTERM)
        events = second.events()

    assert {record.key for record in records} == {b"by the first", b"by the second"}
    assert events == ["capture_took_over", "capture_stopped"]


def test_a_stop_is_quick_clean_and_confirms_what_was_carried(world: Scratch) -> None:
    with reading_events(world) as log, world.connect() as connection:
        with capturing(world) as capture:
            insert(connection, [row(world, "a")])
            log.read_count(1)
            asked = time.monotonic()
            capture.process.terminate()
            events = capture.events()
            took = time.monotonic() - asked
        with capturing(world):
            insert(connection, [row(world, "b")])
            records = log.read_count(2)

    assert capture.process.returncode == 0
    assert took < STOPS_WITHIN_S
    assert events == ["slot_made", "capture_started", "capture_stopped"]
    assert [record.key for record in records if record.key == b"a"] == [b"a"]


def test_a_standby_stops_as_quickly(world: Scratch) -> None:
    with capturing(world), launched(world) as second:
        second.wait_until_logged("capture_stands_by")
        asked = time.monotonic()
        second.process.terminate()
        try:
            second.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            pytest.fail("it did not stop")

    assert time.monotonic() - asked < STOPS_WITHIN_S


def test_a_transaction_of_many_rows_does_not_grow_the_process(world: Scratch) -> None:
    rows, row_bytes = 100_000, 1024
    with capturing(world) as capture, world.connect() as connection, reading_events(world) as log:
        insert(connection, [row(world, "first")])
        log.read_count(1)
        before = process_usage.of(capture.process.pid).peak_bytes
        flood(connection, world, rows, row_bytes)
        wait_until(lambda: log.count_in_kafka() > rows, 2 * DEADLINE_S, "all rows are in Kafka")
        grown = process_usage.of(capture.process.pid).peak_bytes - before

    assert grown < rows * row_bytes * 0.75

"""A holder that hangs is replaced, and what it had not sent never comes behind what its successor sends."""

import os
import signal
import time
from contextlib import ExitStack
from itertools import pairwise

import psycopg
import pytest

from ops import process_health
from streams.bench.scratch_world import Scratch
from tests.integration.capture.log import Read, reading_events
from tests.integration.capture.outbox import DEADLINE_S, capturing, insert, launched, reader, row
from tests.integration.capture.servers import paused
from tests.support.free_port import free_port
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

TRANSACTIONS, ROWS_EACH, KEYS = 60, 500, 20
TAKE_OVERS = 2

WRITE = """
    INSERT INTO outbox
    SELECT gen_random_uuid(), %(type)s, 'order-' || n %% %(keys)s, 'order.placed', convert_to(n::text, 'utf8'),
        '1.0', 'rustok', '', '', n::text, '', NULL, '', '1', ''
    FROM generate_series(%(first)s::int, %(last)s::int) n
"""


def _write_backlog(connection: psycopg.Connection, world: Scratch) -> int:
    """Values count up from 1, in the order of their commits."""
    for number in range(TRANSACTIONS):
        first = number * ROWS_EACH + 1
        given = {"type": world.aggregate_type, "keys": KEYS, "first": first, "last": first + ROWS_EACH - 1}
        connection.execute(WRITE, given)
    return TRANSACTIONS * ROWS_EACH


def _by_key(records: list[Read]) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {}
    for record in records:
        found.setdefault(record.key, []).append(int(record.value))
    return found


def _steps_back(values: list[int]) -> int:
    return sum(later <= earlier for earlier, later in pairwise(values))


def _pending(port: int) -> float:
    """How much the capture has handed to its Kafka client that Kafka has not acknowledged."""
    page = process_health.read(f"http://127.0.0.1:{port}/metrics")
    return (page.value("rustok_capture_pending_events") if page else None) or 0


def _first_occurrences(values: list[int]) -> list[int]:
    return list(dict.fromkeys(values))


@pytest.mark.parametrize("exact", [False, True])
def test_a_holder_that_is_stopped_and_wakes_up_later_sends_nothing_behind_its_successor(
    servers: Stack, world: Scratch, *, exact: bool
) -> None:
    port = free_port()
    settings = {"capture_exact": exact, "capture_lease_s": 2, "capture_evict_after_s": 2}
    with (
        world.connect() as connection,
        reading_events(world) as log,
        capturing(world, **settings, capture_metrics_port=port) as first,
        launched(world, **settings) as second,
    ):
        second.wait_until_logged("capture_stands_by")
        insert(connection, [row(world, "order-0", payload=b"0")])
        log.read_count(1)
        with paused(servers, "kafka"):
            count = _write_backlog(connection, world)
            much = 1 if exact else ROWS_EACH * 10  # one transaction of Kafka at a time, or a queue full
            wait_until(lambda: _pending(port) >= much, DEADLINE_S, "the first one has something to send")
            os.kill(first.process.pid, signal.SIGSTOP)

        second.wait_until_logged("capture_took_over")
        log.read_until(lambda records: len({each.value for each in records}) > count, DEADLINE_S, "all events")
        os.kill(first.process.pid, signal.SIGCONT)
        first.process.wait(DEADLINE_S)
        insert(connection, [row(world, f"order-{key}", payload=str(count + key + 1).encode()) for key in range(KEYS)])
        records = log.read_until(
            lambda records: len({each.value for each in records}) > count + KEYS, DEADLINE_S, "the last events"
        )

    assert first.process.returncode == (1 if exact else -signal.SIGKILL)
    for values in _by_key(records).values():
        assert _first_occurrences(values) == sorted(set(values))
        assert _steps_back(values) <= (0 if exact else 1)
        assert values[-1] == max(values)


def test_whoever_stands_by_sends_on_after_the_holder_is_killed_one_after_the_other(world: Scratch) -> None:
    with world.connect() as connection, reading_events(world) as log, ExitStack() as captures:
        holder = captures.enter_context(capturing(world))
        insert(connection, [row(world, "order-0")])
        log.read_count(1)
        for number in range(1, TAKE_OVERS + 1):
            successor = captures.enter_context(launched(world))
            successor.wait_until_logged("capture_stands_by")
            holder.process.kill()
            insert(connection, [row(world, f"order-{number}")])
            log.read_until(lambda records, n=number: records[-1].key == b"order-%d" % n, DEADLINE_S, "the next event")
            successor.wait_until_logged("capture_took_over")
            holder = successor


def test_an_exact_capture_that_is_killed_again_and_again_repeats_nothing(world: Scratch) -> None:
    with world.connect() as connection, reading_events(world) as log:
        with capturing(world, capture_exact=True) as capture:
            count = _write_backlog(connection, world)
            log.read_count(200)
            capture.process.kill()
        with capturing(world, capture_exact=True) as capture:
            log.read_count(2000)
            capture.process.kill()
        with capturing(world, capture_exact=True):
            records = log.read_count(count)
            insert(connection, [row(world, "the last", payload=b"0")])
            log.read_until(lambda records: records[-1].key == b"the last", DEADLINE_S, "the last event")

    values = _by_key(records)
    assert values.pop(b"the last") == [0]
    assert sum(map(len, values.values())) == count
    assert all(_steps_back(each) == 0 for each in values.values())


def test_a_holder_that_gives_no_sign_of_life_is_evicted(world: Scratch) -> None:
    with capturing(world, capture_exact=True) as first:
        served = reader(world, first.slot)
        with launched(world, capture_lease_s=1, capture_evict_after_s=1) as second:
            os.kill(first.process.pid, signal.SIGSTOP)
            began = time.monotonic()

            said = second.wait_until_logged("holder_evicted")
            second.wait_until_logged("capture_took_over")

    assert said["slot"] == first.slot
    assert served is not None
    assert time.monotonic() - began < 10

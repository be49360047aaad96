"""PostgreSQL dies and a streaming standby takes its place: what reads its log, and what writes to it, goes on there."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from schemas import topics
from schemas.event_codec import Decoder
from sinks.analytics.sales_facts import MODEL
from sinks.memory_sink import MemorySink
from streams import make_topics
from streams.bench.scratch_world import Scratch, scratch
from streams.dead_letters.collect_dead_letters import DeadLetterCollector
from streams.dead_letters.send_dead_letters import KafkaDeadLetters
from streams.feeding.feed_read_model import Feeding
from tests.integration.capture.log import Read, reading_events, reading_watermarks
from tests.integration.capture.outbox import DEADLINE_S, capturing, insert, row
from tests.support.examples import EverySchema
from tests.support.records import FakeRecord
from tests.support.stack import Stack
from tests.support.standby_pair import Pair, standby_pair
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

KEYS = 5


@pytest.fixture
def pair(servers: Stack) -> Iterator[Pair]:
    with standby_pair(servers) as made:
        yield made


@contextmanager
def selling(world: Scratch) -> Iterator[Callable[[], int]]:
    """Events are committed one by one, as long as somebody takes them; gives how many were."""
    stop, committed = threading.Event(), [0]

    def sell() -> None:
        while not stop.is_set():
            try:
                with world.connect() as connection:
                    for number in count(committed[0] + 1):
                        insert(connection, [row(world, f"order-{number % KEYS}", payload=str(number).encode())])
                        committed[0] = number
                        if stop.is_set():
                            return
            except psycopg.Error:
                stop.wait(0.05)

    seller = threading.Thread(target=sell)
    seller.start()
    try:
        yield lambda: committed[0]
    finally:
        stop.set()
        seller.join()


def ids(records: list[Read]) -> set[str]:
    return {(dict(record.headers)["id"] or b"").decode() for record in records}


def committed(world: Scratch) -> set[str]:
    with world.connect() as connection:
        return {str(id_) for (id_,) in connection.execute("SELECT id FROM outbox").fetchall()}


def in_order(records: list[Read]) -> bool:
    """Of each key: first occurrences count up."""
    by_key: dict[bytes, list[int]] = {}
    for record in records:
        by_key.setdefault(record.key, []).append(int(record.value))
    return all(list(dict.fromkeys(each)) == sorted(set(each)) for each in by_key.values())


def open_gaps(world: Scratch) -> list[str]:
    with world.connect() as connection:
        return [kind for (kind,) in connection.execute("SELECT kind FROM log_gaps WHERE closed_at IS NULL").fetchall()]


@pytest.mark.parametrize("exact", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_with_a_failover_slot_nothing_is_missing_nothing_is_too_much_and_no_gap_is_open(
    servers: Stack, pair: Pair, *, exact: bool
) -> None:
    with scratch(pair.url, servers.settings.kafka_bootstrap) as world, reading_events(world) as log:
        with capturing(world, capture_exact=exact) as capture, selling(world) as sold:
            pair.follow_slots(capture.slot)
            log.read_count(sold() + 50)
            pair.fail_over()
            capture.process.wait(DEADLINE_S)
            before = sold()
            with capturing(world, capture_exact=exact):
                wait_until(lambda: sold() > before + 50, DEADLINE_S, "selling goes on")
                log.read_until(lambda records: len(records) > before + 50, DEADLINE_S, "events go on")
        with capturing(world, capture_exact=exact):
            expected = committed(world)
            records = log.read_until(lambda records: ids(records) >= expected, DEADLINE_S, "all that is committed")

        assert ids(records) == expected
        assert in_order(records)
        assert open_gaps(world) == []


def test_without_a_failover_slot_a_gap_is_said_and_events_go_on(servers: Stack, pair: Pair) -> None:
    settings = {"capture_failover_slot": False}
    with (
        scratch(pair.url, servers.settings.kafka_bootstrap) as world,
        reading_events(world) as log,
        reading_watermarks(world) as watermarks,
    ):
        with capturing(world, **settings) as capture, world.connect() as connection:
            insert(connection, [row(world, "before")])
            log.read_count(1)
            replicated(pair)
            pair.fail_over()
            capture.process.wait(DEADLINE_S)
        with capturing(world, **settings), world.connect() as connection:
            insert(connection, [row(world, "after")])
            log.read_until(lambda records: records[-1].key == b"after", DEADLINE_S, "new events come")
            watermarks.read_until(
                lambda records: bool(records) and b'"slot"' in records[-1].value, DEADLINE_S, "it is said"
            )

        assert open_gaps(world) == ["slot"]


def replicated(pair: Pair) -> None:
    end = pair.primary.ask("SELECT pg_current_wal_flush_lsn()")
    caught_up = f"SELECT pg_last_wal_replay_lsn() >= '{end}'"
    wait_until(lambda: pair.standby.ask(caught_up), DEADLINE_S, "the standby has it all")


def test_dead_letters_that_the_standby_never_had_are_collected_again(servers: Stack, pair: Pair) -> None:
    """The collector wrote them, and told Kafka; then the server died with them."""
    servers_of_the_pair = Stack(servers.settings, {"RUSTOK_POSTGRES_URL": pair.url})
    servers_of_the_pair.rustok("api", "migrate")
    of_the_pair = {"postgres_url": pair.url, "postgres_dead_letters_url": pair.url, "postgres_any_role": True}
    settings = servers.settings.model_copy(update=of_the_pair)
    make_topics.make(settings.kafka_bootstrap, topics.ALL)
    feed = Feeding(MODEL, MemorySink(), Decoder(EverySchema()), KafkaDeadLetters(settings.kafka_bootstrap))
    feed.open()
    base, stopping = uuid4().int % 2**61, threading.Event()

    def refuse(*offsets: int) -> None:
        feed.apply([FakeRecord(offset=base + offset, value=b"rubbish") for offset in offsets])

    def held() -> list[Any]:
        with psycopg.connect(pair.url) as connection:
            rows = connection.execute('SELECT "offset" FROM dead_letters WHERE "offset" >= %s ORDER BY 1', (base,))
            return [offset - base for (offset,) in rows.fetchall()]

    collector = threading.Thread(target=DeadLetterCollector(settings, stopping, group=f"scratch-{uuid4()}").run)
    collector.start()
    try:
        refuse(0, 1)
        wait_until(lambda: held() == [0, 1], DEADLINE_S, "the first dead letters are in the table")
        replicated(pair)
        pair.standby.signal(signal.SIGSTOP)
        refuse(2, 3)
        wait_until(lambda: held() == [0, 1, 2, 3], DEADLINE_S, "the others are in the primary's table")
        pair.primary.kill()
        pair.standby.signal(signal.SIGCONT)
        pair.standby.ask("SELECT pg_promote(true, 60)")

        wait_until(lambda: held() == [0, 1, 2, 3], DEADLINE_S, "all are in the standby's table")
        refuse(4)
        wait_until(lambda: held() == [0, 1, 2, 3, 4], DEADLINE_S, "and so are new ones")
    finally:
        stopping.set()
        collector.join()

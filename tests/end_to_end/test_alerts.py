"""The alert rules against the pages of a live stack: silent while all is well, and loud when something is not."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

import httpx
import psycopg
import pytest
from confluent_kafka import Producer

from ops import process_health
from ops.processes import all_processes
from schemas.topics import ORDERS
from tests.support.instances import another
from tests.support.scraping import TIMES, Prometheus
from tests.support.shops import open_shop
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]

WATCHED_SCRAPES = 40
#: Of the test's own time, on a machine that is busy: for the fault to be there, and to be scraped.
SLACK_S = 20.0
#: Dead letters that other tests have left open are not decided on by anybody.
LEFT_BY_OTHERS = {"DeadLettersWait", "DeadLettersPileUp"}
READ_ORDERS = ("feed-sales", "feed-event-archive")
COUNTING_FEEDS = ("feed-product-search", *READ_ORDERS)
MEASURERS = ("capture", "scheduler")
ENOUGH_ROOM = 1e9
SMALL_LIMIT, HARDLY_ANY_ROOM, MUCH = "600MB", "300MB", 160


@dataclass(frozen=True)
class Fault:
    """`tells`: its alerts, each with the seconds of the rules in which it has to fire."""

    happens: Callable[[Stack], AbstractContextManager[None]]
    tells: Mapping[str, float]


@pytest.fixture(scope="module")
def watched(stack: Stack) -> Stack:
    """With feeds that have counted nothing yet: to Prometheus, which is new too, everything counted would be."""
    for feed in COUNTING_FEEDS:
        stack.rustok("restart", feed)
    return stack


def all_is_well(stack: Stack) -> None:
    wait_until(stack.is_well, 120, "all is well")


@contextmanager
def room_for_the_slot(stack: Stack, limit: str) -> Iterator[None]:
    with psycopg.connect(stack.settings.postgres_url, autocommit=True) as admin:
        admin.execute(f"ALTER SYSTEM SET max_slot_wal_keep_size = '{limit}'".encode())
        admin.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            admin.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
            admin.execute("SELECT pg_reload_conf()")
    wait_until(lambda: has_room(stack), 30, "the slot is measured with the room it has now")


def has_room(stack: Stack) -> bool:
    """On every page that says how much room the slot has: it is measured every few seconds."""
    pages = [process_health.read(one.metrics_url(stack.settings)) for one in all_processes() if one.name in MEASURERS]
    found = [page.value("rustok_slot_safe_bytes") for page in pages if page is not None]
    return all(safe is None or safe > ENOUGH_ROOM for safe in found)


@contextmanager
def poison_in_a_topic(stack: Stack) -> Iterator[None]:
    producer = Producer({"bootstrap.servers": stack.settings.kafka_bootstrap})
    producer.produce(ORDERS.name, b"rubbish", b"nobody's")
    assert producer.flush(10) == 0
    yield
    for feed in READ_ORDERS:
        stack.rustok("restart", feed)


@contextmanager
def hung(stack: Stack, name: str) -> Iterator[None]:
    """Until somebody does as the runbook says."""
    pid = stack.pid_of(name)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)


@contextmanager
def search_is_down_and_people_search(stack: Stack) -> Iterator[None]:
    shop, enough = open_shop(stack), threading.Event()
    with httpx.Client(base_url=stack.settings.api_url, headers=shop._client.headers) as client:  # noqa: SLF001

        def search() -> None:
            while not enough.wait(0.2):
                client.get("/v1/search/products", params={"q": "cheese"})

        visitor = threading.Thread(target=search)
        with stack.without("opensearch"):
            visitor.start()
            try:
                yield
            finally:
                enough.set()
                visitor.join()


FAULTS: Mapping[str, Fault] = {
    "nobody captures": Fault(
        lambda stack: stack.without("capture"), {"NobodyReadsTheSlot": 30, "ReadModelIsStale": 180}
    ),
    "the slot has hardly any room": Fault(
        lambda stack: room_for_the_slot(stack, HARDLY_ANY_ROOM), {"SlotIsInDanger": 0}
    ),
    "nobody feeds": Fault(lambda stack: stack.without("feed-sales"), {"NobodyFeeds": 60}),
    "nobody counts dead letters": Fault(lambda stack: stack.without("dead-letters"), {"DeadLettersAreNotCounted": 120}),
    "no job is done": Fault(lambda stack: stack.without("scheduler"), {"NoJobIsDone": 120}),
    "poison": Fault(poison_in_a_topic, {"RecordsAreRefused": 0}),
    "a feed hangs": Fault(lambda stack: hung(stack, "feed-product-search"), {"ProcessIsDown": 60, "NobodyFeeds": 60}),
    "OpenSearch is away": Fault(search_is_down_and_people_search, {"FeedWaitsForItsStore": 120, "RequestsFail": 300}),
    # At the end: the capture crashes until it is back, and that is told for a while.
    "PostgreSQL is away": Fault(
        lambda stack: stack.without("postgres"), {"NobodyReadsTheSlot": 30, "SlotIsNotMeasured": 60}
    ),
}


def test_while_all_is_well_nothing_fires_with_two_of_everything(
    watched: Stack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    logs = tmp_path_factory.mktemp("others")
    with ExitStack() as others:
        for name in ("capture", "feed-product-search", "feed-sales", "dead-letters", "scheduler"):
            others.enter_context(another(watched, name, logs / f"{name}.log"))
        all_is_well(watched)

        with Prometheus(watched.settings) as prometheus:
            wait_until(lambda: prometheus.scrapes >= WATCHED_SCRAPES, 120, "it has been watched long enough")

    assert prometheus.fired.keys() <= LEFT_BY_OTHERS


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_by_its_alerts_in_time(watched: Stack, fault: str) -> None:
    happens, tells = FAULTS[fault].happens, FAULTS[fault].tells
    all_is_well(watched)

    with Prometheus(watched.settings) as prometheus:
        wait_until(lambda: prometheus.scrapes >= 3, 30, "it has seen the stack as it is")
        before, at = dict(prometheus.fired), prometheus.seconds
        with happens(watched):
            longest = max(tells.values()) / TIMES + SLACK_S
            wait_until(lambda: tells.keys() <= prometheus.fired.keys(), longest, f"{' and '.join(tells)} fire")
    all_is_well(watched)

    assert before.keys() <= LEFT_BY_OTHERS
    late = {name: prometheus.fired[name] - at for name in tells}
    assert {name: s for name, s in late.items() if s > tells[name] + SLACK_S * TIMES} == {}


def test_a_slot_that_grows_while_kafka_is_away_and_no_capture_can_start_is_told(watched: Stack) -> None:
    all_is_well(watched)

    with Prometheus(watched.settings) as prometheus, room_for_the_slot(watched, SMALL_LIMIT), watched.without("kafka"):
        with psycopg.connect(watched.settings.postgres_url, autocommit=True) as writer:
            wait_until(lambda: "NobodyReadsTheSlot" in prometheus.fired, 60, "no capture reads")
            before = set(prometheus.fired)
            for _ in range(MUCH):
                writer.execute("SELECT pg_logical_emit_message(false, 'test', repeat('much', 262144))")
        wait_until(lambda: "SlotIsInDanger" in prometheus.fired, SLACK_S, "the slot's growth is told")
        status = watched.rustok("status", check=False).stdout
    all_is_well(watched)

    assert "SlotIsInDanger" not in before
    assert "bytes of log kept" in status

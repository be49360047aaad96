"""Feeds as processes, on real servers: killed, cut off, stopped and fed with rubbish, they end with what is right."""

import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from confluent_kafka import Consumer, TopicPartition

from ops.settings import PREFIX
from schemas import topics
from schemas.topics import CATEGORIES, DEAD_LETTERS, ORDERS, PRODUCTS
from streams import make_topics
from streams.bench.feed_events import Events
from streams.bench.feed_process import reading
from streams.bench.schema_server import IDS
from streams.bench.scratch_feeds import World, world
from streams.unforeseen_errors import CRASHED
from tests.integration.streams import feeds
from tests.integration.streams.feeds import committed, feeding, held, said, wait_for
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

KILLS = 4
SMALL = {"feed__sales__batch": 100, "feed__product_search__batch": 100}
STOPS_WITHIN_S = 5.0


@pytest.fixture
def scratch(servers: Stack) -> Iterator[World]:
    make_topics.make(servers.settings.kafka_bootstrap, topics.ALL)
    with world(servers.settings, (PRODUCTS, CATEGORIES, ORDERS)) as here:
        yield here


@pytest.mark.parametrize(("name", "backlog_of"), [("sales", feeds.orders), ("product-search", feeds.products)])
def test_killed_again_and_again_in_a_backlog_it_ends_with_exactly_what_is_right(scratch, name, backlog_of):
    feed = scratch.next_feed(name)
    backlog = backlog_of(scratch, Events(IDS), feed, 2000)

    for _ in range(KILLS):
        with feeding(scratch, feed, **SMALL) as process:
            wait_for(scratch, feed, min(committed(scratch, feed) + 150, backlog.records))
            process.send_signal(signal.SIGKILL)
    with feeding(scratch, feed):
        wait_for(scratch, feed, backlog.records)

    assert held(scratch, feed) == backlog.expected


def test_rubbish_goes_to_the_dead_letters_as_it_came_and_the_rest_is_applied(scratch):
    feed, made = scratch.next_feed("sales"), Events(IDS)
    _, life = feeds.an_order(made)
    mark = secrets.token_bytes(8)
    poison = replace(life[0], key=mark, value=b"rubbish " + mark)
    backlog = feeds.orders(scratch, made, feed, 10)
    scratch.produce(ORDERS, [poison])

    with feeding(scratch, feed):
        wait_for(scratch, feed, backlog.records + 1)

    dead_letter = _dead_letter(scratch, mark)
    headers = dict(dead_letter.headers())
    assert dead_letter.value() == poison.value
    assert dead_letter.headers()[: len(poison.headers)] == [
        (name, feeds.as_bytes(value)) for name, value in poison.headers
    ]
    assert headers["__connect.errors.topic"] == scratch.topic(ORDERS).name.encode()
    assert headers["__connect.errors.exception.class.name"] == b"Undecodable"
    assert b"first byte" in headers["__streams.errors.message"]
    assert held(scratch, feed) == backlog.expected


def test_while_the_search_store_is_away_it_waits_and_then_goes_on(scratch):
    feed = scratch.next_feed("product-search")
    backlog = feeds.products(scratch, Events(IDS), feed, 50)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with feeding(scratch, feed, opensearch_url=f"http://127.0.0.1:{port}") as process:
        wait_until(lambda: said(scratch, "feed_waits"), feeds.DEADLINE_S, "it says that it waits")
        before = committed(scratch, feed)
        still_runs = process.poll() is None
        with feeds.forwarding(port, scratch.settings.opensearch_url):
            wait_for(scratch, feed, backlog.records)

    assert still_runs
    assert before == 0
    assert held(scratch, feed) == backlog.expected


def test_while_another_process_has_the_file_it_waits_and_then_takes_over(scratch):
    feed = scratch.next_feed("sales")
    backlog = feeds.orders(scratch, Events(IDS), feed, 50)

    with feeding(scratch, feed) as first:
        wait_for(scratch, feed, backlog.records)
        with feeding(scratch, feed, log_level="info") as second:
            wait_until(lambda: said(scratch, "feed_stands_by"), feeds.DEADLINE_S, "the second stands by")
            first.kill()
            first.wait()
            more = feeds.orders(scratch, Events(IDS, seed=8), feed, 50)
            wait_for(scratch, feed, backlog.records + more.records)
            still_runs = second.poll() is None

    assert still_runs
    assert held(scratch, feed) == {**backlog.expected, **more.expected}


def test_of_several_in_one_process_each_is_fed_and_a_store_that_is_away_stops_only_its_own(scratch):
    sales, search, made = scratch.next_feed("sales"), scratch.next_feed("product-search"), Events(IDS)
    sold, listed = feeds.orders(scratch, made, sales, 50), feeds.products(scratch, made, search, 50)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with feeding(scratch, search, sales, opensearch_url=f"http://127.0.0.1:{port}"):
        wait_for(scratch, sales, sold.records)
        before = committed(scratch, search)
        with feeds.forwarding(port, scratch.settings.opensearch_url):
            wait_for(scratch, search, listed.records)

    assert before == 0
    assert held(scratch, sales) == sold.expected
    assert held(scratch, search) == listed.expected


def test_a_crash_of_one_ends_the_process_of_several_as_a_crash(scratch):
    sales, search, made = scratch.next_feed("sales"), scratch.next_feed("product-search"), Events(IDS)
    sold = feeds.orders(scratch, made, sales, 50)

    with reading(scratch, "tests.support.one_feed_breaks", scratch.mark, sales.id, search.id) as process:
        wait_for(scratch, sales, sold.records)
        still_runs = process.poll() is None
        feeds.products(scratch, made, search, 5)
        code = process.wait(feeds.DEADLINE_S)

    assert still_runs
    assert code == CRASHED
    assert said(scratch, "feed_crashed")
    assert held(scratch, sales) == sold.expected


@pytest.mark.parametrize("names", [("sales",), ("product-search",), ("product-search", "sales")], ids="+".join)
def test_the_command_ends_soon_and_cleanly_when_told_to(servers, tmp_path, names):
    make_topics.make(servers.settings.kafka_bootstrap, topics.ALL)
    environment = servers.environment | {f"{PREFIX}ANALYTICS_DIR": str(tmp_path), f"{PREFIX}LOG_FORMAT": "json"}
    log = tmp_path / "feed.log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "ops.cli", "streams", "feed", *names]
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        wait_until(
            lambda: log.read_text().count('"partitions_assigned"') == len(names),
            feeds.DEADLINE_S,
            "partitions are theirs",
        )
        began = time.monotonic()
        process.terminate()
        code = process.wait(3 * STOPS_WITHIN_S)
    finally:
        process.kill()
        process.wait()

    assert code == 0, log.read_text()
    assert time.monotonic() - began < STOPS_WITHIN_S


def _dead_letter(scratch: World, key: bytes):
    consumer = Consumer({"bootstrap.servers": scratch.settings.kafka_bootstrap, "group.id": scratch.mark})
    consumer.assign([TopicPartition(DEAD_LETTERS.name, 0, 0)])

    def found():
        message = consumer.poll(1.0)
        return message if message is not None and message.error() is None and message.key() == key else None

    try:
        return wait_until(found, feeds.DEADLINE_S, "the dead letter is among the dead letters")
    finally:
        consumer.close()

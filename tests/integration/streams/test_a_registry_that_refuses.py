"""A feed whose token the registry does not take: it says so, waits, and goes on when it is let in. Nothing is lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from schemas import topics
from schemas.topics import CATEGORIES, ORDERS, PRODUCTS
from streams import make_topics
from streams.bench.feed_events import Events
from streams.bench.schema_server import IDS
from streams.bench.scratch_feeds import World, world
from tests.integration.streams import feeds
from tests.integration.streams.feeds import committed, feeding, held, said, wait_for
from tests.support.http_server import address, http_server
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


@pytest.fixture
def scratch(servers: Stack) -> Iterator[World]:
    make_topics.make(servers.settings.kafka_bootstrap, topics.ALL)
    with world(servers.settings, (PRODUCTS, CATEGORIES, ORDERS)) as here:
        yield here


@contextmanager
def guarded(url: str, is_open: threading.Event) -> Iterator[str]:
    """What is at `url`, for nobody until `is_open`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = httpx.get(f"{url}{self.path}").content if is_open.is_set() else b"{}"
            self.send_response(HTTPStatus.OK if is_open.is_set() else HTTPStatus.UNAUTHORIZED)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    with http_server(Handler) as server:
        yield address(server)


def test_a_feed_that_is_refused_waits_and_says_why_and_then_goes_on(scratch: World) -> None:
    feed, is_open = scratch.next_feed("sales"), threading.Event()
    backlog = feeds.orders(scratch, Events(IDS), feed, 10)

    with guarded(scratch.schemas_url, is_open) as url, feeding(scratch, feed, registry_url=url):
        wait_until(lambda: said(scratch, "feed_waits"), 60, "the feed says that it waits")
        waited_at = committed(scratch, feed)
        is_open.set()
        wait_for(scratch, feed, backlog.records)

    log = scratch.log.read_text()
    assert waited_at == 0
    assert "the schema registry refuses us (401)" in log
    assert "record_refused" not in log
    assert held(scratch, feed) == backlog.expected

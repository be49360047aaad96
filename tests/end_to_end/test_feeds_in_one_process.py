"""Several feeds in one process: each is seen, measured and fed as if it were alone."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import process_health
from ops.feeds import all_feeds
from ops.process_health import MetricsPage
from sinks.read_models import READ_MODELS
from tests.support.instances import instance, process_named, works
from tests.support.shops import open_shop, put_on_sale, sell
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

NAMES = [feed.name for feed in all_feeds()]
PROCESSES = [feed.process for feed in all_feeds()]
AS_OF = "rustok_feed_as_of_timestamp_seconds"
SEARCH, SALES = "/v1/search/products", "/v1/analytics/sales"
STOPS_WITHIN_S = 10.0


@pytest.fixture
def together(stack: Stack, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """One process in the place of those of the stack."""
    with stack.without(*PROCESSES), (tmp_path / "feeds.log").open("ab") as log:
        command = [sys.executable, "-m", "ops.cli", "streams", "feed", *NAMES]
        process = subprocess.Popen(
            command, env=stack.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=tmp_path
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
    for name in PROCESSES:
        process = process_named(name)
        wait_until(lambda one=process: process_health.works(one, stack.settings), 60, f"{name} works again")


def test_each_is_seen_measured_and_fed_and_all_end_together(stack: Stack, together: "subprocess.Popen[bytes]") -> None:
    for name in PROCESSES:
        wait_until(lambda name=name: works(stack, name, together.pid), 60, f"{name} works")
    shop = open_shop(stack)
    listed, sold = put_on_sale(shop, "Tomatoes"), sell(shop)

    found = shop.get(SEARCH, after=listed["receipt"], wait=20)
    shop.get(SALES, after=sold["receipt"], wait=20)
    pages = {name: page(stack, name, together.pid) for name in PROCESSES}
    together.send_signal(signal.SIGTERM)
    code = together.wait(STOPS_WITHIN_S)

    assert found["total"] == 1
    assert [feeds_of(pages[feed.process]) for feed in all_feeds()] == [{model.id} for model in READ_MODELS]
    assert all(
        pages[feed.process].value(AS_OF, feed=model.id) for feed, model in zip(all_feeds(), READ_MODELS, strict=True)
    )
    assert code == 0
    assert not any(instance(stack, name, together.pid) for name in PROCESSES)


def page(stack: Stack, name: str, pid: int) -> MetricsPage:
    """On the port that is the feed's own."""
    seen = instance(stack, name, pid)
    assert seen is not None
    assert seen.address.endswith(f":{process_named(name).port(stack.settings)}")
    assert seen.page is not None
    return seen.page


def feeds_of(seen: MetricsPage) -> set[str]:
    return {value for _, labels in seen.samples for label, value in labels if label == "feed"}

"""A store that is put back to an older copy, left in the middle of a write, or partly unreadable: never a wrong answer.

Each test ends with the same: everything is there and vouched for, and equal to the tables field by field.
"""

import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from opensearchpy import OpenSearch

from ops.demo.shop_client import Shop
from ops.local.supervisor import Supervisor
from sinks.analytics import sales_facts
from sinks.opensearch.opensearch_client import index_name
from sinks.search import product_documents
from tests.support.instances import another, instance, process_named
from tests.support.opensearch_proxy import Asked, standing_before
from tests.support.shops import open_shop, put_on_sale, sell, token
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]

DEADLINE_S = 60
PRODUCTS, CATEGORIES = (index_name(product_documents.MODEL, name) for name in ("products", "categories"))
BOTH = f"{PRODUCTS},{CATEGORIES}"
SEARCH, SALES = "/v1/search/products", "/v1/analytics/sales"
FEEDS = {SEARCH: "feed-product-search", SALES: "feed-sales"}


@dataclass
class Goods:
    """What a shop has on sale, once sold each; how many of them are seen."""

    stack: Stack
    shop: Shop
    number: int = 0

    def add(self, how_many: int = 1) -> None:
        """Without waiting for anything to be seen."""
        for _ in range(how_many):
            self.number += 1
            put_on_sale(self.shop, f"Tomatoes {self.number}", sku=f"T-{self.number}")
            sell(self.shop, sku=f"T-{self.number}")

    def seen(self, path: str) -> datetime | None:
        """The moment up to which all is vouched for, when all of them are there."""
        told = self.shop.get(path)
        return datetime.fromisoformat(told["as_of"]) if told["as_of"] and count(told) == self.number else None

    def wait(self, path: str) -> datetime:
        return wait_until(lambda: self.seen(path), DEADLINE_S, f"all {self.number} are seen, and vouched for")


@pytest.fixture
def goods(stack: Stack) -> Goods:
    made = Goods(stack, open_shop(stack))
    made.add(3)
    made.wait(SEARCH)
    made.wait(SALES)
    return made


def count(told: Any) -> int:
    return int(told["total"] if "total" in told else sum(one["orders"] for one in told["totals"]))


@dataclass
class Read:
    """What a reader was answered, again and again: refusals, and up to when how many were vouched for."""

    refused: set[int] = field(default_factory=set)
    vouched: list[tuple[datetime, int]] = field(default_factory=list)
    withheld: set[str] = field(default_factory=set)

    def untrue(self, since: datetime, number: int) -> list[tuple[datetime, int]]:
        """Answers that were vouched for up to this moment or a later one, and lacked something of before."""
        return [(as_of, found) for as_of, found in self.vouched if as_of >= since and found < number]

    def says_so(self, since: datetime) -> bool:
        return bool(self.refused or self.withheld) or any(as_of < since for as_of, _ in self.vouched)


@contextmanager
def reading(goods: Goods, path: str) -> Iterator[Read]:
    read, enough = Read(), threading.Event()
    headers = {"Authorization": f"Bearer {token(goods.stack, goods.shop.slug)}"}

    def keep_looking() -> None:
        with httpx.Client(base_url=goods.stack.settings.api_url, headers=headers, timeout=30) as client:
            while not enough.wait(0.02):
                answer = client.get(path)
                told = {} if answer.is_error else answer.json()
                if answer.is_error:
                    read.refused.add(answer.status_code)
                elif told["as_of"] is None:
                    read.withheld.add(told["state"])
                else:
                    read.vouched.append((datetime.fromisoformat(told["as_of"]), count(told)))

    reader = threading.Thread(target=keep_looking)
    reader.start()
    try:
        yield read
    finally:
        enough.set()
        reader.join()


def is_equal(stack: Stack, model: str) -> bool:
    return stack.rustok("sinks", "verify", model, check=False).returncode == 0


@pytest.fixture
def opensearch(stack: Stack) -> Iterator[OpenSearch]:
    with OpenSearch(stack.settings.opensearch_url, timeout=60) as client:
        yield client


@pytest.fixture
def snapshot(opensearch: OpenSearch) -> Iterator[Callable[[], Callable[[], None]]]:
    """Takes one of both indices; what it gives puts it back."""
    name = f"made-by-a-test-{uuid4().hex[:8]}"
    opensearch.snapshot.create_repository(repository=name, body={"type": "fs", "settings": {"location": name}})

    def take() -> Callable[[], None]:
        body = {"indices": BOTH, "include_global_state": False}
        taken = opensearch.snapshot.create(
            repository=name, snapshot="copy", body=body, params={"wait_for_completion": "true"}
        )
        assert taken["snapshot"]["state"] == "SUCCESS"

        def put_back() -> None:
            done = opensearch.snapshot.restore(
                repository=name, snapshot="copy", body=body, params={"wait_for_completion": "true"}
            )
            assert done["snapshot"]["shards"]["failed"] == 0

        return put_back

    yield take
    opensearch.snapshot.delete_repository(repository=name)


def test_an_older_snapshot_restored_under_its_feed_is_built_up_again(
    stack: Stack, goods: Goods, opensearch: OpenSearch, snapshot: Callable[[], Callable[[], None]]
) -> None:
    put_back = snapshot()
    goods.add(3)
    newest = goods.wait(SEARCH)

    with reading(goods, SEARCH) as read:
        opensearch.indices.close(index=BOTH)
        put_back()
        goods.add()
        goods.wait(SEARCH)

    assert read.says_so(newest)
    assert read.untrue(newest, goods.number - 1) == []
    assert read.refused <= {503}
    assert is_equal(stack, "product-search")


def test_an_older_snapshot_restored_while_its_feed_is_away_is_built_up_again(
    stack: Stack, goods: Goods, opensearch: OpenSearch, snapshot: Callable[[], Callable[[], None]]
) -> None:
    put_back = snapshot()
    goods.add(3)
    newest = goods.wait(SEARCH)

    with reading(goods, SEARCH) as read:
        with stack.without(FEEDS[SEARCH]):
            opensearch.indices.delete(index=BOTH)
            put_back()
            wait_until(lambda: read.says_so(newest), DEADLINE_S, "it says how old it is")
        goods.wait(SEARCH)

    assert read.untrue(newest, goods.number) == []
    assert read.refused <= {503}
    assert is_equal(stack, "product-search")


def test_older_sales_files_put_back_are_built_up_again(stack: Stack, goods: Goods, tmp_path: Path) -> None:
    folder = stack.settings.analytics_dir / sales_facts.MODEL.id
    with stack.without(FEEDS[SALES]):
        shutil.copytree(folder, tmp_path / "copy")
    goods.add(3)
    newest = goods.wait(SALES)

    with reading(goods, SALES) as read:
        with stack.without(FEEDS[SALES]):
            shutil.rmtree(folder)
            shutil.copytree(tmp_path / "copy", folder)
            wait_until(lambda: read.says_so(newest), DEADLINE_S, "it says how old it is")
        goods.wait(SALES)

    assert read.untrue(newest, goods.number) == []
    assert read.refused <= {503}
    assert is_equal(stack, "sales")


MOMENTS: dict[str, Callable[[Asked], bool]] = {
    "before the documents are written": lambda asked: asked.writes_documents and asked.when == "before",
    "when they are written, and it was not told": lambda asked: asked.writes_documents and asked.when == "after",
    "before the position is written": lambda asked: asked.writes_the_position and asked.when == "before",
    "when it is written, and it was not told": lambda asked: asked.writes_the_position and asked.when == "after",
}


def test_a_search_feed_that_is_killed_between_documents_and_position_leaves_no_difference(
    stack: Stack, goods: Goods, tmp_path: Path
) -> None:
    victims: list[int] = []
    moment: list[Callable[[Asked], bool]] = []
    wrote: list[Asked] = []

    def look(asked: Asked) -> None:
        if not moment:
            return
        wrote.extend([asked] if asked.writes_documents else [])
        # The position of these documents, and not one that was just being written.
        if moment[0](asked) and (asked.writes_documents or wrote):
            moment.clear()
            os.kill(victims[-1], signal.SIGKILL)

    with standing_before(stack.settings.opensearch_url, look) as url, stack.without(FEEDS[SEARCH]):
        behind_the_door = replace(stack, also={"RUSTOK_OPENSEARCH_URL": url})
        for number, when in enumerate(MOMENTS.values()):
            with another(behind_the_door, FEEDS[SEARCH], tmp_path / f"{number}.log") as feed:
                goods.wait(SEARCH)
                victims.append(feed.pid)
                wrote.clear()
                moment.append(when)
                goods.add()
                assert feed.wait(DEADLINE_S) == -signal.SIGKILL
                assert goods.seen(SEARCH) is None

    goods.wait(SEARCH)
    assert len(victims) == len(MOMENTS)
    assert is_equal(stack, "product-search")


def test_two_feeds_build_a_lost_index_once_and_completely(
    stack: Stack, goods: Goods, opensearch: OpenSearch, tmp_path: Path
) -> None:
    own, log = Supervisor(stack.settings.folder).log_of(FEEDS[SEARCH]), tmp_path / "other.log"
    with another(stack, FEEDS[SEARCH], log) as other:
        for pid in (other.pid, stack.pid_of(FEEDS[SEARCH])):
            wait_until(lambda pid=pid: shares(stack, pid), DEADLINE_S, "each has partitions")
        newest = goods.wait(SEARCH)
        before = own.stat().st_size, log.stat().st_size
        with reading(goods, SEARCH) as read:
            opensearch.indices.delete(index=BOTH)
            goods.add(2)
            goods.wait(SEARCH)
        said = own.read_bytes()[before[0] :] + log.read_bytes()[before[1] :]
        birth = opensearch.indices.get(index=PRODUCTS)[PRODUCTS]["mappings"]["_meta"]["birth"]

    made = [json.loads(line) for line in said.splitlines() if b'"index_made"' in line]
    assert sorted(one["index"] for one in made) == sorted([PRODUCTS, CATEGORIES])
    assert birth in [one["birth"] for one in made]
    assert read.untrue(newest, goods.number - 2) == []
    assert is_equal(stack, "product-search")


def shares(stack: Stack, pid: int) -> bool:
    found = instance(stack, FEEDS[SEARCH], pid)
    return found is not None and found.condition == "up"


def test_a_red_index_is_seen_and_waited_for_and_all_is_there_afterwards(
    stack: Stack, goods: Goods, opensearch: OpenSearch
) -> None:
    newest = goods.wait(SEARCH)
    with reading(goods, SEARCH) as read:
        with red(stack, opensearch, PRODUCTS):
            goods.add(2)
            health = wait_until(lambda: not_ready(goods), DEADLINE_S, "/health/ready says so")
            status = wait_until(lambda: unwell(stack), DEADLINE_S, "status says so")
            wait_until(lambda: waits(stack), DEADLINE_S, "the feed waits, and says so")
        goods.wait(SEARCH)

    assert "no_shard_available" in health["checks"]["search"]["detail"]
    assert health["status"] == "degraded"
    assert [one["state"] for one in status["processes"] if one["name"] == "opensearch"] != ["up"]
    assert read.untrue(newest, goods.number - 2) == []
    assert read.refused <= {503}
    assert is_equal(stack, "product-search")
    assert dead_letters_of(goods) == []


@contextmanager
def red(stack: Stack, opensearch: OpenSearch, index: str) -> Iterator[None]:
    """The files of its only shard are gone; at the end of the block somebody throws away what is left."""
    uuid = opensearch.indices.get_settings(index=index)[index]["settings"]["index"]["uuid"]
    shard = stack.settings.folder.data("opensearch") / "data" / "nodes" / "0" / "indices" / uuid / "0"
    try:
        opensearch.indices.close(index=index)
        wait_until(lambda: is_thrown_away(shard), DEADLINE_S, "the shard's files are gone")
        opensearch.indices.open(index=index, params={"wait_for_active_shards": "0"})
        wait_until(lambda: opensearch.cluster.health(index=index)["status"] == "red", DEADLINE_S, f"{index} is red")
        yield
    finally:
        opensearch.indices.delete(index=index)


def is_thrown_away(folder: Path) -> bool:
    """A server that closes an index writes to its files once more, so one attempt may come too early."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def not_ready(goods: Goods) -> Any:
    health = goods.shop.get("/health/ready")
    return None if health["checks"]["search"]["ok"] else health


def unwell(stack: Stack) -> Any:
    seen = stack.state()
    return None if seen["well"] else seen


def waits(stack: Stack) -> bool:
    page = httpx.get(process_named("feed-product-search").metrics_url(stack.settings)).text
    return f'rustok_feed_waiting{{feed="{product_documents.MODEL.id}"}} 1.0' in page


def dead_letters_of(goods: Goods) -> Any:
    return goods.shop.get("/v1/dead-letters")["items"]

"""Three brokers and two nodes of OpenSearch: one of each is killed while shops sell, and nobody notices."""

import asyncio
import json
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest
from confluent_kafka.cimpl import NewTopic

from ops.chaos.shop_writers import Writer
from ops.clients import kafka as kafka_clients
from ops.commands.test import own_stack
from ops.home import ServiceUser
from ops.local.program import ServerContext
from ops.local.start_stack import last_lines
from ops.settings import Settings
from schemas import topics
from streams import declared_topics, make_topics
from tests.support.kafka_brokers import three_brokers
from tests.support.opensearch_nodes import two_nodes
from tests.support.shops import open_shop, token
from tests.support.shops_that_sell import sold_more
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(600)]

DEADLINE_S = 90
ALL = [topic.name for topic in topics.ALL]
COPIES = {
    "RUSTOK_KAFKA_REPLICATION": "3",
    "RUSTOK_KAFKA_MIN_INSYNC_REPLICAS": "2",
    "RUSTOK_OPENSEARCH_REPLICAS": "1",
    "RUSTOK_OPENSEARCH_SHARDS": "2",
    "RUSTOK_CAPTURE_EXACT": "true",
    # A machine with seven servers is slow, and what is slow is not dead.
    "RUSTOK_SEARCH_ANSWER_S": "10",
    "RUSTOK_FEED_SESSION_S": "6",
    "RUSTOK_API_WORKERS": "1",
}


class Searcher:
    """Somebody who searches all the time. `statuses`: of the answers; `unanswered`: requests that got none."""

    def __init__(self, url, token):
        self.statuses = Counter()
        self.told = []
        self.unanswered = 0
        self._over = threading.Event()
        self._url, self._headers = url, {"Authorization": f"Bearer {token}"}
        self._thread = threading.Thread(target=self._search, daemon=True)
        self._thread.start()

    def finish(self):
        self._over.set()
        self._thread.join()

    def _search(self):
        with httpx.Client(base_url=self._url, headers=self._headers, timeout=30) as client:
            while not self._over.wait(0.02):
                try:
                    answer = client.get("/v1/search/products", params={"q": "product"})
                except httpx.HTTPError:
                    self.unanswered += 1
                    continue
                self.statuses[answer.status_code] += 1
                if answer.is_error:
                    self.told.append(f"{time.strftime('%X')} {answer.json().get('detail', answer.text)}")


@dataclass
class Aftermath:
    stack: Stack
    audit: dict
    feeds_before: dict
    feeds_after: dict
    writers: list
    searches: Searcher
    health: dict
    copies: set
    moved: list


def feeds(stack):
    return {one["name"]: one["pid"] for one in stack.state()["processes"] if one["name"].startswith("feed-")}


@pytest.fixture(scope="module")
def aftermath():
    with ExitStack() as opened:
        settings = Settings(stack=f"{own_stack()}-cluster")
        Stack(settings).rustok("down", "--delete-data")
        opened.callback(Stack(settings).rustok, "down", "--delete-data", check=False)
        around = ServerContext(settings, ServiceUser.choose(settings.service_user))
        settings.folder.root.mkdir(parents=True, exist_ok=True)
        brokers = opened.enter_context(three_brokers(around, settings.folder.root))
        nodes = opened.enter_context(two_nodes(around, settings.folder.root))
        also = {"RUSTOK_KAFKA_BOOTSTRAP": brokers.bootstrap, "RUSTOK_OPENSEARCH_URL": nodes.url, **COPIES}
        stack = Stack(settings, also)
        moved = copies_moved(stack, brokers)
        opened.callback(stack.rustok, "down", check=False)
        stack.rustok("up", "--free-ports")
        stack = Stack(Settings(stack=settings.stack, kafka_bootstrap=brokers.bootstrap, opensearch_url=nodes.url), also)
        shops = [open_shop(stack) for _ in range(2)]
        writers = [Writer(shop, number) for number, shop in enumerate(shops)]
        wait_until(lambda: nodes.health().get("status") == "green", DEADLINE_S, "every shard has its copy")
        wait_until(brokers.all_in_step, DEADLINE_S, "every copy is in step")
        shown = json.loads(stack.rustok("sinks", "indices", "--json").stdout)
        searches = Searcher(stack.settings.api_url, token(stack, shops[0].slug))
        before = feeds(stack)
        for writer in writers:
            writer.start()
        sold_more(writers, 5, DEADLINE_S)

        (leader, _) = brokers.leaders().most_common(1)[0]
        brokers.kill(leader)
        sold_more(writers, 5, DEADLINE_S)
        nodes.kill_the_one_that_follows()
        sold_more(writers, 5, DEADLINE_S)
        wait_until(lambda: nodes.health().get("status") in ("yellow", "green"), DEADLINE_S, "no index is red")

        for writer in writers:
            writer.finish()
        searches.finish()
        wait_until(lambda: all(writer.sold()[0] == writer.paid for writer in writers), DEADLINE_S, "sales are complete")
        audit = json.loads(stack.rustok("streams", "audit", "--json", check=False).stdout)
        yield Aftermath(
            stack=stack,
            audit=audit,
            feeds_before=before,
            feeds_after=feeds(stack),
            writers=writers,
            searches=searches,
            health=nodes.health(),
            copies={(one["shards"], one["replicas"]) for one in shown},
            moved=moved,
        )


def copies_moved(stack, brokers):
    """Orders have one copy at first. What the command says of them then, when copies were moved, and in the end."""
    admin = kafka_clients.admin(brokers.bootstrap)
    (orders,) = (one for one in declared_topics.of(stack.settings) if one.name == topics.ORDERS.name)
    alone = NewTopic(orders.name, orders.partitions, 1, config=make_topics.config(orders))
    for future in admin.create_topics([alone]).values():
        future.result()
    told = [of_orders(stack)]
    asyncio.run(brokers.move_copies(json.loads(stack.rustok("streams", "topics", "--moves").stdout)))
    wait_until(lambda: copies_of_orders(admin) == {3} and brokers.all_in_step(), DEADLINE_S, "orders have three copies")
    told.append(of_orders(stack))
    told.append(of_orders(stack, "--fix"))
    return told


def of_orders(stack, *more):
    said = json.loads(stack.rustok("streams", "topics", "--json", *more, check=False).stdout)
    (orders,) = (one for one in said if one["topic"] == topics.ORDERS.name)
    return [(one["setting"], one["found"], one["declared"]) for one in orders["differences"]]


def copies_of_orders(admin):
    partitions = admin.list_topics(timeout=10).topics[topics.ORDERS.name].partitions
    return {len(one.replicas) for one in partitions.values()}


def test_topics_and_indices_have_the_copies_that_are_set(aftermath):
    kafka = kafka_clients.admin(aftermath.stack.settings.kafka).list_topics(timeout=10).topics

    assert {len(one.replicas) for name in ALL for one in kafka[name].partitions.values()} == {3}
    assert aftermath.copies == {(2, 1)}
    said = json.loads(aftermath.stack.rustok("streams", "topics", "--json").stdout)
    assert [one["topic"] for one in said if one["differences"]] == []


def test_a_topic_with_fewer_copies_is_said_moved_and_fixed(aftermath):
    assert aftermath.moved == [[("replication.factor", "1", "3")], [("min.insync.replicas", "1", "2")], []]


def test_kafka_holds_every_order_once_and_in_order(aftermath):
    audit = aftermath.audit

    assert audit["committed"] > 0
    assert [audit[name] for name in ("missing", "out_of_order", "rolled_back_seen", "duplicated")] == [0, 0, 0, 0], (
        audit
    )


def test_every_shop_has_sold_what_it_was_told(aftermath):
    for writer in aftermath.writers:
        assert writer.failures == []
        assert writer.sold() == (writer.paid, writer.revenue_minor)


@pytest.mark.parametrize("model", ["product-search", "sales"])
def test_what_is_read_is_what_was_written(aftermath, model):
    done = aftermath.stack.rustok("sinks", "verify", model, "--full", check=False)

    log = aftermath.stack.settings.folder.logs / f"feed-{model}.log"
    assert done.returncode == 0, done.stdout + done.stderr + last_lines(log)


def test_no_feed_died(aftermath):
    assert aftermath.feeds_after == aftermath.feeds_before


def test_every_search_was_answered(aftermath):
    searches = aftermath.searches

    assert searches.unanswered == 0
    assert searches.statuses[200] > 0
    assert set(searches.statuses) == {200}, "\n".join(searches.told)


def test_no_index_was_lost(aftermath):
    assert aftermath.health["status"] in ("yellow", "green")
    assert aftermath.health["number_of_nodes"] == 1

"""Topics get more partitions while shops sell: every reader sees the events of each aggregate in their order."""

import json
import subprocess
import sys
import threading
from contextlib import ExitStack, closing

import psycopg
import pytest
from confluent_kafka import Consumer

from ops.chaos.shop_writers import Writer
from ops.clients import kafka as kafka_clients
from ops.commands.test import own_stack
from ops.settings import Settings
from schemas import topics
from tests.support.shops import open_shop
from tests.support.shops_that_sell import sold_more
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(600)]

DEADLINE_S = 120
WANTED = 13
WIDER = {"RUSTOK_KAFKA_PARTITIONS": json.dumps({"order": WANTED, "product": WANTED})}
PAUSED = """
    SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = 'pause of captures'
"""


class Onlooker:
    """Somebody else's consumer of orders. `seen`: what it was given, in that order: key, version, partition."""

    def __init__(self, bootstrap):
        self.seen = []
        self._over = threading.Event()
        self._bootstrap = bootstrap
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def finish(self):
        self._over.set()
        self._thread.join()

    def out_of_order(self):
        """What was sent twice may come again, behind what is newer."""
        newest, wrong, known = {}, [], set()
        for key, version, _ in self.seen:
            if version < newest.get(key, 0) and (key, version) not in known:
                wrong.append((key, version, newest[key]))
            known.add((key, version))
            newest[key] = max(version, newest.get(key, 0))
        return wrong

    def _read(self):
        config = {
            "bootstrap.servers": self._bootstrap,
            "group.id": "onlooker",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "topic.metadata.refresh.interval.ms": 1000,
        }
        with closing(Consumer(config)) as consumer:
            consumer.subscribe([topics.ORDERS.name])
            while not self._over.is_set():
                message = consumer.poll(0.2)
                if message is None or message.error() is not None:
                    continue
                version = int(dict(message.headers())["ce_aggregateversion"])
                self.seen.append((message.key(), version, message.partition()))
                consumer.commit(message, asynchronous=False)


@pytest.fixture(scope="module")
def selling():
    """A stack of its own, with shops that sell and somebody who looks on."""
    with ExitStack() as opened:
        stack = Stack(Settings(stack=f"{own_stack()}-wider"))
        stack.rustok("down", "--delete-data")
        opened.callback(stack.rustok, "down", "--delete-data", check=False)
        stack.rustok("up", "--free-ports")
        stack = Stack(Settings(stack=stack.settings.stack))
        writers = [Writer(open_shop(stack), number) for number in range(2)]
        onlooker = Onlooker(stack.settings.kafka_bootstrap)
        opened.callback(onlooker.finish)
        for writer in writers:
            writer.start()
            opened.callback(writer.finish)
        sold_more(writers, 5, DEADLINE_S)
        yield stack, writers, onlooker


def partitions(stack):
    found = kafka_clients.admin(stack.settings.kafka).list_topics(timeout=10).topics
    return {topic.name: len(found[topic.name].partitions) for topic in (topics.ORDERS, topics.PRODUCTS, topics.STOCK)}


def is_paused(stack):
    with psycopg.connect(stack.settings.postgres_url) as connection:
        return connection.execute(PAUSED).fetchone() == (1,)


def test_events_stay_in_order_while_topics_get_more_partitions(selling):
    stack, writers, onlooker = selling
    wider = Stack(stack.settings, WIDER)
    told = wider.rustok("streams", "topics").stdout
    before = partitions(stack)
    assert f"partitions are {topics.ORDERS.partitions}, declared are {WANTED}: `rustok streams repartition`" in told

    with subprocess.Popen(
        [sys.executable, "-m", "ops.cli", "streams", "repartition"], env=wider.environment, stderr=subprocess.DEVNULL
    ) as killed:
        wait_until(lambda: is_paused(stack), DEADLINE_S, "captures are held up")
        killed.kill()
    assert partitions(stack) in (before, {**before, topics.ORDERS.name: WANTED, topics.PRODUCTS.name: WANTED})
    seen = len(onlooker.seen)
    wait_until(lambda: len(onlooker.seen) > seen + 20, DEADLINE_S, "capture goes on after a kill")

    done = json.loads(wider.rustok("streams", "repartition", "--json").stdout)
    sold_more(writers, 10, DEADLINE_S)
    again = json.loads(wider.rustok("streams", "repartition", "--json").stdout)
    for writer in writers:
        writer.finish()
    wait_until(lambda: all(writer.sold()[0] == writer.paid for writer in writers), DEADLINE_S, "sales are complete")
    audit = json.loads(stack.rustok("streams", "audit", "--json", check=False).stdout)
    wait_until(
        lambda: any(number >= topics.ORDERS.partitions for _, _, number in onlooker.seen),
        DEADLINE_S,
        "a new partition has records",
    )

    assert {one["topic"] for one in done} <= {topics.ORDERS.name, topics.PRODUCTS.name}
    assert again == []
    assert partitions(stack) == {**before, topics.ORDERS.name: WANTED, topics.PRODUCTS.name: WANTED}
    assert [audit[name] for name in ("missing", "out_of_order", "rolled_back_seen")] == [0, 0, 0], audit
    assert onlooker.out_of_order() == []
    for writer in writers:
        assert writer.failures == []
        assert writer.sold() == (writer.paid, writer.revenue_minor)
    for model in ("product-search", "sales"):
        assert stack.rustok("sinks", "verify", model, "--full", check=False).returncode == 0, model
    assert stack.rustok("sinks", "archive", check=False).returncode == 0
    assert json.loads(stack.rustok("streams", "gaps", "--json").stdout) == []
    wait_until(stack.is_well, DEADLINE_S, "everything is well")


def test_partitions_are_not_taken_away(selling):
    stack, _, _ = selling
    kept = Stack(stack.settings, {"RUSTOK_KAFKA_PARTITIONS": "{}"})

    refused = kept.rustok("streams", "repartition", check=False)

    assert refused.returncode == 2
    assert "Kafka takes none away" in refused.stderr.replace("\n", " ")


def test_an_aggregate_that_there_is_not_is_named(selling):
    stack, _, _ = selling

    refused = Stack(stack.settings, {"RUSTOK_KAFKA_PARTITIONS": '{"orders": 9}'}).rustok(
        "streams", "topics", check=False
    )

    assert refused.returncode == 2
    assert "RUSTOK_KAFKA_PARTITIONS names orders" in refused.stderr.replace("\n", " ")

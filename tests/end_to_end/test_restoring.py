"""PostgreSQL is put back to a copy of its files under the running chain: it is seen, and one command mends it."""

import json
from contextlib import closing
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
from confluent_kafka import Consumer, TopicPartition

from ops.stack_state import look
from schemas import topics
from schemas.event_codec import Decoder, NewerThanKnown, Undecodable
from sinks.analytics import sales_facts
from sinks.memory_sink import MemorySink
from streams import scan_newest_events
from streams.feeding.feed_read_model import Feeding
from streams.schema_source import RegistryClient
from tests.support.cold_copies import copy_of_postgres, put_back
from tests.support.reemitted import asleep, has_emitted_a_part, has_emitted_all, kill_when, times_emitted
from tests.support.shops import open_shop, put_on_sale, sell
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(600)]

DEADLINE_S = 90
KEPT, LOST = 3, 5


@pytest.fixture
def shop(stack):
    return open_shop(stack)


def orders(shop):
    totals = shop.get("/v1/analytics/sales")["totals"]
    return totals[0]["orders"] if totals else 0


def kinds(stack):
    return [one["kind"] for one in json.loads(stack.rustok("streams", "gaps", "--json", check=False).stdout)]


def test_a_database_that_was_put_back_has_the_history_that_counts(stack, shop, tmp_path):
    left_by_others = unreadable(stack)
    product = put_on_sale(shop, "Tomatoes", amount_minor=250)
    kept = [sell(shop) for _ in range(KEPT)]
    shop.get("/v1/analytics/sales", after=[one["receipt"] for one in kept], wait=30)
    copy = tmp_path / "copy"
    copy_of_postgres(stack, copy)
    wait_until(lambda: shop.get("/v1/analytics/sales").get("as_of"), DEADLINE_S, "the chain goes on")
    ghosts = [sell(shop) for _ in range(LOST)]
    renamed = rename(shop, product["id"], "Ghost tomatoes", "Ghosts once more", "And again")
    shop.get("/v1/analytics/sales", after=[one["receipt"] for one in ghosts], wait=30)
    shop.get("/v1/search/products", after=[renamed["receipt"]], wait=30)
    assert orders(shop) == KEPT + LOST

    put_back(stack, copy)

    wait_until(lambda: "database" in kinds(stack), DEADLINE_S, "capture opens a gap")
    wait_until(lambda: shop.get("/v1/analytics/sales")["as_of"] is None, DEADLINE_S, "sales are not vouched for")
    wait_until(lambda: shop.get("/v1/search/products")["as_of"] is None, DEADLINE_S, "search is not vouched for")
    wait_until(lambda: "database" in (look(stack.settings).capture.gaps or ()), DEADLINE_S, "status says so")
    assert not shop.get("/health/ready")["checks"]["log"]["ok"]
    refused = stack.rustok("streams", "resync", "--since-gap", check=False)
    assert (refused.returncode, "rustok after-restore" in refused.stderr) == (2, True)

    epoch = die_twice_on_the_way(stack, shop)
    done = json.loads(stack.rustok("after-restore", "--json").stdout)
    wait_until(lambda: shop.get("/v1/analytics/sales")["as_of"], DEADLINE_S, "sales are vouched for again")

    assert done["closed"] == done["gaps"] >= 1
    assert (done["epoch"], done["unreadable"], taken_back(stack, ghosts)) == (epoch, left_by_others, [1] * LOST)
    assert orders(shop) == KEPT
    assert titles(shop) == ["Tomatoes"]
    assert kinds(stack) == []

    edited = rename(shop, product["id"], "Tomatoes after all")
    shop.get("/v1/search/products", after=[edited["receipt"]], wait=30)
    assert titles(shop) == ["Tomatoes after all"]
    assert edited["version"] < renamed["version"]
    for model in ("sales", "product-search"):
        assert stack.rustok("sinks", "verify", model).returncode == 0

    again = json.loads(stack.rustok("after-restore", "--json").stdout)
    assert (again["epoch"], again["withdrawn"]) == (done["epoch"] + 1, {})

    ours = {UUID(one["id"]) for one in kept + ghosts}
    shown, refused_keys = built_from_kafka_alone(stack)
    assert shown & ours == {UUID(one["id"]) for one in kept}
    assert not refused_keys & {str(id_).encode() for id_ in ours}


def die_twice_on_the_way(stack, shop):
    """Killed when a part is said, and when all is; the gap stays open. Gives the epoch that was begun."""
    with psycopg.connect(stack.settings.postgres_url, autocommit=True) as postgres:

        def epoch():
            return postgres.execute("SELECT epoch, raised_at FROM log_epoch").fetchone()

        (opened,) = postgres.execute("SELECT max(since) FROM log_gaps WHERE closed_at IS NULL").fetchone()
        kill_when(
            stack,
            lambda: has_emitted_a_part(postgres, opened),
            "a part is emitted again",
            *("after-restore", "--rate", "4/s"),
        )
        begun = epoch()
        assert (kinds(stack).count("database"), shop.get("/v1/analytics/sales")["as_of"]) == (1, None)
        with asleep(stack, "feed-sales"):
            kill_when(stack, lambda: has_emitted_all(postgres, opened), "all is emitted again", "after-restore")
        assert (kinds(stack).count("database"), shop.get("/v1/analytics/sales")["as_of"]) == (1, None)
        assert epoch() == begun
        _, most_often = times_emitted(postgres, opened)
        assert most_often == 1
        return begun[0]


def taken_back(stack, ghosts):
    """How often each was said to be gone."""
    with psycopg.connect(stack.settings.postgres_url) as postgres:
        rows = postgres.execute(
            "SELECT count(*) FROM outbox WHERE type = 'order.deleted' AND aggregateid = ANY (%s) GROUP BY aggregateid",
            ([one["id"] for one in ghosts],),
        ).fetchall()
    return [times for (times,) in rows]


def rename(shop, product_id, *titles):
    done = None
    for title in titles:
        done = shop.patch(f"/v1/products/{product_id}", {"translations": [{"locale": "en", "title": title}]})
    return done


def titles(shop):
    return [one["title"] for one in shop.get("/v1/search/products")["hits"]]


def unreadable(stack):
    """How many aggregates Kafka tells of that no table has and no code can read: other tests send such records."""
    decoder = Decoder(RegistryClient.of(stack.settings, "test"))
    with psycopg.connect(stack.settings.postgres_url) as postgres:
        rows = postgres.execute(
            "SELECT id FROM orders UNION SELECT id FROM products"
            " UNION SELECT id FROM categories UNION SELECT id FROM tenants"
        ).fetchall()
    there = {id_ for (id_,) in rows}
    bootstrap = stack.settings.kafka_bootstrap
    told = [one for one in scan_newest_events.newest(bootstrap) if not one.is_gone and one.id not in there]
    return sum(not can_be_read(decoder, value) for _, value in scan_newest_events.values(bootstrap, told))


def can_be_read(decoder, value):
    try:
        decoder.decode(value)
    except (Undecodable, NewerThanKnown):
        return False
    return True


def built_from_kafka_alone(stack):
    """The orders that a fresh store shows when the feed's own code has read the topic from its beginning, and the keys
    of the records it refused.
    """
    sink, refused = MemorySink(), Refused()
    feeding = Feeding(sales_facts.MODEL, sink, Decoder(RegistryClient.of(stack.settings, "test")), refused)
    feeding.open()
    records = [Kept.of(message) for message in all_of(stack, topics.ORDERS)]
    for start in range(0, len(records), 7):
        feeding.apply(records[start : start + 7])
    return {change.id for change in sink.scan("orders") if change.document is not None}, refused.keys


class Refused:
    def __init__(self):
        self.keys = set()

    def send(self, records):
        self.keys |= {unusable.record.key for unusable in records}

    def settle(self, feed, applied):
        raise AssertionError(feed)


@dataclass(frozen=True)
class Kept:
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list
    timestamp: int

    @classmethod
    def of(cls, message):
        body = (message.topic(), message.partition(), message.offset(), message.key(), message.value())
        return cls(*body, message.headers() or [], message.timestamp()[1])


def all_of(stack, topic):
    config = {"bootstrap.servers": stack.settings.kafka_bootstrap, "group.id": "rebuilt", "enable.partition.eof": True}
    with closing(Consumer(config)) as consumer:
        consumer.assign([TopicPartition(topic.name, number, 0) for number in range(topic.partitions)])
        open_ends = topic.partitions
        while open_ends:
            for message in consumer.consume(1000, 10):
                if message.error():
                    open_ends -= 1
                else:
                    yield message

"""What went missing is said by everything that can say it, and one command brings it back and closes the gap."""

import json
from functools import partial

import psycopg
import pytest
from confluent_kafka.admin import AdminClient

from ops.local.supervisor import Supervisor
from ops.stack_state import look
from schemas import topics
from tests.support.reemitted import asleep, has_emitted_a_part, has_emitted_all, kill_when, times_emitted
from tests.support.shops import open_shop, put_on_sale, sell
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]

LOST = 12
DEADLINE_S = 60


@pytest.fixture
def shop(stack):
    return open_shop(stack)


@pytest.fixture
def postgres(stack):
    with psycopg.connect(stack.settings.postgres_url, autocommit=True) as connection:
        yield connection


def without(stack, *processes):
    supervisor = Supervisor(stack.settings.folder)
    supervisor.stop_programs(list(processes))
    return supervisor


def answers(shop):
    return shop.get("/v1/search/products"), shop.get("/v1/analytics/sales")


def kinds(stack):
    return [one["kind"] for one in json.loads(stack.rustok("streams", "gaps", "--json", check=False).stdout)]


def test_a_slot_that_is_dropped_while_capture_is_away_is_seen_everywhere_and_resynced(stack, shop, postgres):
    put_on_sale(shop, "Tomatoes", amount_minor=250)
    seen = sell(shop)
    shop.get("/v1/analytics/sales", after=[seen["receipt"]], wait=20)
    supervisor = without(stack, "capture")
    slot = stack.settings.capture_slot
    wait_until(lambda: is_dropped(postgres, slot), DEADLINE_S, "the slot is dropped")
    lost = [sell(shop) for _ in range(LOST)]
    supervisor.start_programs(["capture"])

    wait_until(lambda: kinds(stack) == ["slot"], DEADLINE_S, "capture opens a gap")
    wait_until(lambda: all(one["as_of"] is None for one in answers(shop)), DEADLINE_S, "no answer is vouched for")
    states = [one.get("state", one) for one in answers(shop)]
    wait_until(lambda: look(stack.settings).capture.gaps == ("slot",), DEADLINE_S, "status says so")
    health = shop.get("/health/ready")
    status = stack.rustok("status", check=False)
    after = sell(shop)
    shop.get("/v1/analytics/sales", after=[after["receipt"]], wait=20)
    missing = shop.get("/v1/analytics/sales")["totals"][0]["orders"]
    (opened,) = postgres.execute("SELECT max(opened_at) FROM log_gaps WHERE closed_at IS NULL").fetchone()
    kill_when(
        stack,
        lambda: has_emitted_a_part(postgres, opened),
        "a part is emitted again",
        *("streams", "resync", "--since-gap", "--rate", "4/s"),
    )
    after_the_first = kinds(stack), [one["as_of"] for one in answers(shop)]
    with asleep(stack, "feed-sales"):
        all_is_said = partial(has_emitted_all, postgres, opened)
        kill_when(stack, all_is_said, "all is emitted again", "streams", "resync", "--since-gap")
        after_the_second = kinds(stack), [one["as_of"] for one in answers(shop)]
    done = json.loads(stack.rustok("streams", "resync", "--since-gap", "--json").stdout)

    assert states == ["gap", "gap"]
    assert (health["status"], health["checks"]["log"]["ok"]) == ("degraded", False)
    assert status.returncode == 1
    assert "A gap is open (slot)" in status.stdout
    assert missing == 2
    assert after_the_first == after_the_second == (["slot"], [None, None])
    assert done["closed"] == 1
    said, most_often = times_emitted(postgres, opened)
    assert (said, most_often) == (sum(done["emitted"].values()), 1)
    wait_until(lambda: all(one["as_of"] for one in answers(shop)), DEADLINE_S, "it is vouched for again")
    assert shop.get("/v1/analytics/sales")["totals"][0]["orders"] == LOST + 2
    assert lost
    assert shop.get("/health/ready")["checks"]["log"]["ok"]
    assert kinds(stack) == []
    assert stack.rustok("streams", "resync", "--since-gap").stdout.strip() == "0 of 0 gaps closed"


def test_a_topic_made_anew_while_its_feed_is_away_is_seen_and_resynced(stack, shop):
    put_on_sale(shop, "Pears", amount_minor=100)
    sold = [sell(shop) for _ in range(LOST)]
    shop.get("/v1/analytics/sales", after=[one["receipt"] for one in sold], wait=20)
    supervisor = without(stack, "capture", "feed-sales")
    remake(stack, topics.ORDERS)
    supervisor.start_programs(["capture", "feed-sales"])

    wait_until(lambda: kinds(stack) == ["topic"], DEADLINE_S, "capture opens a gap")
    wait_until(lambda: shop.get("/v1/analytics/sales")["as_of"] is None, DEADLINE_S, "sales are not vouched for")
    wait_until(lambda: shop.get("/v1/search/products")["as_of"] is not None, DEADLINE_S, "search is: it lacks nothing")
    done = json.loads(stack.rustok("streams", "resync", "--since-gap", "--json").stdout)

    assert (list(done["emitted"]), done["closed"]) == (["order"], 1)
    wait_until(lambda: shop.get("/v1/analytics/sales")["as_of"], DEADLINE_S, "sales are vouched for again")
    assert shop.get("/v1/analytics/sales")["totals"][0]["orders"] == LOST
    assert stack.rustok("sinks", "verify", "sales").returncode == 0


def test_a_topic_made_anew_under_its_feed_is_seen_and_resynced(stack, shop):
    put_on_sale(shop, "Plums", amount_minor=100)
    sold = [sell(shop) for _ in range(LOST)]
    shop.get("/v1/analytics/sales", after=[one["receipt"] for one in sold], wait=20)
    remake(stack, topics.ORDERS)

    wait_until(lambda: kinds(stack) == ["topic"], DEADLINE_S, "capture opens a gap")
    wait_until(lambda: shop.get("/v1/analytics/sales")["as_of"] is None, DEADLINE_S, "sales are not vouched for")
    wait_until(lambda: shop.get("/v1/search/products")["as_of"] is not None, DEADLINE_S, "search is: it lacks nothing")
    done = json.loads(stack.rustok("streams", "resync", "--since-gap", "--json").stdout)

    assert (list(done["emitted"]), done["closed"]) == (["order"], 1)
    wait_until(lambda: shop.get("/v1/analytics/sales")["as_of"], DEADLINE_S, "sales are vouched for again")
    assert shop.get("/v1/analytics/sales")["totals"][0]["orders"] == LOST
    assert stack.rustok("sinks", "verify", "sales").returncode == 0
    assert json.loads(stack.rustok("status", "--json").stdout)["well"]


def is_dropped(postgres, slot):
    try:
        postgres.execute("SELECT pg_drop_replication_slot(%s)", (slot,))
    except psycopg.errors.ObjectInUse:
        return False
    return True


def remake(stack, topic):
    admin = AdminClient({"bootstrap.servers": stack.settings.kafka_bootstrap})
    for future in admin.delete_topics([topic.name], operation_timeout=DEADLINE_S).values():
        future.result()

    def made():
        said = json.loads(stack.rustok("streams", "topics", "--json", check=False).stdout or "[]")
        return any(one["topic"] == topic.name and one["action"] == "created" for one in said)

    wait_until(made, DEADLINE_S, "the topic is made anew")

"""Nothing lost, nothing doubled: every process is killed during an import, and in the end the totals are equal."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter

import psycopg
import pytest
from confluent_kafka import Consumer, TopicPartition

from schemas.topics import AGGREGATES
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(600)]

EACH = ("capture", "postgres", "feed-product-search", "api", "kafka", "feed-sales", "opensearch")
STORES = "2"


@pytest.fixture(scope="module")
def after_kills(stack):
    """What the demo said of two stores while every process was killed, each server too."""
    with subprocess.Popen(
        [sys.executable, "-m", "ops.cli", "demo", "--check", "--json", "--stores", STORES],
        env=stack.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        killed: Counter[str] = Counter()
        for name in EACH:
            wait_until(lambda: demo.poll() is not None or _import_has_begun(stack), 60, "the import has begun")
            if demo.poll() is None and _kill(stack, name):
                killed[name] += 1
        said, told = demo.communicate(timeout=400)
    assert demo.returncode == 0, told
    return json.loads(said.splitlines()[-1]), killed


def test_every_process_was_killed(after_kills):
    _, killed = after_kills

    assert set(killed) == set(EACH)


def test_the_read_model_says_what_the_source_says(after_kills):
    report, _ = after_kills

    assert report["differences"] == 0
    assert report["revenue"]["read_model_minor"] == report["revenue"]["source_minor"] > 0


def test_kafka_holds_exactly_what_was_committed(stack, after_kills):
    with psycopg.connect(stack.settings.postgres_url) as connection:
        committed = {str(id_) for (id_,) in connection.execute("SELECT id FROM outbox")}
    in_kafka, order = _read_everything(stack)

    assert committed - in_kafka == set()
    assert in_kafka - committed == set()
    assert order == "in order"


def test_a_second_run_changes_nothing(stack, after_kills):
    report, _ = after_kills

    said = stack.rustok("demo", "--check", "--json", "--stores", STORES).stdout
    again = json.loads(said.splitlines()[-1])

    assert again["written"] == 0
    assert [again[name] for name in ("revenue", "orders", "products", "events")] == [
        report[name] for name in ("revenue", "orders", "products", "events")
    ]


def _import_has_begun(stack):
    with psycopg.connect(stack.settings.postgres_url) as connection:
        (begun,) = connection.execute("SELECT count(*) > 1000 FROM products").fetchone()
    return begun


def _process(stack, name):
    state = json.loads(stack.rustok("status", "--json", check=False).stdout)
    return next(process for process in state["processes"] if process["name"] == name)


def _kill(stack, name):
    """Kills it, and waits until the supervisor has brought it back."""
    pid = _process(stack, name)["pid"]
    if pid is None:
        return False
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: _process(stack, name)["pid"] not in (None, pid), 180, f"{name} is started again")
    wait_until(lambda: _process(stack, name)["state"] == "up", 180, f"{name} works again")
    return True


def _read_everything(stack):
    """Ids of all events in Kafka, and whether each aggregate's versions first came in order."""
    consumer = Consumer(
        {"bootstrap.servers": stack.settings.kafka_bootstrap, "group.id": "auditor", "enable.auto.commit": False}
    )
    partitions = [TopicPartition(topic.name, n, 0) for topic in AGGREGATES for n in range(topic.partitions)]
    left = {(each.topic, each.partition): consumer.get_watermark_offsets(each)[1] for each in partitions}
    ids, newest, order = set(), {}, "in order"
    consumer.assign(partitions)
    while any(end > 0 for end in left.values()):
        for record in consumer.consume(5000, timeout=10):
            headers = dict(record.headers())
            version = int(headers["ce_aggregateversion"])
            if version > newest.get(record.key(), 0) + 1:
                order = f"{record.key()} went from {newest.get(record.key(), 0)} to {version}"
            newest[record.key()] = max(version, newest.get(record.key(), 0))
            ids.add(headers["id"].decode())
            if record.offset() + 1 >= left[record.topic(), record.partition()]:
                left[record.topic(), record.partition()] = 0
    consumer.close()
    return ids, order

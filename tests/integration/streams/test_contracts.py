"""What is stored, counted in a real Kafka, beside what the consumers know."""

import json
from uuid import uuid4

import pytest
from confluent_kafka import Producer

from schemas import topics
from streams import make_topics
from tests.support.examples import newest
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


def test_a_stored_version_nobody_knows_is_found_and_fails_the_matrix(servers: Stack) -> None:
    bootstrap = servers.settings.kafka_bootstrap
    make_topics.make(bootstrap, topics.ALL)
    event = f"order.teleported_{uuid4().hex[:8]}"
    producer = Producer({"bootstrap.servers": bootstrap})
    for _ in range(3):
        headers = [("ce_type", event.encode()), ("ce_schemaversion", b"2")]
        producer.produce(topics.ORDERS.name, b"x", uuid4().hex.encode(), headers=headers)
    assert producer.flush(10) == 0

    done = servers.rustok("schemas", "matrix", "--json", check=False)

    document = json.loads(done.stdout)
    (row,) = [row for row in document["stored"] if row["event"] == event]
    assert (row["version"], row["topic"], row["records"]) == (2, "rustok.order", 3)
    assert {cell["consumer"]: (cell["knows"], cell["verdict"]) for cell in row["consumers"]} == {
        "product-search": (0, "not read"),
        "sales": (0, "parks"),
        "searches": (0, "not read"),
        "page-search": (0, "not read"),
        "event-archive": (0, "parks"),
    }
    assert done.returncode == 1
    assert document["parks"] >= 1


def test_without_servers_the_code_is_asked(servers: Stack) -> None:
    done = servers.rustok("schemas", "matrix", "--from", "code", "--json")

    document = json.loads(done.stdout)
    assert {"event": "order.cancelled", "version": newest("order.cancelled")} in [
        {"event": row["event"], "version": row["version"]} for row in document["stored"]
    ]
    assert {each["source"] for each in document["consumers"]} == {"code"}

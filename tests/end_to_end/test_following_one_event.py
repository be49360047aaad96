"""One event, from the request that caused it to the row an analyst reads, by its correlation id alone."""

import json

import duckdb
import httpx
import psycopg
import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from api.domain.permissions import Role
from schemas.topics import ORDERS
from tests.support.shops import open_shop, put_on_sale, token

pytestmark = pytest.mark.chain

CORRELATION = "checkout-of-the-test"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def placed(stack):
    """An order placed with a correlation id and a trace of the caller's choice, seen in sales."""
    shop = open_shop(stack)
    put_on_sale(shop, "Tomatoes")
    answer = httpx.post(
        f"{stack.settings.api_url}/v1/orders",
        json={"lines": [{"sku": "TOM-400", "quantity": 1}]},
        headers={
            "Authorization": f"Bearer {token(stack, shop.slug)}",
            "X-Correlation-Id": CORRELATION,
            "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
        },
    )
    shop.get("/v1/analytics/sales", after=answer.json()["receipt"], wait=20)
    return answer


def test_the_answer_repeats_it(placed):
    assert placed.headers["X-Correlation-Id"] == CORRELATION
    assert TRACE in placed.headers["traceparent"]


def test_the_outbox_row_has_it(stack, placed):
    with psycopg.connect(stack.settings.postgres_url) as connection:
        rows = connection.execute(
            "SELECT type, correlation_id, traceparent FROM outbox WHERE aggregateid = %s", [placed.json()["id"]]
        ).fetchall()

    ((event_type, correlation_id, traceparent),) = rows
    assert (event_type, correlation_id) == ("order.placed", CORRELATION)
    assert TRACE in traceparent


def test_the_kafka_record_has_it_as_a_header(stack, placed):
    headers = dict(_record_of(stack, placed.json()["id"]).headers())

    assert headers["ce_correlationid"] == CORRELATION.encode()
    assert headers["ce_type"] == b"order.placed"
    assert TRACE.encode() in headers["traceparent"]


def test_a_client_of_confluents_registry_reads_it(stack, placed):
    user = f"me:{token(stack, role=Role.SERVICE)}"
    registry = SchemaRegistryClient({"url": stack.settings.api_url, "basic.auth.user.info": user})
    value = _record_of(stack, placed.json()["id"]).value()

    event = AvroDeserializer(registry)(value, SerializationContext(ORDERS.name, MessageField.VALUE))

    assert str(event["order"]["id"]) == placed.json()["id"]
    assert event["order"]["total_minor"] == placed.json()["total_minor"]


def test_the_analysts_row_has_it(stack, placed):
    path = stack.rustok("sinks", "snapshot").stdout.strip()

    with duckdb.connect(path, read_only=True) as connection:
        rows = connection.execute("SELECT correlation_id FROM orders WHERE id = ?", [placed.json()["id"]]).fetchall()

    assert rows == [(CORRELATION,)]


def test_the_log_of_the_api_has_it(stack, placed):
    log = stack.settings.folder.logs / "api.log"
    lines = [json.loads(line) for line in log.read_text().splitlines() if CORRELATION in line]

    assert {line["trace_id"] for line in lines} == {TRACE}
    assert all(line["tenant_id"] for line in lines)


def _record_of(stack, key):
    consumer = Consumer(
        {"bootstrap.servers": stack.settings.kafka_bootstrap, "group.id": "following", "enable.auto.commit": False}
    )
    try:
        consumer.assign([TopicPartition(ORDERS.name, partition, 0) for partition in range(ORDERS.partitions)])
        for _ in range(100_000):
            record = consumer.poll(10)
            assert record is not None, f"no record with key {key}"
            if record.key() == key.encode():
                return record
    finally:
        consumer.close()
    raise AssertionError(f"no record with key {key}")

"""One registry, and one topic with a record of every version of every event, as our topics have them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from api.domain.permissions import Role
from schemas import avro_schema
from schemas.evolving import golden_files
from tests.integration.registry_clients.serving import Registry, serving
from tests.support.stack import Stack
from tests.support.waiting import wait_until

DEADLINE_S = 60


@dataclass(frozen=True, slots=True)
class Read:
    """A record as Kafka gave it, and the event that is in it."""

    event_type: str
    version: int
    value: bytes
    record: dict[str, Any]


@pytest.fixture(scope="session")
def registry(servers: Stack) -> Iterator[Registry]:
    with serving(servers) as registry:
        yield registry


@pytest.fixture
def subject() -> str:
    return f"client-{token_hex(4)}"


@pytest.fixture(scope="session")
def records(servers: Stack, registry: Registry) -> Iterator[list[Read]]:
    """Written with the ids of the registry, and read again."""
    bootstrap, topic = servers.settings.kafka_bootstrap, f"clients-{token_hex(4)}"
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])[topic].result(DEADLINE_S)
    events = list(_events(registry))
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    for event in events:
        producer.produce(topic, value=event.value)
    assert producer.flush(DEADLINE_S) == 0
    values = _read(bootstrap, topic, len(events))
    yield [Read(one.event_type, one.version, value, one.record) for one, value in zip(events, values, strict=True)]
    admin.delete_topics([topic])[topic].result(DEADLINE_S)


def _events(registry: Registry) -> Iterator[Read]:
    with registry.client(Role.SERVICE) as client:
        for history, version in avro_schema.every_version():
            name = history.event_type
            written = golden_files.parsed((golden_files.FOLDER / golden_files.name_of(history, version)).read_text())
            schema_id = client.get(f"/subjects/{name}/versions/{version}").raise_for_status().json()["id"]
            for example in written.examples:
                yield Read(name, version, struct.pack(">bI", 0, schema_id) + example.body, example.record)


def _read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    values: list[bytes] = []

    def is_read() -> bool:
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            values.append(message.value())
        return len(values) == count

    try:
        wait_until(is_read, DEADLINE_S, f"{count} records of {topic} are read")
    finally:
        consumer.close()
    return values

"""The collector of dead letters is killed in the middle of a batch: nothing is lost, and nothing is there twice."""

import os
import signal
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from confluent_kafka import Producer

from api.domain.permissions import Role
from ops.demo.shop_client import Shop
from schemas.topics import ORDERS
from sinks.analytics.sales_facts import MODEL
from streams.dead_letters import dead_letters_table as table
from streams.dead_letters.dead_letter import UnusableRecord, headers
from streams.dead_letters.read_dead_letter import CollectedRecord, read
from tests.support.examples import MOMENT
from tests.support.records import FakeRecord
from tests.support.shops import open_shop, token
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

MANY = 30
HELD_UP = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rustok dead letters' AND wait_event_type = 'Lock'"
)
COLLECTED = "SELECT id, attempts, state FROM dead_letters WHERE tenant_id = %s AND feed = %s"


def test_a_collector_that_is_killed_in_a_batch_loses_nothing_and_doubles_nothing(stack: Stack) -> None:
    tenant_id = tenant_of(stack, open_shop(stack))
    killed = wait_until(lambda: stack.pid_of("dead-letters"), 20, "the collector runs")
    os.kill(killed, signal.SIGSTOP)
    records = poison(stack, tenant_id)
    middle = dead_letter(records[MANY // 2])

    with psycopg.connect(stack.settings.postgres_url) as one, psycopg.connect(stack.settings.postgres_url) as other:
        other.autocommit = True
        with one.transaction(force_rollback=True):
            table.take_in(one, [middle])  # the collector waits at this one; those before are written
            os.kill(killed, signal.SIGCONT)
            wait_until(lambda: other.execute(HELD_UP).fetchone() != (0,), 20, "the collector is in a batch")
            os.kill(killed, signal.SIGKILL)
        before = other.execute(COLLECTED, (tenant_id, MODEL.id)).fetchall()
        found = wait_until(lambda: all_of(other, tenant_id), 30, "all dead letters are in the table")

    assert stack.pid_of("dead-letters") != killed
    assert before == []
    assert sorted(found) == sorted((dead_letter(record).id, 1, "open") for record in records)


def tenant_of(stack: Stack, shop: Shop) -> UUID:
    platform = Shop(stack.settings.api_url, "platform", token(stack, role=Role.SUPER_ADMIN))
    found = UUID(platform.get(f"/v1/tenants/{shop.slug}")["id"])
    platform.close()
    return found


def all_of(postgres: psycopg.Connection[Any], tenant_id: UUID) -> list[Any]:
    found = postgres.execute(COLLECTED, (tenant_id, MODEL.id)).fetchall()
    return found if len(found) >= MANY else []


def poison(stack: Stack, tenant_id: UUID) -> list[FakeRecord]:
    """Of one order, so they are dead letters in this order."""
    key, told = str(uuid4()).encode(), [("ce_tenantid", str(tenant_id).encode())]
    placed: list[Any] = []
    producer = Producer({"bootstrap.servers": stack.settings.kafka_bootstrap})
    for number in range(MANY):
        value = f"rubbish {number}"
        producer.produce(ORDERS.name, value, key, headers=told, on_delivery=lambda _, message: placed.append(message))
    assert producer.flush(10) == 0
    return [_record(message, key, told) for message in placed]


def _record(message: Any, key: bytes, told: Sequence[tuple[str, bytes | None]]) -> FakeRecord:
    return FakeRecord(
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        key=key,
        value=message.value(),
        headers=told,
        timestamp=message.timestamp()[1],
    )


def dead_letter(of: FakeRecord) -> CollectedRecord:
    told = headers(UnusableRecord(record=of, feed=MODEL.id, error="Undecodable", reason="made by a test"), MOMENT)
    sent = [(name, value.encode() if isinstance(value, str) else value) for name, value in told]
    return read("rustok.dead-letters", of.key, of.value, sent, of.timestamp)

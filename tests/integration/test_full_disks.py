"""A full disk under PostgreSQL or Kafka: callers are told to come back, capture waits, and all goes on by itself."""

from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from confluent_kafka import Consumer

from ops import process_health
from ops.demo.shop_client import Shop
from ops.local.supervisor import Supervisor
from schemas.topics import PRODUCTS
from tests.support.full_server_disks import SmallDisks, small_disks
from tests.support.instances import process_named
from tests.support.shops import open_shop
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(400)]

RECOVERS_WITHIN_S = 90.0
#: What does not compress, so that it needs room on the disk.
LONG_TEXT = 8_000


@pytest.fixture(scope="module")
def disks(servers: Stack) -> Iterator[SmallDisks]:
    with small_disks(servers) as disks:
        yield disks


@pytest.fixture(scope="module")
def shop(disks: SmallDisks) -> Shop:
    return open_shop(disks.stack)


def command(client: httpx.Client) -> httpx.Response:
    """Makes a product."""
    text = {"locale": "en", "title": uuid4().hex, "description": token_urlsafe(LONG_TEXT)[:LONG_TEXT]}
    variant = {"sku": uuid4().hex, "prices": [{"currency": "EUR", "amount_minor": 250}]}
    body = {"translations": [text], "variants": [variant]}
    return client.post("/v1/products", json=body, headers={"Idempotency-Key": str(uuid4())})


def test_commands_are_told_to_come_back_while_postgresqls_disk_is_full(disks: SmallDisks, shop: Shop) -> None:
    with client_of(disks, shop) as client:
        made = [command(client)]

        with disks.full("postgres"):
            refused = wait_until(lambda: not_made(command(client), made), 60, "there is no room")
            answers = [refused, *(command(client) for _ in range(20))]
            end_the_log_there(disks)
            answers += [command(client) for _ in range(20)]
            alive = client.get("/health/live")
        wait_until(lambda: command(client).status_code == 201, RECOVERS_WITHIN_S, "commands are taken")
        moment = datetime.now(UTC)
        wait_until(lambda: captured_until(disks, moment), RECOVERS_WITHIN_S, "all of it is in Kafka")
        kept = [client.get(f"/v1/products/{one.json()['id']}").status_code for one in made]

    assert {answer.status_code for answer in answers} <= {201, 503}
    told = [answer for answer in answers if answer.status_code == 503]
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in told)
    assert {answer.json()["code"] for answer in told} <= {"store_unavailable"}
    assert alive.status_code == 200
    assert set(kept) == {200}


def test_capture_waits_while_kafkas_disk_is_full_and_nothing_is_missing_then(disks: SmallDisks, shop: Shop) -> None:
    before = restarts(disks)
    with client_of(disks, shop) as client:
        with disks.full("kafka"):
            made = [command(client) for _ in range(40)]
            wait_until(lambda: restarts(disks) > before, 60, "Kafka has no room")
            made += [command(client) for _ in range(10)]
        moment = datetime.now(UTC)
        wait_until(lambda: captured_until(disks, moment), RECOVERS_WITHIN_S, "all of it is in Kafka")

    assert {answer.status_code for answer in made} == {201}
    assert {answer.json()["id"] for answer in made} <= in_kafka(disks)


def end_the_log_there(disks: SmallDisks) -> None:
    """PostgreSQL's own log needs another file, and has no room for it: the server ends, and cannot start."""
    with suppress(psycopg.Error), psycopg.connect(disks.stack.settings.postgres_url, autocommit=True) as admin:
        admin.execute("SELECT pg_switch_wal()")
        admin.execute("SELECT pg_logical_emit_message(true, 'test', repeat('x', 100000))")


def client_of(disks: SmallDisks, shop: Shop) -> httpx.Client:
    return httpx.Client(base_url=disks.stack.settings.api_url, headers=shop._client.headers, timeout=60)  # noqa: SLF001


def not_made(answer: httpx.Response, made: list[httpx.Response]) -> httpx.Response | None:
    if answer.status_code == 503:
        return answer
    assert answer.status_code == 201, answer.text
    made.append(answer)
    return None


def captured_until(disks: SmallDisks, moment: datetime) -> bool:
    page = process_health.read(process_named("capture").metrics_url(disks.stack.settings))
    as_of = page and page.value("rustok_capture_as_of_timestamp_seconds")
    return bool(as_of and as_of > moment.timestamp())


def restarts(disks: SmallDisks) -> int:
    """Of who cannot go on without Kafka's disk."""
    states = Supervisor(disks.stack.settings.folder).states()
    return sum(state.restarts for state in states if state.name in ("kafka", "capture"))


def in_kafka(disks: SmallDisks) -> set[str]:
    """Ids of the products that have an event."""
    found: set[str] = set()
    config: dict[str, Any] = {
        "bootstrap.servers": disks.stack.settings.kafka_bootstrap,
        "group.id": str(uuid4()),
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,
    }
    ended: set[int] = set()
    with closing(Consumer(config)) as consumer:
        consumer.subscribe([PRODUCTS.name])
        while len(ended) < PRODUCTS.partitions:
            message = consumer.poll(10)
            assert message is not None, "Kafka does not answer"
            if message.error() is not None:
                ended.add(message.partition())
            elif (key := message.key()) is not None:
                with suppress(UnicodeDecodeError):
                    found.add(key.decode())
    return found

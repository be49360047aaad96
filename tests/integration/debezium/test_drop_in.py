"""Debezium, configured by `ops/debezium/connector.properties`, sends what our capture sends, and either can replace the
other at the same slot.
"""

import random
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest

from schemas import topics
from schemas.outbox_row import LSN_HEADER, OutboxRow
from streams.bench.scratch_world import Scratch
from tests.integration.capture.log import Read, Reader, reading
from tests.integration.capture.outbox import capturing, insert, row
from tests.integration.debezium.conftest import HEARTBEATS, PUBLICATION, Outbox, has_topic
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.slow]

DEADLINE_S = 60
SEVERAL_MEGABYTES = 5_000_000

#: A record as far as both have to agree.
Sent = tuple[bytes, bytes, list[tuple[str, bytes | None]]]


def test_it_sends_the_same_keys_values_and_headers_in_the_same_order(outbox: Outbox) -> None:
    world = outbox.world
    slot = outbox.make_slot("debezium")
    outbox.make_slot("slot")
    rows = all_kinds_of_rows(world, outbox.types)
    with world.connect() as connection:
        write(connection, rows)

    with ExitStack() as stack:
        readers = {
            each: stack.enter_context(reading(world, topics.of_aggregate(each), world.partitions))
            for each in outbox.types
        }
        with capturing(world, capture_publication=PUBLICATION):
            ours = {each: read_more(reader, count(rows, each)) for each, reader in readers.items()}
        with outbox.debezium(slot):
            theirs = {each: read_more(reader, count(rows, each)) for each, reader in readers.items()}
            wait_until(lambda: has_topic(world.bootstrap, HEARTBEATS), DEADLINE_S, "a heartbeat")
            with world.connect() as connection:
                insert(connection, [row(world, "after the heartbeat")])
            last = read_more(readers[world.aggregate_type], 1)
        in_kafka = sum(reader.count_in_kafka() for reader in readers.values())

    for each in outbox.types:
        assert set(ours[each]) == set(theirs[each])
        for partition, sent in ours[each].items():
            assert sent == theirs[each][partition], f"{each}, partition {partition}"
    assert [key for sent in last.values() for key, _, _ in sent] == [b"after the heartbeat"]
    assert in_kafka == 2 * len(rows) + 1


def test_each_goes_on_where_the_other_stopped(outbox: Outbox) -> None:
    world = outbox.world
    slot = outbox.make_slot("slot")

    with reading(world, world.topic, world.partitions) as reader:
        with capturing(world, capture_publication=PUBLICATION) as capture:
            first = insert_more(world, 0)
            reader.read_until(lambda read: set(first) <= set(events(read)), DEADLINE_S, "the first")
            capture.process.terminate()
            capture.process.wait(DEADLINE_S)
        second = insert_more(world, 1)
        with outbox.debezium(slot):
            reader.read_until(lambda read: set(second) <= set(events(read)), DEADLINE_S, "the second")
        third = insert_more(world, 2)
        with capturing(world, capture_publication=PUBLICATION):
            read = reader.read_until(lambda read: set(third) <= set(events(read)), DEADLINE_S, "the third")

    assert list(dict.fromkeys(events(read))) == [*first, *second, *third]


def all_kinds_of_rows(world: Scratch, types: tuple[str, ...]) -> list[OutboxRow]:
    """The kinds that could differ, and then many ordinary ones of a few aggregates, mixed."""
    chance = random.Random(4)
    long, text = "ä" * 9000, "Ünïcødé 漢字 🛒\n\t\"'\\, a=b; ${env:HOME}"
    kinds: list[dict[str, object]] = [
        {"causation_id": None},
        {"causation_id": ""},
        {"causation_id": text, "correlation_id": text, "actor_id": text},
        {"payload": b""},
        {"payload": bytes(range(256)) * 3},
        {"payload": b"\0" * 100},
        {"payload": b"{}"},
        {"payload": chance.randbytes(SEVERAL_MEGABYTES)},
        {"actor_id": long, "traceparent": long},
        {"actor_id": "true", "correlation_id": "3", "causation_id": "null", "traceparent": "2026-01-02T01:04:05Z"},
        {"actor_id": "[1, 2]", "correlation_id": '{"a": 1}', "causation_id": "12.50", "traceparent": " "},
    ]
    rows = [
        row(world, f"{text} {number}" if number % 2 else f"00000000-0000-4000-8000-{number:012}", 1, **kind)
        for number, kind in enumerate(kinds)
    ]
    rows += [row(world, f"aggregate-{chance.randrange(25)}", version) for version in range(400)]
    return [replace(each, aggregatetype=types[number % len(types)]) for number, each in enumerate(rows)]


def write(connection: psycopg.Connection, rows: list[OutboxRow]) -> None:
    """In transactions of several sizes, with one that is rolled back, and rows that are changed and go again."""
    chance = random.Random(5)
    rest = list(rows)
    while rest:
        size = chance.choice((1, 1, 1, 2, 7, 40))
        with connection.transaction():
            insert(connection, rest[:size])
        rest = rest[size:]
        with connection.transaction(force_rollback=True):
            insert(connection, [replace(rows[0], id=uuid4())])
    connection.execute("UPDATE outbox SET actor_id = 'changed' WHERE id = %s", (rows[0].id,))
    connection.execute("DELETE FROM outbox")


def count(rows: list[OutboxRow], aggregate_type: str) -> int:
    return sum(each.aggregatetype == aggregate_type for each in rows)


def read_more(reader: Reader, number: int) -> dict[int, list[Sent]]:
    """So many further records, by partition; without the header that only ours sends."""
    done = len(reader.records)
    further = reader.read_count(done + number, DEADLINE_S)[done:]
    found: dict[int, list[Sent]] = defaultdict(list)
    for each in further:
        headers = [header for header in each.headers if header[0] != LSN_HEADER]
        found[each.partition].append((each.key, each.value, headers))
    return found


def insert_more(world: Scratch, turn: int) -> list[str]:
    rows = [row(world, "one", turn * 10 + number) for number in range(10)]
    with world.connect() as connection:
        for each in rows:
            insert(connection, [each])
    return [str(each.id) for each in rows]


def events(read: list[Read]) -> list[str]:
    return [(dict(each.headers)["ce_id"] or b"").decode() for each in read]

"""What is committed to the outbox arrives in Kafka, as it is and in order."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import murmur2

from streams.bench.scratch_world import Scratch
from tests.integration.capture.log import reading_events
from tests.integration.capture.outbox import capturing, insert, row

pytestmark = pytest.mark.servers


def test_a_committed_row_is_a_record_with_exactly_its_headers(world: Scratch) -> None:
    written = row(world, "order-1", version=3)

    with capturing(world), world.connect() as connection, reading_events(world) as log:
        insert(connection, [written])
        (record,) = log.read_count(1)

    assert (record.key, record.value) == (b"order-1", written.payload)
    assert record.headers[:-1] == [
        ("id", str(written.id).encode()),
        ("ce_specversion", b"1.0"),
        ("ce_id", str(written.id).encode()),
        ("ce_type", b"order.placed"),
        ("ce_source", b"rustok"),
        ("ce_subject", b"order-1"),
        ("ce_time", b"2026-01-02T01:04:05.678901Z"),
        ("ce_tenantid", b"0197a0c4-6e5f-7c3a-9b0e-2f4d5c6b7a81"),
        ("ce_aggregateid", b"order-1"),
        ("ce_aggregateversion", b"3"),
        ("ce_correlationid", b"c-1"),
        ("ce_causationid", None),
        ("ce_actorid", "grüße".encode()),
        ("ce_schemaversion", b"1"),
        ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("ce_epoch", b"0"),
    ]
    name, lsn = record.headers[-1]
    assert name == "lsn"
    assert re.fullmatch(rb"[0-9A-F]+/[0-9A-F]+/1", lsn or b"")
    assert abs(datetime.now(UTC) - datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)) < timedelta(seconds=30)


def test_a_key_is_on_the_partition_other_clients_look_for_it(world: Scratch) -> None:
    keys = [f"order-{number}" for number in range(20)]

    with capturing(world), world.connect() as connection, reading_events(world) as log:
        insert(connection, [row(world, key) for key in keys])
        records = log.read_count(len(keys))

    assert all(record.partition == murmur2(record.key, world.partitions) for record in records)


def test_rows_arrive_in_the_order_of_their_commits(world: Scratch) -> None:
    with capturing(world), world.connect() as connection, reading_events(world) as log:
        for version in range(1, 51):
            with connection.transaction():
                insert(connection, [row(world, key, version) for key in ("a", "b", "c")])
        records = log.read_count(150)

    for key in (b"a", b"b", b"c"):
        values = [record.value for record in records if record.key == key]
        assert values == [b"\0\0\0\0\1" + key + f"/{version}".encode() for version in range(1, 51)]


def test_a_transaction_that_began_first_and_committed_last_arrives_last(world: Scratch) -> None:
    with (
        capturing(world),
        world.connect() as early,
        world.connect() as late,
        reading_events(world) as log,
    ):
        with early.transaction():
            insert(early, [row(world, "a", version=2)])
            insert(late, [row(world, "a", version=1)])
        records = log.read_count(2)

    assert [record.value for record in records] == [b"\0\0\0\0\1a/1", b"\0\0\0\0\1a/2"]


def test_what_was_rolled_back_never_arrives(world: Scratch) -> None:
    with capturing(world), world.connect() as connection, reading_events(world) as log:
        with connection.transaction(force_rollback=True):
            insert(connection, [row(world, "undone")])
        insert(connection, [row(world, "done")])
        records = log.read_count(1)

    assert [record.key for record in records] == [b"done"]


def test_an_outbox_with_columns_of_its_own_is_carried_all_the_same(world: Scratch) -> None:
    with capturing(world), world.connect() as connection, reading_events(world) as log:
        insert(connection, [row(world, "before")])
        connection.execute("ALTER TABLE outbox ADD COLUMN inserted_at timestamptz NOT NULL DEFAULT now()")
        insert(connection, [row(world, "after")])
        records = log.read_count(2)

    assert {record.key for record in records} == {b"before", b"after"}
    assert all(len(record.headers) == 17 for record in records)


def test_events_of_megabytes_and_of_nothing_arrive(world: Scratch) -> None:
    large, empty = b"\1" * (7 * 1024 * 1024), b""

    with capturing(world), world.connect() as connection, reading_events(world) as log:
        insert(connection, [row(world, "large", payload=large), row(world, "empty", payload=empty)])
        records = log.read_count(2)

    assert {record.key: record.value for record in records} == {b"large": large, b"empty": empty}

"""Whatever is not the one of before opens a gap, nobody vouches across it, and events go on all the same."""

import json
from datetime import datetime
from typing import Any

import psycopg
import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public all the same
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)
from psycopg import sql

from ops import process_health
from streams import make_topics
from streams.bench.scratch_world import Scratch
from tests.integration.capture.log import Reader, reading_events, reading_watermarks
from tests.integration.capture.outbox import DEADLINE_S, capturing, insert, launched, row
from tests.support.free_port import free_port
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

Said = dict[str, Any]


def said(log: Reader) -> list[Said]:
    return [json.loads(record.value) for record in log.records]


def next_watermark(log: Reader, since: int) -> Said:
    log.read_count(since + 1)
    return said(log)[since]


def open_gaps(connection: psycopg.Connection) -> list[tuple[str, list[str], bool]]:
    rows = connection.execute("SELECT kind, topics, since < now() + '1 s' FROM log_gaps WHERE closed_at IS NULL")
    return rows.fetchall()


def drop(connection: psycopg.Connection, slot: str) -> None:
    def dropped() -> bool:
        try:
            connection.execute("SELECT pg_drop_replication_slot(%s)", (slot,))
        except psycopg.errors.ObjectInUse:
            return False
        return True

    wait_until(dropped, DEADLINE_S, "the slot is dropped")


def read_some(world: Scratch, connection: psycopg.Connection, log: Reader, **settings: object) -> str:
    """Has a capture carry an event, and ends it; gives the slot's name."""
    with capturing(world, **settings) as capture:
        insert(connection, [row(world, "before")])
        log.read_count(len(log.records) + 1)
        capture.process.terminate()
        assert capture.process.wait(DEADLINE_S) == 0
        return capture.slot


def begins_with(world: Scratch, connection: psycopg.Connection, **settings: object) -> list[str]:
    """The gaps that are open, and said, when a capture reads again."""
    with reading_watermarks(world) as watermarks:
        before = watermarks.count_in_kafka()
        with capturing(world, **settings):
            first = next_watermark(watermarks, before)
    kinds = [kind for kind, _, begun in open_gaps(connection) if begun]
    assert sorted({gap["kind"] for gap in first["gaps"]}) == sorted(kinds)
    assert (first["as_of"] is None) == bool(kinds)
    assert datetime.fromisoformat(first["captured"])
    return kinds


@pytest.mark.parametrize("exact", [False, True])
def test_stops_kills_and_starts_open_nothing(world: Scratch, *, exact: bool) -> None:
    with world.connect() as connection, reading_events(world) as log:
        read_some(world, connection, log, capture_exact=exact)
        for _ in range(3):
            with capturing(world, capture_exact=exact) as capture:
                insert(connection, [row(world, f"order-{n}") for n in range(300)])
                log.read_count(len(log.records) + 1)
                capture.process.kill()

        assert begins_with(world, connection, capture_exact=exact) == []


def test_a_slot_that_was_dropped_opens_a_gap_and_events_go_on(world: Scratch) -> None:
    port = free_port()
    with world.connect() as connection, reading_events(world) as log:
        slot = read_some(world, connection, log)
        drop(connection, slot)
        insert(connection, [row(world, f"lost-{n}") for n in range(3)])

        assert begins_with(world, connection) == ["slot"]
        with capturing(world, capture_metrics_port=port):
            insert(connection, [row(world, "after")])
            log.read_until(lambda records: records[-1].key == b"after", DEADLINE_S, "new events come")
            wait_until(lambda: shown(port, "slot") == 1, DEADLINE_S, "the page of metrics says so")
            assert [shown(port, kind) for kind in ("database", "publication", "topic")] == [0, 0, 0]


def test_a_slot_made_anew_by_somebody_else_opens_a_gap(world: Scratch) -> None:
    with world.connect() as connection, reading_events(world) as log:
        slot = read_some(world, connection, log)
        drop(connection, slot)
        insert(connection, [row(world, "lost")])
        connection.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,))

        assert begins_with(world, connection) == ["slot"]


def test_rows_from_before_the_first_slot_are_a_gap(world: Scratch) -> None:
    with world.connect() as connection:
        insert(connection, [row(world, "too early")])

        assert begins_with(world, connection) == ["slot"]


def test_a_publication_made_anew_while_nobody_read_opens_a_gap(world: Scratch) -> None:
    with world.connect() as connection, reading_events(world) as log:
        read_some(world, connection, log)
        remake_publication(world, connection)

        assert begins_with(world, connection) == ["publication"]


def test_a_publication_made_anew_while_it_is_read_opens_a_gap(world: Scratch) -> None:
    with world.connect() as connection, reading_watermarks(world) as watermarks, capturing(world) as capture:
        watermarks.read_count(1)  # by then it has noted what it reads from
        with connection.transaction():
            remake_publication(world, connection)

        capture.wait_until_logged("source_changed")
        assert capture.wait_until_logged("gap_opened")["kind"] == "publication"
        watermarks.read_until(
            lambda records: bool(records) and b"publication" in records[-1].value, DEADLINE_S, "it is said"
        )


def test_a_topic_made_anew_opens_a_gap_of_its_own(world: Scratch) -> None:
    with world.connect() as connection, reading_events(world) as log:
        read_some(world, connection, log)
        remake_topic(world)

        assert begins_with(world, connection) == ["topic"]
        assert [topics for _, topics, _ in open_gaps(connection)] == [[world.topic]]


def test_a_database_that_was_put_back_opens_a_gap(world: Scratch) -> None:
    with world.connect() as connection, reading_events(world) as log:
        read_some(world, connection, log)
        copy = connection.execute("SELECT * FROM log_source").fetchone()
        read_some(world, connection, log)
        assert copy is not None
        connection.execute("UPDATE log_source SET beat = %s", (copy[2],))

        assert begins_with(world, connection) == ["database"]
        assert begins_with(world, connection) == ["database"]


def test_a_row_that_was_sent_and_is_not_there_is_of_another_history(world: Scratch) -> None:
    with world.connect() as connection, reading_events(world) as log:
        insert_first = row(world, "older", id="01900000-0000-7000-8000-000000000001")
        with capturing(world):
            insert(connection, [insert_first])
            log.read_count(1)
        read_some(world, connection, log)
        connection.execute("DELETE FROM outbox WHERE aggregateid = 'before'")

        assert begins_with(world, connection) == ["database"]


def test_a_gap_that_was_closed_is_vouched_across_again(world: Scratch) -> None:
    with world.connect() as connection, reading_events(world) as log, reading_watermarks(world) as watermarks:
        slot = read_some(world, connection, log)
        drop(connection, slot)
        with capturing(world):
            watermarks.read_until(
                lambda records: bool(records) and b'"slot"' in records[-1].value, DEADLINE_S, "it is said"
            )
            with connection.transaction():
                insert(connection, [row(world, "said again")])
            connection.execute("UPDATE log_gaps SET closed_at = clock_timestamp()")
            watermarks.read_until(
                lambda records: json.loads(records[-1].value)["as_of"] is not None, DEADLINE_S, "it is vouched again"
            )

            assert log.count_in_kafka() == 2


def test_a_topic_that_could_forget_keeps_capture_from_starting(world: Scratch) -> None:
    port = free_port()
    configure(world, "cleanup.policy", "compact,delete")
    with world.connect() as connection, launched(world, capture_metrics_port=port) as capture:
        refused = capture.wait_until_logged("capture_cannot_run")
        wait_until(lambda: keeps(port) == 0, DEADLINE_S, "the page of metrics says so")
        make_topics.make(world.bootstrap, [world.events], fix=True)
        capture.wait_until_reading()

        assert refused["kind"] == "TopicsCouldForget"
        assert "cleanup.policy" in str(refused["reason"])
        assert [(kind, topics) for kind, topics, _ in open_gaps(connection)] == [("topic", [world.topic])]
        wait_until(lambda: keeps(port) == 1, DEADLINE_S, "it keeps everything again")


def test_a_topic_that_comes_to_forget_while_it_is_written_to_is_not_vouched_for(world: Scratch) -> None:
    with world.connect() as connection, reading_watermarks(world) as watermarks, capturing(world) as capture:
        configure(world, "cleanup.policy", "delete")

        assert "cleanup.policy" in str(capture.wait_until_logged("topic_could_forget")["reason"])
        wait_until(lambda: open_gaps(connection), DEADLINE_S, "the gap stays when the setting is put right")
        watermarks.read_until(
            lambda records: bool(records) and b"could forget" in records[-1].value, DEADLINE_S, "it is said"
        )
        assert json.loads(watermarks.records[-1].value)["as_of"] is None


def shown(port: int, kind: str) -> float | None:
    page = process_health.read(f"http://127.0.0.1:{port}/metrics")
    return page.value("rustok_log_gap_open", kind=kind) if page else None


def keeps(port: int) -> float | None:
    page = process_health.read(f"http://127.0.0.1:{port}/metrics")
    return page.value("rustok_capture_topics_keep") if page else None


def remake_publication(world: Scratch, connection: psycopg.Connection) -> None:
    name = sql.Identifier(world.publication)
    connection.execute(sql.SQL("DROP PUBLICATION {}").format(name))
    connection.execute(sql.SQL("CREATE PUBLICATION {} FOR TABLE outbox WITH (publish = 'insert')").format(name))


def remake_topic(world: Scratch) -> None:
    admin = AdminClient({"bootstrap.servers": world.bootstrap})
    for future in admin.delete_topics([world.topic], operation_timeout=DEADLINE_S).values():
        future.result()

    def made() -> bool:
        (outcome,) = make_topics.make(world.bootstrap, [world.events])
        return outcome.action == "created"

    wait_until(made, DEADLINE_S, "the topic is made anew")


def configure(world: Scratch, setting: str, value: str) -> None:
    admin = AdminClient({"bootstrap.servers": world.bootstrap})
    entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource("topic", world.topic, incremental_configs=[entry])
    for future in admin.incremental_alter_configs([resource]).values():
        future.result()

"""Dead letters on real servers: each is one however often it is read, and the table keeps what people decided."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from api.migrations.versions import r0100_dead_letters_by_version
from schemas import topics
from schemas.event_codec import Decoder
from schemas.events.dead_letter import dead_letter_id
from sinks.analytics.sales_facts import MODEL
from sinks.memory_sink import MemorySink
from streams import make_topics
from streams.dead_letters import dead_letters_table as table
from streams.dead_letters.collect_dead_letters import DeadLetterCollector
from streams.dead_letters.dead_letter import UnusableRecord, headers, settled_headers
from streams.dead_letters.read_dead_letter import CollectedRecord, read
from streams.dead_letters.retried_record import RetriedRecord
from streams.dead_letters.send_dead_letters import KafkaDeadLetters
from streams.feeding.feed_read_model import Feeding
from tests.support import raw_records
from tests.support.examples import MOMENT, EverySchema
from tests.support.records import FakeRecord
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

RUBBISH = "no schema has the id 7"


@pytest.fixture
def postgres(servers: Stack) -> Iterator[psycopg.Connection[Any]]:
    servers.rustok("api", "migrate")
    with psycopg.connect(servers.settings.postgres_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def feeding(servers: Stack) -> Callable[[MemorySink, EverySchema], Feeding]:
    make_topics.make(servers.settings.kafka_bootstrap, topics.ALL)

    def make(sink: MemorySink, schemas: EverySchema) -> Feeding:
        made = Feeding(MODEL, sink, Decoder(schemas), KafkaDeadLetters(servers.settings.kafka_bootstrap))
        made.open()
        return made

    return make


def arrived(
    offset: int, *, minutes: int = 0, replay: int | None = None, topic: str = topics.DEAD_LETTERS.name
) -> CollectedRecord:
    own = (("ce_tenantid", str(uuid4()).encode()), ("ce_type", b"order.paid"))
    at = MOMENT + timedelta(minutes=minutes)
    tried: FakeRecord | RetriedRecord = FakeRecord(offset=offset, value=b"\0rubbish", headers=own)
    if replay is not None or topic == topics.SETTLED.name:
        tried = RetriedRecord(
            topic=tried.topic,
            partition=0,
            offset=offset,
            key=None,
            value=tried.value,
            headers=own,
            timestamp=0,
            attempts=1,
            first_failed_at=MOMENT,
            replay=replay,
        )
    if topic == topics.SETTLED.name:
        assert isinstance(tried, RetriedRecord)
        told = settled_headers("scratch-v1", tried, at)
    else:
        told = headers(UnusableRecord(record=tried, feed="scratch-v1", error="Undecodable", reason=f"{RUBBISH}\0"), at)
    sent = [(name, value.encode() if isinstance(value, str) else value) for name, value in told]
    return read(topic, None, tried.value, sent, 0)


@pytest.fixture
def offset() -> int:
    return uuid4().int % 2**62


def held(postgres: psycopg.Connection[Any], offset: int) -> Any:
    id_ = dead_letter_id("scratch-v1", "rustok.order", 0, offset, 0)
    return postgres.execute(
        "SELECT state, attempts, record_value, tenant_id FROM dead_letters WHERE id = %s", (id_,)
    ).fetchone()


def decide(postgres: psycopg.Connection[Any], offset: int, state: str, version: int) -> None:
    id_ = dead_letter_id("scratch-v1", "rustok.order", 0, offset, 0)
    postgres.execute("UPDATE dead_letters SET state = %s, version = %s WHERE id = %s", (state, version, id_))


def test_a_dead_letter_that_is_read_twice_is_one(postgres: psycopg.Connection[Any], offset: int) -> None:
    table.take_in(postgres, [arrived(offset), arrived(offset)])
    table.take_in(postgres, [arrived(offset)])

    assert held(postgres, offset) == ("open", 1, b"\0rubbish", None)
    assert "scratch-v1" in [depth.feed for depth in table.depths(postgres)]


def test_a_topic_that_is_deleted_and_made_again_gives_new_dead_letters(
    servers: Stack, postgres: psycopg.Connection[Any], feeding: Any
) -> None:
    bootstrap, topic = servers.settings.kafka_bootstrap, topics.Topic(name=f"scratch-{uuid4()}", partitions=1)
    feed = feeding(MemorySink(), EverySchema())

    first = only_record(bootstrap, topic, b"rubbish")
    feed.apply([first])
    feed.apply([only_record(bootstrap, topic)])
    (one,) = collected(servers, postgres, topic, 1)
    postgres.execute("UPDATE dead_letters SET state = 'discarded' WHERE id = %s", one[:1])
    delete(bootstrap, topic)
    second = only_record(bootstrap, topic, b"other rubbish")
    feed.apply([second, first])

    assert collected(servers, postgres, topic, 2) == [
        (one[0], 0, b"rubbish", "discarded"),
        (dead_letter_id(MODEL.id, topic.name, 0, 0, second.timestamp), 0, b"other rubbish", "open"),
    ]
    delete(bootstrap, topic)


def only_record(bootstrap: str, topic: topics.Topic, value: bytes | None = None) -> FakeRecord:
    """The first record of a topic; with a `value`, the topic is made and that is put into it."""
    if value is not None:
        make_topics.make(bootstrap, [topic])
        producer = Producer({"bootstrap.servers": bootstrap})
        producer.produce(topic.name, value, b"key")
        assert producer.flush(10) == 0
    with closing(Consumer({"bootstrap.servers": bootstrap, "group.id": topic.name})) as consumer:
        consumer.assign([TopicPartition(topic.name, 0, 0)])
        message: Any = wait_until(lambda: _read(consumer), 20, f"there is a record in {topic.name}")
    return FakeRecord(
        topic=topic.name, offset=message.offset(), value=message.value(), timestamp=message.timestamp()[1]
    )


def _read(consumer: Consumer) -> Any:
    message: Any = consumer.poll(0.5)
    return None if message is None or message.error() else message


def delete(bootstrap: str, topic: topics.Topic) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.delete_topics([topic.name])[topic.name].result(20)
    wait_until(lambda: topic.name not in admin.list_topics(timeout=10).topics, 20, f"{topic.name} is gone")


def collected(servers: Stack, postgres: psycopg.Connection[Any], topic: topics.Topic, number: int) -> list[Any]:
    """The dead letters about a topic in the order of their moments, collected by a process that begins at the start."""

    def found() -> list[Any]:
        query = 'SELECT id, "offset", record_value, state FROM dead_letters WHERE topic = %s ORDER BY committed_at'
        return postgres.execute(query, (topic.name,)).fetchall()

    stopping = Event()
    collector = Thread(target=DeadLetterCollector(servers.settings, stopping, group=f"scratch-{uuid4()}").run)
    collector.start()
    try:
        wait_until(lambda: len(found()) >= number, 20, f"{number} dead letters are in the table")
    finally:
        stopping.set()
        collector.join()
    return found()


def test_a_table_that_is_put_back_to_an_older_copy_gets_the_dead_letters_since_again(
    servers: Stack, postgres: psycopg.Connection[Any], feeding: Any
) -> None:
    bootstrap, topic = servers.settings.kafka_bootstrap, topics.Topic(name=f"scratch-{uuid4()}", partitions=1)
    feed, group, stopping = feeding(MemorySink(), EverySchema()), f"scratch-{uuid4()}", Event()

    def offsets() -> list[int]:
        rows = postgres.execute('SELECT "offset" FROM dead_letters WHERE topic = %s ORDER BY 1', (topic.name,))
        return [offset for (offset,) in rows]

    first = only_record(bootstrap, topic, b"rubbish")
    collector = Thread(target=DeadLetterCollector(servers.settings, stopping, group=group).run)
    collector.start()
    try:
        feed.apply([first])
        wait_until(lambda: offsets() == [0], 20, "the first dead letter is in the table")
        copy = postgres.execute("SELECT * FROM dead_letter_offsets WHERE reader = %s", (group,)).fetchall()
        feed.apply([replace(first, offset=offset, timestamp=first.timestamp + offset) for offset in (1, 2)])
        wait_until(lambda: offsets() == [0, 1, 2], 20, "the others are in the table")
        with postgres.transaction():
            postgres.execute('DELETE FROM dead_letters WHERE topic = %s AND "offset" > 0', (topic.name,))
            postgres.execute("DELETE FROM dead_letter_offsets WHERE reader = %s", (group,))
            for row in copy:
                postgres.execute("INSERT INTO dead_letter_offsets VALUES (%s, %s, %s, %s, %s)", row)
            postgres.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rustok dead letters'"
            )

        wait_until(lambda: offsets() == [0, 1, 2], 20, "they are in the table again")
    finally:
        stopping.set()
        collector.join()
    delete(bootstrap, topic)


def test_a_dead_letter_is_open_again_when_its_own_replay_failed_and_not_for_an_older_one(
    postgres: psycopg.Connection[Any], offset: int
) -> None:
    table.take_in(postgres, [arrived(offset)])
    decide(postgres, offset, "replayed", 2)

    table.take_in(postgres, [arrived(offset, minutes=1, replay=1)])
    older = held(postgres, offset)
    table.take_in(postgres, [arrived(offset, minutes=2, replay=2)])

    assert older[:2] == ("replayed", 2)
    assert held(postgres, offset)[:2] == ("open", 2)


def test_dead_letters_from_before_they_had_versions_are_those_of_the_first(
    postgres: psycopg.Connection[Any], offset: int
) -> None:
    table.take_in(postgres, [arrived(offset)])
    id_ = dead_letter_id("scratch-v1", "rustok.order", 0, offset, 0)
    query = "SELECT id, feed, cause FROM dead_letters WHERE id = %s"
    new = postgres.execute(query, (id_,)).fetchone()

    with postgres.transaction(force_rollback=True):
        postgres.execute("UPDATE dead_letters SET feed = 'scratch', cause = 'old' WHERE id = %s", (id_,))
        for statement in r0100_dead_letters_by_version.STATEMENTS:
            postgres.execute(statement.replace("UPDATE letters", "UPDATE dead_letters"))  # its name since
        migrated = postgres.execute(query, (id_,)).fetchone()

    assert migrated == new


def test_what_is_discarded_stays_so_when_the_log_is_read_again(postgres: psycopg.Connection[Any], offset: int) -> None:
    table.take_in(postgres, [arrived(offset)])
    decide(postgres, offset, "discarded", 1)

    table.take_in(postgres, [arrived(offset), arrived(offset, minutes=5)])

    assert held(postgres, offset)[0] == "discarded"


def test_what_is_settled_is_applied_also_when_that_is_heard_first(
    postgres: psycopg.Connection[Any], offset: int
) -> None:
    table.take_in(postgres, [arrived(offset, minutes=1, topic=topics.SETTLED.name)])
    table.take_in(postgres, [arrived(offset, topic=topics.PARKED.name)])

    assert held(postgres, offset)[:1] == ("applied",)


def test_anything_on_the_dead_letters_topics_is_passed_and_what_comes_behind_it_is_collected(
    servers: Stack, postgres: psycopg.Connection[Any]
) -> None:
    bootstrap, topic = servers.settings.kafka_bootstrap, topics.Topic(name=f"scratch-{uuid4()}", partitions=1)
    make_topics.make(bootstrap, topics.ALL)
    right = FakeRecord(topic=topic.name, value=b"rubbish", headers=(("nul\0\0", b"\0"), ("b3", b"\xff\xfe")))
    told = [
        (name.encode(), value.encode() if isinstance(value, str) else value)
        for name, value in headers(
            UnusableRecord(record=right, feed="scratch-v1", error="E\0", reason="r\0" + "'x" * 3000), MOMENT
        )
    ]
    strange: list[list[tuple[bytes, bytes | None]]] = [
        [],
        [(b"\xff\xfe", b"1")],
        *(
            [*told, (name, value)]
            for name, value in (
                (b"\xff", b"name"),
                (b"rustok_feed", b"sca\0tch"),
                (b"rustok_feed", b"x" * 100_000),
                (b"rustok_feed", None),
                (b"rustok_attempts", b"9" * 18),
                (b"rustok_attempts", b"1_000"),
                (b"rustok_replay", b"1e9"),
                (b"rustok_committed_ms", str(-(2**62)).encode()),
                (b"rustok_first_failed_at", b"2026-01-01T00:00:00"),
                (b"rustok_failed_at", b"\0"),
                (b"__streams.errors.topic", b"y" * 5000),
                (b"__streams.errors.partition", b"-99999999999"),
                (b"__streams.errors.offset", b"9" * 30),
                (b"__streams.errors.offset", "٣".encode()),
            )
        ),
    ]
    for where in (topics.DEAD_LETTERS, topics.PARKED, topics.SETTLED):
        raw_records.put(bootstrap, where.name, [(b"k\0", b"v", one) for one in strange])
    raw_records.put(bootstrap, topics.DEAD_LETTERS.name, [(b"k", b"v", told)])

    (found,) = collected(servers, postgres, topic, 1)

    kept = postgres.execute("SELECT error, reason, headers FROM dead_letters WHERE id = %s", (found[0],)).fetchone()
    assert kept is not None
    assert kept[0] == "E�"
    assert kept[1].startswith("r�'x'x")
    assert [name for name, _ in kept[2]] == ["nul\\0\\0", "b3"]

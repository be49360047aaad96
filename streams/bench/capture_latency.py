"""Measures how long a commit takes to Kafka, beside a bare reader of the same replication stream.

One writer commits at a steady pace. Both sides note when they had each event, and the server's commit time of it,
which only the bare reader can know to the microsecond, is subtracted from both. Server and bench share a clock when
they share a machine; else both figures are off by the same.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from select import select
from threading import Event, Thread
from typing import Any, Final
from uuid import uuid4

import psycopg
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from ops.clients import kafka as kafka_clients
from schemas import outbox_row
from streams.bench.backlog_drain import Running
from streams.bench.scratch_world import Scratch
from streams.capture import hold_slot, outbox_record, pgoutput
from streams.capture.replication_stream import Stream

LOOK_S: Final = 0.05
SETTLE_S: Final = 60.0
LEADER_S: Final = 10.0
WARM_UP: Final = 50
MILLISECONDS: Final = 1000.0
MICROSECONDS: Final = 1_000_000
PAYLOAD: Final = bytes(range(80)) * 4


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from commit to where it was awaited."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Notes:
    """When, in seconds since 1970, an event was committed, was with the bare reader, was readable from Kafka."""

    committed: dict[str, float] = field(default_factory=dict)
    read: dict[str, float] = field(default_factory=dict)
    consumed: dict[str, float] = field(default_factory=dict)

    def clear(self) -> None:
        for noted in (self.committed, self.read, self.consumed):
            noted.clear()


def measure(
    world: Scratch, commits: int, per_second: float, running: Running, *, warm_up: int = WARM_UP
) -> tuple[Latency, Latency]:
    """(to Kafka, to the bare reader). The first commits, as many as `warm_up` says, do not count."""
    notes = Notes()
    ours, bare = f"{world.name}_live", f"{world.name}_bare"
    with (
        world.connect() as connection,
        _dropping(connection, ours, bare),
        running(world, ours),
        _reader(world, connection, bare) as stream,
        closing(_consumer(world)) as consumer,
        _thread(lambda stop: _read(stream, notes, stop)),
        _thread(lambda stop: _consume(consumer, notes, stop)),
    ):
        _wait(lambda: _in_use(connection, ours), "capture to start")
        for number in (warm_up, commits):
            notes.clear()
            _commit(world, connection, number, per_second)
            _wait(lambda: min(len(notes.consumed), len(notes.read)) >= number, "the last events")  # noqa: B023  # waited for at once
    return (
        _summary([notes.consumed[event] - committed for event, committed in notes.committed.items()]),
        _summary([notes.read[event] - committed for event, committed in notes.committed.items()]),
    )


def _commit(world: Scratch, connection: psycopg.Connection, commits: int, per_second: float) -> None:
    columns = list(outbox_row.OutboxRow.__dataclass_fields__)
    insert = f"INSERT INTO {outbox_row.TABLE} VALUES ({', '.join('%s' for _ in columns)})"  # noqa: S608  # a constant
    begun = time.monotonic()
    for number in range(commits):
        time.sleep(max(0.0, begun + number / per_second - time.monotonic()))
        text = dict.fromkeys(columns, "0197a0c4-6e5f-7c3a-9b0e-2f4d5c6b7a81")
        row = {**text, "id": uuid4(), "aggregatetype": world.aggregate_type, "aggregateid": str(uuid4())}
        connection.execute(insert.encode(), list({**row, "payload": PAYLOAD}.values()))


@contextmanager
def _reader(world: Scratch, connection: psycopg.Connection, slot: str) -> Iterator[Stream]:
    connection.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,))
    started = hold_slot.start(world.url, slot, world.publication)
    if started is None:
        raise RuntimeError(f"slot {slot} was just made and is in use")
    with closing(Stream(started)) as stream:
        yield stream


def _read(stream: Stream, notes: Notes, stop: Event) -> None:
    """Notes when each event arrives here, and when the server says it was committed."""
    committed_at = end = 0
    while not stop.is_set():
        select([stream], [], [], LOOK_S)
        for message in stream.read():
            now = time.time()
            if message[0] != pgoutput.LOG_DATA:
                stream.confirm(end, end)
                continue
            match message[pgoutput.BODY]:
                case pgoutput.BEGIN:
                    _, committed_at = pgoutput.begin(message)
                case pgoutput.INSERT:
                    (event_id,), _ = pgoutput.columns(message, pgoutput.ROW, 1)
                    event = outbox_record.uuid_text(event_id or b"")
                    notes.read[event] = now
                    notes.committed[event] = committed_at / MICROSECONDS
                case pgoutput.COMMIT:
                    end, _ = pgoutput.commit(message)


def _consumer(world: Scratch) -> Consumer:
    consumer = kafka_clients.consumer(
        world.bootstrap,
        {
            "group.id": world.name,
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 50,
        },
    )
    partitions = [TopicPartition(world.topic, number) for number in range(world.partitions)]
    consumer.assign(
        [TopicPartition(world.topic, partition.partition, _end(consumer, partition)) for partition in partitions]
    )
    return consumer


def _end(consumer: Consumer, partition: TopicPartition) -> int:
    """Of a topic that was made a moment ago, and may have no leader yet."""
    deadline = time.monotonic() + LEADER_S
    while True:
        try:
            return int(consumer.get_watermark_offsets(partition)[1])
        except KafkaException as not_yet:
            if not_yet.args[0].code() != KafkaError.NOT_LEADER_FOR_PARTITION or time.monotonic() > deadline:
                raise
            time.sleep(LOOK_S)


def _consume(consumer: Consumer, notes: Notes, stop: Event) -> None:
    """Notes when each event can be read from Kafka."""
    while not stop.is_set():
        message = consumer.poll(LOOK_S)
        if message is not None and message.error() is None:
            headers: Any = message.headers()
            notes.consumed[headers[0][1].decode()] = time.time()


def _summary(seconds: list[float]) -> Latency:
    ordered = sorted(seconds)
    return Latency(p50=ordered[len(ordered) // 2] * MILLISECONDS, p99=ordered[int(len(ordered) * 0.99)] * MILLISECONDS)


@contextmanager
def _thread(work: Callable[[Event], None]) -> Iterator[None]:
    stop = Event()
    thread = Thread(target=work, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _dropping(connection: psycopg.Connection, *slots: str) -> Iterator[None]:
    """None of the slots is there afterwards."""
    yield
    for slot in slots:
        _wait(lambda: not _in_use(connection, slot), f"{slot} to be free")  # noqa: B023  # waited for at once
        connection.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", (slot,)
        )


def _in_use(connection: psycopg.Connection, slot: str) -> bool:
    query = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
    return connection.execute(query, (slot,)).fetchone() == (True,)


def _wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + SETTLE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {SETTLE_S:.0f} s for {what}")
        time.sleep(LOOK_S)

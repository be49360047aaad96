"""Times how fast a backlog is drained: by a capture into Kafka, or by `pg_recvlogical` into /dev/null.

All read the same transactions, one row each: the slot is copied for each of them. The clock starts when the server
shows the slot in use and stops when the last event is in Kafka, or for `pg_recvlogical` when it has received it.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # public, but not in its stubs
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ops.clients import kafka as kafka_clients
from ops.failure import Failure
from streams.bench import process_usage
from streams.bench.outbox_backlog import base_slot
from streams.bench.scratch_world import Scratch

LOOK_EVERY_S: Final = 0.01
DEADLINE_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Drained:
    """One run over the whole backlog."""

    events_per_s: float
    cpu_s: float
    peak_bytes: int


class DidNotFinish(Failure):
    """A run failed or took too long; what is known of it is the message."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "Look whether all servers are well (`rustok status`), then run it again.")


#: Runs a capture of the world from the slot.
Running = Callable[[Scratch, str], AbstractContextManager["subprocess.Popen[bytes]"]]


def into_kafka(world: Scratch, events: int, running: Running) -> Drained:
    admin = kafka_clients.admin(world.bootstrap)
    goal = _records(admin, world) + events
    with world.connect() as connection, _copied_slot(connection, world) as slot:
        with running(world, slot) as process:
            started = _wait(lambda: _in_use(connection, slot), process)
            before = process_usage.of(process.pid)
            ended = _wait(lambda: _records(admin, world) >= goal, process)
            after = process_usage.of(process.pid)
        return Drained(_rate(events, ended - started), after.cpu_s - before.cpu_s, after.peak_bytes)


def into_nothing(world: Scratch, events: int, end: str, pg_recvlogical: str) -> Drained:
    given = {name: str(value) for name, value in conninfo_to_dict(world.url).items()}
    environment = {**os.environ, "PGPASSWORD": given.pop("password", "")}  # a command line is for all to read
    used = process_usage.Usage()

    def done(process: "subprocess.Popen[bytes]") -> bool:
        nonlocal used
        used = max(used, process_usage.of(process.pid), key=lambda seen: seen.cpu_s)
        return process.poll() == 0

    with world.connect() as connection, _copied_slot(connection, world) as slot:
        command = _command(pg_recvlogical, make_conninfo(**given), slot, world.publication, end)
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
            try:
                # A small backlog can be over before anybody has looked.
                started = _wait(lambda: _in_use(connection, slot) or process.poll() == 0, process)
                ended = _wait(lambda: done(process), process)
            finally:
                process.kill()
        return Drained(_rate(events, ended - started), used.cpu_s, used.peak_bytes)


def _rate(events: int, seconds: float) -> float:
    return events / max(seconds, LOOK_EVERY_S)


def _command(pg_recvlogical: str, dsn: str, slot: str, publication: str, end: str) -> tuple[str, ...]:
    options = ("proto_version=1", f"publication_names={publication}", "binary=true")
    return (
        pg_recvlogical,
        *("--dbname", dsn, "--slot", slot, "--start", "--no-loop", "--endpos", end, "--file", os.devnull),
        *(part for option in options for part in ("--option", option)),
    )


@contextmanager
def _copied_slot(connection: psycopg.Connection, world: Scratch) -> Iterator[str]:
    slot = f"{world.name}_copy"
    connection.execute("SELECT pg_copy_logical_replication_slot(%s, %s)", (base_slot(world), slot))
    try:
        yield slot
    finally:
        _wait(lambda: not _in_use(connection, slot), None)
        connection.execute("SELECT pg_drop_replication_slot(%s)", (slot,))


def _in_use(connection: psycopg.Connection, slot: str) -> bool:
    query = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
    return connection.execute(query, (slot,)).fetchone() == (True,)


def _records(admin: AdminClient, world: Scratch) -> int:
    """How many are in the topic; nothing is ever removed from it."""
    newest = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # no types there
    partitions = {TopicPartition(world.topic, number): newest for number in range(world.partitions)}
    return sum(future.result().offset for future in admin.list_offsets(partitions).values())


def _wait(condition: Callable[[], bool], process: "subprocess.Popen[bytes] | None") -> float:
    """The moment the condition was first seen to hold."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if process is not None and process.poll():
            raise DidNotFinish(process.stderr.read().decode(errors="replace") if process.stderr else "")
        if time.monotonic() > deadline:
            raise DidNotFinish(f"not done after {DEADLINE_S:.0f} s")
        time.sleep(LOOK_EVERY_S)
    return time.monotonic()

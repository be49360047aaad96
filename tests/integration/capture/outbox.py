"""Writing to the outbox of a scratch world, and running capture over it."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from uuid import uuid4

import psycopg
from psycopg import sql

from schemas.outbox_row import TABLE, OutboxRow
from streams.bench import capture_process
from streams.bench.scratch_world import Scratch
from tests.support.waiting import wait_until

DEADLINE_S = 30


def row(world: Scratch, aggregate_id: str, version: int = 1, **changes: object) -> OutboxRow:
    given: dict[str, object] = {
        "id": uuid4(),
        "aggregatetype": world.aggregate_type,
        "aggregateid": aggregate_id,
        "type": "order.placed",
        "payload": b"\0\0\0\0\1" + f"{aggregate_id}/{version}".encode(),
        "ce_specversion": "1.0",
        "ce_source": "rustok",
        "ce_time": "2026-01-02T01:04:05.678901Z",
        "tenant_id": "0197a0c4-6e5f-7c3a-9b0e-2f4d5c6b7a81",
        "aggregate_version": str(version),
        "correlation_id": "c-1",
        "causation_id": None,
        "actor_id": "grüße",
        "schema_version": "1",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    }
    return OutboxRow(**{**given, **changes})  # type: ignore[arg-type]  # as the fields are declared


def insert(connection: psycopg.Connection, rows: list[OutboxRow]) -> None:
    """In one statement each, in the connection's transaction."""
    names = [field.name for field in fields(OutboxRow)]
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(TABLE),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(sql.Placeholder() * len(names)),
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [astuple(each) for each in rows])


def flood(connection: psycopg.Connection, world: Scratch, rows: int, row_bytes: int) -> None:
    """One transaction, made by the server."""
    connection.execute(
        """
        INSERT INTO outbox
        SELECT gen_random_uuid(), %s, 'order-' || n %% 20, 'order.placed', decode(repeat(md5(n::text), %s), 'hex'),
            '1.0', 'rustok', '', '', n::text, '', NULL, '', '1', ''
        FROM generate_series(1, %s) n
        """,
        (world.aggregate_type, row_bytes // 16, rows),
    )


@dataclass(frozen=True, slots=True)
class Capture:
    """A running capture process."""

    world: Scratch
    slot: str
    process: "subprocess.Popen[bytes]"

    def wait_until_reading(self) -> None:
        wait_until(self.is_reading, DEADLINE_S, f"capture {self.process.pid} reads from {self.slot}")

    def is_reading(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()[1].decode()
        return reader(self.world, self.slot) is not None

    def wait_until_logged(self, event: str) -> dict[str, object]:
        """The line of the log; those before it are passed over."""
        assert self.process.stderr is not None
        for line in iter(self.process.stderr.readline, b""):
            said: dict[str, object] = json.loads(line)
            if said["event"] == event:
                return said
        raise AssertionError(f"it ended without saying {event}")

    def events(self) -> list[str]:
        """The events it logged from here on until it ended."""
        _, said = self.process.communicate(timeout=DEADLINE_S)
        return [json.loads(line)["event"] for line in said.decode().splitlines()]


def reader(world: Scratch, slot: str) -> int | None:
    """The server's process that serves the slot's reader."""
    with world.connect() as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_replication JOIN pg_replication_slots ON pid = active_pid WHERE slot_name = %s",
            (slot,),
        )
        pid = found.fetchone()
        return pid[0] if pid else None


@contextmanager
def capturing(world: Scratch, **settings: object) -> Iterator[Capture]:
    """A capture that reads, until the end of the block; it may be killed inside."""
    with launched(world, **settings) as capture:
        capture.wait_until_reading()
        yield capture


@contextmanager
def launched(world: Scratch, **settings: object) -> Iterator[Capture]:
    slot = f"{world.name}_slot"
    process = capture_process.start(world, slot, log_format="json", **settings)
    try:
        yield Capture(world, slot, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()

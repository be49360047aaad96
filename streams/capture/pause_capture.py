"""Keeps every capture from reading for as long as a block lasts: it holds the lock that who reads has to hold.

Whoever reads is ended, and comes back to stand by; it is waited for as any capture waits for the one before it (its
lease). The lock is a session's: when this process is killed the captures go on by themselves.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, Final

import psycopg

from ops.clients import database_roles
from ops.settings import Settings
from streams.capture import event_producer, hold_slot
from streams.capture.transactional_producer import ExactProducer

_LOOK_AGAIN_S: Final = 0.2
_ACTIVE: Final = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = %(slot)s AND active"

_END_READER: Final = """
    SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %(slot)s AND active
"""


class PauseLost(Exception):
    """PostgreSQL has ended the session that held the captures up: one may read again."""


class Pause:
    """While it lasts nothing is sent to Kafka. `check` is to be called every few seconds."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def check(self) -> None:
        """Shows those who stand by that somebody lives. Raises `PauseLost`."""
        try:
            self._connection.execute("SELECT")
        except psycopg.OperationalError as ended:
            raise PauseLost("PostgreSQL has ended the session that held the captures up") from ended


@contextmanager
def paused(settings: Settings) -> Iterator[Pause]:
    """Returns when nobody sends any more. Raises `psycopg.OperationalError`, `PauseLost`."""
    names = hold_slot.names(settings.capture_slot)
    with closing(database_roles.connect(settings, "capture", name="pause of captures")) as holding:
        _take_lock(settings, holding, names)
        pause = Pause(holding)
        over_at = time.monotonic() + max(settings.capture_lease_s, hold_slot.STRAGGLERS_S)
        while time.monotonic() < over_at or holding.execute(_ACTIVE, names).fetchone() != (0,):
            pause.check()
            time.sleep(_LOOK_AGAIN_S)
        if settings.capture_exact:  # a transaction of the one before could be committed yet
            transactional_id = f"rustok-capture-{settings.capture_slot}"
            client = event_producer.connect(settings.kafka, transactional_id=transactional_id)
            ExactProducer(client, topic="").take_over()
        yield pause


def _take_lock(settings: Settings, holding: psycopg.Connection[Any], names: dict[str, object]) -> None:
    """Who waits for a lock has it before whoever only tries: so it is waited for, and then who has it is ended."""
    with (
        ThreadPoolExecutor(1) as pool,
        closing(database_roles.connect(settings, "capture", name="pause of captures")) as other,
    ):
        taken = pool.submit(holding.execute, "SELECT pg_advisory_lock(%(lock)s, %(name)s)", names)
        pid = holding.info.backend_pid
        while not taken.done():
            if _waits(other, pid):
                other.execute(f"{hold_slot.EVICT} AND pid <> %(own)s", {**names, "own": pid})
            time.sleep(_LOOK_AGAIN_S)
        taken.result()
        other.execute(_END_READER, names)


def _waits(connection: psycopg.Connection[Any], pid: int) -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE pid = %s AND locktype = 'advisory' AND NOT granted"
    return connection.execute(query, (pid,)).fetchone() == (1,)

"""Lets one capture read from the slot, while every other one stands by.

The holder has two things: an advisory lock of the database, on the session it also asks the server's clock on, and the
slot itself. A lock that is free says that the process that had it is dead, or has thrown away what it had not sent: the
kernel closes the connections of a process after its last thread has ended. So taking over is a matter of milliseconds.

A holder that gives no sign of life is evicted: both its sessions are ended. It may still be alive, cut off or on a
machine that sleeps, so its successor waits until its lease (`lease`) is over as well. The same holds for a server that
has just started, because that ended everybody's sessions.
"""

import time
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

import psycopg
import structlog
from psycopg import errors, sql

from ops import metrics
from ops.clients import postgres
from streams.capture.replication_slot import SlotLost, Stopped

STANDBY_POLL_S: Final = 0.02
LOOK_FOR_SIGNS_S: Final = 0.25

#: What a process had handed to the network when it died has long been taken by Kafka after so long.
STRAGGLERS_S: Final = 0.2

#: The server drops a reader that has been silent for so long, unless somebody says otherwise.
SILENT_READER_S: Final = 10.0

LOCK: Final = 0x5275_7374

_HOLDER: Final = """
    SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND classid = %(lock)s AND objid = %(name)s
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
# Who may not see all statistics sees no reply of the reader's, but what its own role asks on the other session.
_SIGN: Final = f"""
    SELECT s.active_pid, r.reply_time::text, ({_HOLDER}),
        (SELECT query_start::text FROM pg_stat_activity WHERE pid = ({_HOLDER}))
    FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid
    WHERE s.slot_name = %(slot)s
"""  # noqa: S608  # constants
EVICT: Final = f"""
    SELECT count(pg_terminate_backend(pid)) FROM (
        SELECT active_pid AS pid FROM pg_replication_slots WHERE slot_name = %(slot)s AND active
        UNION {_HOLDER}
    ) AS holder WHERE pid <> pg_backend_pid()
"""  # noqa: S608  # constants
# The sessions of before ended when these processes were started; who may not see them sees the server's own start.
_SERVER_AGE: Final = """
    SELECT extract(epoch FROM clock_timestamp() - coalesce(
        (SELECT max(backend_start) FROM pg_stat_activity WHERE backend_type = 'checkpointer'),
        pg_postmaster_start_time()))::float8
"""

log = structlog.get_logger(__name__)


class Sign(NamedTuple):
    """Of life: it changes as long as there is any."""

    reader: int | None
    replied: str | None
    holder: int | None
    asked: str | None = None


class Holding:
    """The lock on `connection` and then the slot."""

    def __init__(
        self,
        connection: psycopg.Connection,
        url: str,
        slot: str,
        publication: str,
        *,
        evict_after_s: float,
        lease_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._url = url
        self._slot = slot
        self._publication = publication
        self._evict_after_s = max(evict_after_s, lease_s)
        self._lease_s = lease_s
        self._now = now
        self._names = names(slot)
        self._locked = False
        self._sign: Sign | None = None
        self._sign_at = self._look_at = now()
        self._not_before = 0.0

    def take(self, stopping: Callable[[], bool]) -> psycopg.Connection:
        """A connection that streams from the slot; waits while somebody else has it."""
        self._not_before = self._now() + max(0.0, self._lease_s - self._server_age())
        standing_by = False
        while not stopping():
            if self._lock(standing_by) and self._now() >= self._not_before and self._is_free():
                stream = start(self._url, self._slot, self._publication, silent_reader_s=self._evict_after_s)
                if stream is not None:
                    log.info("capture_took_over" if standing_by else "capture_started", slot=self._slot)
                    metrics.CAPTURE_ACTIVE.set(1)
                    return stream
            if not standing_by and not (self._locked and self._now() < self._not_before):
                standing_by = True
                metrics.CAPTURE_ACTIVE.set(0)
                log.info("capture_stands_by", slot=self._slot)
            self._evict_who_is_silent()
            time.sleep(STANDBY_POLL_S)
        raise Stopped

    def _lock(self, standing_by: bool) -> bool:
        if not self._locked:
            row = self._connection.execute("SELECT pg_try_advisory_lock(%(lock)s, %(name)s)", self._names).fetchone()
            self._locked = row == (True,)
            if self._locked and standing_by:
                self._not_before = max(self._not_before, self._now() + STRAGGLERS_S)
        return self._locked

    def _is_free(self) -> bool:
        # Asked first because each refused START_REPLICATION is an error in the server's log.
        query = "SELECT active FROM pg_replication_slots WHERE slot_name = %(slot)s"
        return self._connection.execute(query, self._names).fetchone() != (True,)

    def _evict_who_is_silent(self) -> None:
        now = self._now()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_FOR_SIGNS_S
        found = self._connection.execute(_SIGN, self._names).fetchone()
        sign = Sign(*found) if found is not None else None
        if sign != self._sign:
            self._sign, self._sign_at = sign, now
        elif sign is not None and now - self._sign_at >= self._evict_after_s:
            if self._connection.execute(EVICT, self._names).fetchone() != (0,):
                log.warning("holder_evicted", slot=self._slot, silent_s=round(now - self._sign_at, 1))
                metrics.CAPTURE_EVICTIONS.inc()
                self._not_before = self._now() + self._lease_s
            self._sign_at = now

    def _server_age(self) -> float:
        row = self._connection.execute(_SERVER_AGE).fetchone()
        return float(row[0]) if row else 0.0


def names(slot: str) -> dict[str, object]:
    """Of the slot and its lock, for statements."""
    return {"slot": slot, "lock": LOCK, "name": zlib.crc32(slot.encode()) & 0x7FFF_FFFF}


def start(
    url: str, slot: str, publication: str, *, silent_reader_s: float = SILENT_READER_S
) -> psycopg.Connection | None:
    """A connection that streams from the slot; None while another reader has it."""
    stream = postgres.replication(url, name=f"capture {slot}")
    stream.execute(sql.SQL("SET wal_sender_timeout = {}").format(sql.Literal(f"{silent_reader_s * 1000:.0f}ms")))
    begin = sql.SQL(
        "START_REPLICATION SLOT {slot} LOGICAL 0/0 (proto_version '1', publication_names {names}, binary 'true')"
    ).format(slot=sql.Identifier(slot), names=sql.Literal(sql.Identifier(publication).as_string()))
    try:
        stream.execute(begin)
    except errors.ObjectInUse:
        stream.close()
        return None
    except errors.ObjectNotInPrerequisiteState as lost:
        stream.close()
        raise SlotLost(slot, lost.diag.message_primary or "invalidated") from lost
    return stream

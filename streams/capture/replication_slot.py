"""Prepares the replication slot, from which Postgres keeps the log since the last confirmed position.

The publication says what is read; it must be there before the slot, because the server only warns about a missing one
and moves on without its rows. The migrations make it; capture makes the slot. `holding` says who reads from it.
"""

from collections.abc import Sequence
from typing import Final

import psycopg
import structlog
from psycopg import errors, sql

from schemas import outbox_publication, outbox_row
from streams.capture import remembered_source
from streams.capture.source_identity import Opening

#: From this version of the server on, a slot can go on at a standby server.
FAILOVER_SINCE: Final = 170_000

log = structlog.get_logger(__name__)


class PublicationUnusable(Exception):
    """What the publication sends is not what was committed to the outbox."""

    def __init__(self, publication: str) -> None:
        super().__init__(
            f"publication {publication} must hold exactly the inserts of table {outbox_row.TABLE}, and it does not. "
            "`rustok api migrate` makes it so. If it was there before, events committed meanwhile were not captured: a "
            "gap is opened."
        )


class SlotUnusable(Exception):
    """There is a slot of this name, and nothing of ours can be read from it."""


class SlotLost(Exception):
    """PostgreSQL no longer keeps the log that the slot needs. The next start makes a new one."""

    def __init__(self, slot: str, reason: str) -> None:
        super().__init__(f"Postgres no longer keeps the log for slot {slot} ({reason})")


class Stopped(Exception):
    """Asked to end while standing by."""


def publication_is_right(publication: str) -> sql.Composed:
    """The condition, to be used in a query."""
    return sql.SQL(outbox_publication.IS_RIGHT).format(
        publication=sql.Literal(publication), table=sql.Literal(outbox_row.TABLE)
    )


def prepare(
    connection: psycopg.Connection,
    slot: str,
    publication: str,
    *,
    topics: Sequence[str],
    was_there: bool,
    failover: bool = False,
) -> None:
    """Checks the publication; makes the slot when there is none, or when it was lost and no use to anybody any more.

    That opens a gap if `was_there` (somebody captured before), or if rows were committed already. `failover`: a new
    slot is kept in step at standby servers that ask for it, so that reading goes on where one of them takes the
    server's place. Servers before PostgreSQL 17 cannot do that.
    """
    row = connection.execute(sql.SQL("SELECT {}").format(publication_is_right(publication))).fetchone()
    if row != (True,):
        raise PublicationUnusable(publication)
    found = connection.execute(
        "SELECT plugin, database = current_database(), coalesce(invalidation_reason, ''), wal_status"
        " FROM pg_replication_slots WHERE slot_name = %s",
        (slot,),
    ).fetchone()
    match found:
        case None:
            why = f"slot {slot} was not there any more" if was_there else _earlier_rows(connection, publication)
            _make(connection, slot, topics, why, failover=failover)
        case ("pgoutput", True, reason, status):
            if reason or status == "lost":
                _open_gap(connection, topics, f"slot {slot} was lost: {reason or status}")
                connection.execute("SELECT pg_drop_replication_slot(%s)", (slot,))
                _make(connection, slot, topics, "", failover=failover)
        case _:
            raise SlotUnusable(
                f"there is a slot {slot} already, of another database or plugin; name another in RUSTOK_CAPTURE_SLOT"
            )


def _make(connection: psycopg.Connection, slot: str, topics: Sequence[str], why: str, *, failover: bool) -> None:
    """The gap first: whoever dies in between finds it open."""
    if why:
        _open_gap(connection, topics, why)
    follows = failover and connection.info.server_version >= FAILOVER_SINCE
    make = "SELECT pg_create_logical_replication_slot(%s, 'pgoutput'{})".format(", failover => true" if follows else "")
    try:
        connection.execute(make.encode(), (slot,))
    except errors.DuplicateObject:
        return  # another capture was a moment earlier
    log.info("slot_made", slot=slot, failover=follows)


def _earlier_rows(connection: psycopg.Connection, publication: str) -> str:
    """Why events are missing from the start; empty when none are."""
    table = connection.execute(
        "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = %s", (publication,)
    ).fetchone()
    rows = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(*(table or (outbox_row.TABLE,))))
    there = connection.execute(rows).fetchone() == (True,)
    return "rows were in the outbox before there was a slot" if there else ""


def _open_gap(connection: psycopg.Connection, topics: Sequence[str], why: str) -> None:
    log.warning("gap_opened", kind="slot", detail=why)
    remembered_source.open_gaps(connection, [Opening("slot", why)], topics)

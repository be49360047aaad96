"""Where does reading go on? At the replication slot: Postgres keeps the log from the last confirmed position.

The publication says what is read; it must be there before the slot, because the server only warns about a missing one
and moves on without its rows. The migrations make it; capture makes the slot. A slot has one reader: whoever comes
second stands by, and takes over within milliseconds when the slot becomes free.
"""

import time
from collections.abc import Callable
from typing import Final

import psycopg
import structlog
from psycopg import errors, sql

from schemas import outbox

STANDBY_POLL_S: Final = 0.02

#: The server drops a reader that has been silent for so long, so that a hung one does not hold the slot.
SILENT_READER_TIMEOUT: Final = "10s"

# One row, true: the publication has the inserts of the outbox table, all of them, and nothing else.
PUBLICATION_IS_RIGHT: Final = """
    EXISTS (
        SELECT FROM pg_publication p
        JOIN pg_publication_rel r ON r.prpubid = p.oid
        JOIN pg_class c ON c.oid = r.prrelid
        WHERE p.pubname = {publication} AND c.relname = {table} AND r.prqual IS NULL AND r.prattrs IS NULL
          AND p.pubinsert AND NOT (p.pubupdate OR p.pubdelete OR p.pubtruncate OR p.puballtables)
          AND (SELECT count(*) FROM pg_publication_rel other WHERE other.prpubid = p.oid) = 1
    )
"""

log = structlog.get_logger(__name__)


class PublicationUnusable(Exception):
    """What the publication sends is not what was committed to the outbox."""

    def __init__(self, publication: str) -> None:
        super().__init__(
            f"publication {publication} must hold exactly the inserts of table {outbox.TABLE}, and it does not. "
            "`rustok api migrate` makes it. If it was there before, events committed meanwhile were not captured: "
            "write them again from the tables."
        )


class SlotUnusable(Exception):
    """There is a slot of this name, and nothing of ours can be read from it."""


class SlotLost(Exception):
    def __init__(self, slot: str, reason: str) -> None:
        super().__init__(
            f"Postgres no longer keeps the log for slot {slot} ({reason}). Events that were not confirmed must be "
            f"written again from the tables; drop the slot with pg_drop_replication_slot('{slot}') and start again. "
            "A larger max_slot_wal_keep_size gives more time."
        )


class Stopped(Exception):
    """Asked to end while standing by."""


def publication_is_right(publication: str) -> sql.Composed:
    """The condition, to be used in a query."""
    return sql.SQL(PUBLICATION_IS_RIGHT).format(publication=sql.Literal(publication), table=sql.Literal(outbox.TABLE))


def prepare(connection: psycopg.Connection, slot: str, publication: str) -> None:
    """Checks the publication; makes the slot when there is none."""
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
            _make(connection, slot, publication)
        case ("pgoutput", True, reason, status):
            if reason or status == "lost":
                raise SlotLost(slot, reason or status)
        case _:
            raise SlotUnusable(
                f"there is a slot {slot} already, of another database or plugin; name another in RUSTOK_CAPTURE_SLOT"
            )


def take(
    connection: psycopg.Connection, url: str, slot: str, publication: str, stopping: Callable[[], bool]
) -> psycopg.Connection:
    """A connection that streams from the slot; waits while another reader has it."""
    standing_by = False
    while not stopping():
        if _is_free(connection, slot):
            stream = start(url, slot, publication)
            if stream is not None:
                log.info("capture_took_over" if standing_by else "capture_started", slot=slot)
                return stream
        if not standing_by:
            standing_by = True
            log.info("capture_stands_by", slot=slot)
        time.sleep(STANDBY_POLL_S)
    raise Stopped


def start(url: str, slot: str, publication: str) -> psycopg.Connection | None:
    """A connection that streams from the slot; None while another reader has it."""
    stream = psycopg.connect(url, replication="database", autocommit=True, application_name=f"capture {slot}")
    stream.execute(sql.SQL("SET wal_sender_timeout = {}").format(sql.Literal(SILENT_READER_TIMEOUT)))
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


def _make(connection: psycopg.Connection, slot: str, publication: str) -> None:
    try:
        connection.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,))
    except errors.DuplicateObject:
        return  # another capture was a moment earlier
    table = connection.execute(
        "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = %s", (publication,)
    ).fetchone()
    rows = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(*(table or (outbox.TABLE,))))
    if connection.execute(rows).fetchone() == (True,):
        log.warning("slot_made", slot=slot, earlier_rows="in the outbox, and not captured")
    else:
        log.info("slot_made", slot=slot)


def _is_free(connection: psycopg.Connection, slot: str) -> bool:
    # Asked first because each refused START_REPLICATION is an error in the server's log.
    return connection.execute("SELECT active FROM pg_replication_slots WHERE slot_name = %s", (slot,)).fetchone() != (
        True,
    )

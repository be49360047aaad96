"""Reads and writes the chains over the audit trail: what waits for its place, the places, and what is in none.

As the keeper of the tables, who sees the rows of all tenants.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.audit import AuditEntry
from api.domain.audit_chain import GENESIS, Link, hash_of
from api.store import column_arrays
from api.store.audit import COLUMNS, SELECTED, entry

Connection = psycopg.Connection[Any]
#: Two that chain at once take turns. The number is arbitrary and ours.
_LOCK: Final = 7_305_210
# A transaction below the horizon is over, and none that is not can come below it any more. What is at or above the end
# of this server's count came from another one, with a dump: its transactions are over, too.
_WAITING: Final = f"""
    SELECT {SELECTED} FROM audit_unchained q JOIN audit a ON a.tenant_id = q.chain AND a.id = q.id
    WHERE (q.xid < pg_snapshot_xmin(pg_current_snapshot()) OR q.xid >= pg_snapshot_xmax(pg_current_snapshot()))
      AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.tenant_id = a.tenant_id AND c.entry_id = a.id)
    ORDER BY q.xid, q.id LIMIT %s
"""  # noqa: S608  # literals


@dataclass(frozen=True, slots=True)
class Head:
    """The last place of a chain, and how many were given with it."""

    chain_id: UUID
    seq: int
    hash: bytes
    given: int


def chain_waiting(connection: Connection, limit: int) -> list[Head]:
    """Gives up to `limit` rows their places, in the order of their transactions; the new head of each chain.

    In the caller's transaction: at the level "read committed", which sees what the one before has done.
    """
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    waiting = [entry(row) for row in connection.execute(_WAITING, (limit,))]
    waiting.sort(key=attrgetter("tenant_id"))  # stable: inside a chain their order stays
    heads = []
    for chain_id, entries in groupby(waiting, key=attrgetter("tenant_id")):
        heads.append(_append(connection, chain_id, list(entries)))
    return heads


def waiting_since(connection: Connection) -> float:
    """When the oldest row came that waits, in seconds since 1970; 0 when none does."""
    row = connection.execute(
        "SELECT coalesce(extract(epoch FROM min(a.at)), 0)"
        " FROM audit_unchained q JOIN audit a ON a.tenant_id = q.chain AND a.id = q.id"
    ).fetchone()
    return float(row[0]) if row else 0.0


def chain_ids(connection: Connection) -> list[UUID]:
    """Of every tenant that has a row or a place in a chain."""
    rows = connection.execute("SELECT tenant_id FROM audit UNION SELECT tenant_id FROM audit_chain ORDER BY 1")
    return [chain_id for (chain_id,) in rows]


def links(connection: Connection, chain_id: UUID) -> Iterator[Link]:
    """All places of a chain, in order; read bit by bit, in the caller's transaction."""
    with connection.cursor(name="audit_links") as cursor:
        cursor.execute(
            f"SELECT c.seq, c.hash, {SELECTED} FROM audit_chain c"  # noqa: S608  # literals
            " LEFT JOIN audit a ON a.tenant_id = c.tenant_id AND a.id = c.entry_id"
            " WHERE c.tenant_id = %s ORDER BY c.seq",
            (chain_id,),
        )
        for seq, hash_, *row in cursor:
            yield Link(seq, bytes(hash_), None if row[COLUMNS.index("id")] is None else entry(row))


def outside(connection: Connection, chain_id: UUID) -> list[UUID]:
    """Rows that have no place in the chain and wait for none: nobody wrote them in the way rows are written."""
    rows = connection.execute(
        "SELECT a.id FROM audit a WHERE a.tenant_id = %(chain)s"
        " AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.tenant_id = a.tenant_id AND c.entry_id = a.id)"
        " AND NOT EXISTS (SELECT FROM audit_unchained q WHERE q.chain = a.tenant_id AND q.id = a.id) ORDER BY a.id",
        {"chain": chain_id},
    )
    return [id_ for (id_,) in rows]


def how_many(connection: Connection, chain_id: UUID) -> Mapping[str, int]:
    """Rows that have their place, and rows that wait for it."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM audit_chain WHERE tenant_id = %(chain)s),"
        " (SELECT count(*) FROM audit_unchained WHERE chain = %(chain)s)",
        {"chain": chain_id},
    ).fetchone()
    chained, waiting = row or (0, 0)
    return {"chained": chained, "waiting": waiting}


def _append(connection: Connection, chain_id: UUID, entries: Sequence[AuditEntry]) -> Head:
    row = connection.execute(
        "SELECT seq, hash FROM audit_chain WHERE tenant_id = %s ORDER BY seq DESC LIMIT 1", (chain_id,)
    ).fetchone()
    last, before = (0, GENESIS) if row is None else (int(row[0]), bytes(row[1]))
    made = []
    for seq, one in enumerate(entries, start=last + 1):
        before = hash_of(before, one, seq)
        made.append((chain_id, seq, one.id, before))
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO audit_chain (tenant_id, seq, entry_id, hash) VALUES (%s, %s, %s, %s)", made)
    connection.execute(
        "DELETE FROM audit_unchained WHERE chain = %s AND id = ANY (%s::uuid[])",
        (chain_id, column_arrays.ids(one.id for one in entries)),
    )
    return Head(chain_id, last + len(made), before, len(made))

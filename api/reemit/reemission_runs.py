"""Keeps how far a run has come, a row of `reemissions`: tenant by tenant, what is there, then what is gone, by id.

The row is locked for a step and moved in its transaction, so two that resume the same take turns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from schemas.write_model import NothingToResume, Reemission

_COLUMNS = "id, aggregate, tenants, at_tenant, gone, after, emitted, deletions, finished_at IS NOT NULL"
Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class RunProgress:
    """`tenants` are those it is about, None for all; `gone`: the tenant's deletions are being said."""

    id: UUID
    aggregate: str
    tenants: Sequence[UUID] | None
    tenant_id: UUID | None
    gone: bool
    after: UUID | None
    emitted: int
    deletions: int
    finished: bool

    @property
    def is_inside_a_tenant(self) -> bool:
        """Otherwise it is the next one's turn: one that had its turn is left with `after` reset."""
        return self.tenant_id is not None and (self.after is not None or self.gone)

    def reemission(self) -> Reemission:
        return Reemission(
            id=self.id,
            aggregate=self.aggregate,
            tenant_id=self.tenant_id,
            emitted=self.emitted,
            deletions=self.deletions,
            finished=self.finished,
        )


def begin(connection: Connection, id_: UUID, aggregate: str, tenants: Sequence[UUID]) -> Reemission:
    connection.execute(
        "INSERT INTO reemissions (id, aggregate, tenants) VALUES (%s, %s, %s)", (id_, aggregate, list(tenants) or None)
    )
    return hold(connection, id_).reemission()


def unfinished(connection: Connection, aggregate: str) -> Reemission:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM reemissions WHERE aggregate = %s AND finished_at IS NULL"  # noqa: S608  # a constant
        " ORDER BY started_at DESC LIMIT 1",
        (aggregate,),
    ).fetchone()
    if row is None:
        raise NothingToResume(f"no re-emission of {aggregate} is unfinished")
    return RunProgress(*row).reemission()


def covering(connection: Connection, aggregate: str, since: datetime) -> Reemission | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM reemissions WHERE aggregate = %s AND tenants IS NULL AND started_at > %s"  # noqa: S608
        " ORDER BY started_at DESC LIMIT 1",
        (aggregate, since),
    ).fetchone()
    return None if row is None else RunProgress(*row).reemission()


def hold(connection: Connection, id_: UUID) -> RunProgress:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM reemissions WHERE id = %s FOR UPDATE",  # noqa: S608  # a constant
        (id_,),
    ).fetchone()
    if row is None:
        raise NothingToResume(f"there is no re-emission {id_}")
    return RunProgress(*row)


def moved(connection: Connection, place: RunProgress, tenant_id: UUID, ids: Sequence[UUID], said: int) -> Reemission:
    """Behind these ids; when there were none, to the tenant's deletions, and after those to the next tenant."""
    gone = place.gone if ids else not place.gone
    connection.execute(
        "UPDATE reemissions SET at_tenant = %s, gone = %s, after = %s, emitted = emitted + %s,"
        " deletions = deletions + %s WHERE id = %s",
        (tenant_id, gone, ids[-1] if ids else None, said, said if place.gone else 0, place.id),
    )
    return hold(connection, place.id).reemission()


def finish(connection: Connection, place: RunProgress) -> Reemission:
    connection.execute("UPDATE reemissions SET finished_at = coalesce(finished_at, now()) WHERE id = %s", (place.id,))
    return hold(connection, place.id).reemission()

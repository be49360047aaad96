"""Writes and reads the audit trail: rows are added and never changed.

Row-level security says which of them a transaction sees: a tenant its own and those about it, the platform all.
"""

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from api.domain.audit import AuditEntry, Outcome
from api.domain.scope import NO_TENANT
from api.store.list_pages import ListTable, PageWanted, SortedBy
from api.store.outbox import Cause

COLUMNS: Final = (
    "tenant_id",
    "id",
    "about",
    "at",
    "actor_id",
    "role",
    "act",
    "object",
    "outcome",
    "reason",
    "address",
    "request_id",
    "correlation_id",
    "detail",
)
#: Of the table as `a`.
SELECTED: Final = ", ".join(f"a.{name}" for name in COLUMNS)
_INSERT: Final = f"INSERT INTO audit ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608
#: What a tenant's people did, and what others did about it: each has an index in the order that is asked for.
_OF_ONE: Final = ("a.tenant_id = %(tenant)s", "a.about = %(tenant)s AND a.tenant_id <> %(tenant)s")


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """A row and its place in the chain of its tenant; both None until it is chained."""

    entry: AuditEntry
    seq: int | None
    hash: bytes | None


_AT: Final = SortedBy[ShownEntry]("a.at", datetime, lambda shown: shown.entry.at)
LIST: Final = ListTable[ShownEntry](
    name="audit",
    id="a.id",
    id_of=lambda shown: shown.entry.id,
    filters={
        "actor": "a.actor_id = %(actor)s::text",
        "act": "a.act = %(act)s::text",
        "object": "a.object = %(object)s::text",
        "outcome": "a.outcome = %(outcome)s::text",
        "since": "a.at >= %(since)s::timestamptz",
        "until": "a.at < %(until)s::timestamptz",
    },
    sorts={"newest": _AT.turned(), "oldest": _AT},
)


class AuditRows:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def add(self, entries: Sequence[AuditEntry]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_INSERT, [_row(entry) for entry in entries])

    def page(self, tenant: UUID | None, wanted: PageWanted) -> list[ShownEntry]:
        """What the people of `tenant` did and what was done about it; None: all."""
        text, values = LIST.page(wanted)
        parts = [
            f"(SELECT {SELECTED} FROM audit a WHERE {whose} {text})"  # noqa: S608  # of the table
            for whose in (("true",) if tenant is None else _OF_ONE)
        ]
        found = self._connection.execute(
            f"""
            SELECT {SELECTED}, c.seq, c.hash FROM ({" UNION ALL ".join(parts)}) a
            LEFT JOIN audit_chain c ON c.tenant_id = a.tenant_id AND c.entry_id = a.id
            {LIST.ordered(wanted.sort)}
            """,  # noqa: S608  # of the table
            {"tenant": tenant, **values},
        )
        return [ShownEntry(entry(row[:-2]), row[-2], None if row[-1] is None else bytes(row[-1])) for row in found]


def entry(row: Sequence[Any]) -> AuditEntry:
    """Of a row with the columns of `COLUMNS`."""
    return AuditEntry(**dict(zip(COLUMNS, row, strict=True)))


def entry_of_act(cause: Cause, tenant_id: UUID, at: datetime, outcome: Outcome = "done") -> AuditEntry:
    """What the request that is the cause does by its permission."""
    act = cause.act
    if act is None:
        raise ValueError("this cause is no privileged act")
    return AuditEntry(
        id=uuid7(),
        tenant_id=tenant_id,
        about=act.about if act.about != tenant_id else None,
        at=at,
        actor_id=cause.actor_id,
        role=cause.role,
        act=act.permission,
        object=act.object,
        outcome=outcome,
        reason=act.reason,
        address=cause.address,
        request_id=cause.request_id,
        correlation_id=cause.correlation_id,
        detail={"call": act.call, **act.detail},
    )


def entry_of(
    cause: Cause,
    tenant_id: UUID,
    at: datetime,
    act: str,
    object_: str = "",
    *,
    actor_id: str | None = None,
    role: str | None = None,
    outcome: Outcome = "done",
    **detail: str | int,
) -> AuditEntry:
    """What is done without a permission. `actor_id`: who it turned out to be."""
    return AuditEntry(
        id=uuid7(),
        tenant_id=tenant_id,
        about=None,
        at=at,
        actor_id=cause.actor_id if actor_id is None else actor_id,
        role=cause.role if role is None else role,
        act=act,
        object=object_,
        outcome=outcome,
        reason="",
        address=cause.address,
        request_id=cause.request_id,
        correlation_id=cause.correlation_id,
        detail=detail,
    )


def note_at_machine(
    connection: psycopg.Connection[Any], act: str, object_: str, tenant_id: UUID | None = None, **detail: str
) -> None:
    """A row about what somebody does at the command line, in the transaction of the owner of the tables."""
    request_id = uuid7()
    cause = Cause(
        actor_id=machine_user(), request_id=request_id, correlation_id=str(request_id), traceparent="", role="machine"
    )
    connection.execute("SELECT set_config('rustok.platform', 'on', true)")
    owner = NO_TENANT if tenant_id is None else tenant_id
    AuditRows(connection).add([entry_of(cause, owner, datetime.now(UTC), act, object_, outcome="done", **detail)])


def machine_user() -> str:
    """Whoever is at the command line, as the machine calls them."""
    return f"machine:{getpass.getuser()}"


def _row(entry: AuditEntry) -> list[Any]:
    return [_storable(getattr(entry, name)) for name in COLUMNS]


def _storable(value: Any) -> Any:
    """Whatever somebody sends or is called, its row is written: PostgreSQL has neither NUL nor halves of characters."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    return Jsonb(dict(value)) if isinstance(value, Mapping) else value

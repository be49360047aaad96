"""Records who changed what in the registry, and when: every change is one row, written in its own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

REGISTERED: Final = "registered"
IMPORTED: Final = "imported"
DELETED: Final = "deleted"
DELETED_FOR_GOOD: Final = "deleted permanently"
CONFIG_SET: Final = "config set"
CONFIG_REMOVED: Final = "config removed"
MODE_SET: Final = "mode set"
MODE_REMOVED: Final = "mode removed"
DEPLOYED: Final = "deployed"
RECOVERED: Final = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    at: datetime
    actor_id: str
    role: str
    actor_tenant: UUID | None
    action: str
    subject: str
    version: int | None
    schema_id: int | None
    detail: str


class AuditRows:
    """Written on behalf of one actor."""

    def __init__(self, connection: Connection[Any], *, actor_id: str, role: str, tenant_id: UUID | None) -> None:
        self._connection = connection
        self._who = (actor_id, role, tenant_id)

    def write(
        self, action: str, subject: str, *, version: int | None = None, schema_id: int | None = None, detail: str = ""
    ) -> None:
        self._connection.execute(
            "INSERT INTO registry_changes (actor_id, role, actor_tenant, action, subject, version, schema_id, detail)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (*self._who, action, subject, version, schema_id, detail),
        )


def newest(connection: Connection[Any], subject: str | None, limit: int) -> Sequence[AuditEntry]:
    """The newest first; `subject` None is all of them."""
    rows = connection.execute(
        """
        SELECT at, actor_id, role, actor_tenant, action, subject, version, schema_id, detail FROM registry_changes
        WHERE %(subject)s::text IS NULL OR subject = %(subject)s ORDER BY id DESC LIMIT %(limit)s
        """,
        {"subject": subject, "limit": limit},
    ).fetchall()
    return [
        AuditEntry(
            at=row[0],
            actor_id=row[1],
            role=row[2],
            actor_tenant=row[3],
            action=row[4],
            subject=row[5],
            version=row[6],
            schema_id=row[7],
            detail=row[8],
        )
        for row in rows
    ]

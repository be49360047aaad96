"""Keeps the hashes of what was mailed to users: `user_links`. Each is good for one thing, once."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import psycopg

#: Setting the first password, setting a new one, and showing that the address is theirs.
Purpose = Literal["invitation", "password", "verification"]


class LinkRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def add(self, user_id: UUID, purpose: Purpose, link_hash: bytes, ends_at: datetime) -> None:
        """In place of those for the same that were sent before."""
        self.forget(user_id, purpose)
        self._connection.execute(
            "INSERT INTO user_links (tenant_id, hash, user_id, purpose, ends_at) VALUES (%s, %s, %s, %s, %s)",
            (self._tenant_id, link_hash, user_id, purpose, ends_at),
        )

    def owner(self, link_hash: bytes, purposes: tuple[Purpose, ...]) -> UUID | None:
        """Whose it is; it may be too old."""
        row = self._connection.execute(
            "SELECT user_id FROM user_links WHERE tenant_id = %s AND hash = %s AND purpose = ANY (%s)",
            (self._tenant_id, link_hash, list(purposes)),
        ).fetchone()
        return None if row is None else row[0]

    def take(self, link_hash: bytes, purposes: tuple[Purpose, ...], now: datetime) -> tuple[UUID, Purpose] | None:
        """Whose it is and what for, the first time; None when there is no such one, or it is too old."""
        row = self._connection.execute(
            "DELETE FROM user_links WHERE tenant_id = %s AND hash = %s AND purpose = ANY (%s) AND ends_at > %s"
            " RETURNING user_id, purpose",
            (self._tenant_id, link_hash, list(purposes), now),
        ).fetchone()
        return None if row is None else (row[0], row[1])

    def forget_all(self, user_id: UUID) -> None:
        self._connection.execute(
            "DELETE FROM user_links WHERE tenant_id = %s AND user_id = %s", (self._tenant_id, user_id)
        )

    def forget(self, user_id: UUID, purpose: Purpose) -> None:
        self._connection.execute(
            "DELETE FROM user_links WHERE tenant_id = %s AND user_id = %s AND purpose = %s",
            (self._tenant_id, user_id, purpose),
        )

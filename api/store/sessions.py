"""Reads and writes sessions and the hashes of their refresh tokens: `sessions`, `refresh_tokens`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.refresh_rotation import Session

#: A token that was used longer ago is forgotten: it is refused, and no longer ends its session.
USED_KEPT: Final = timedelta(days=7)
_COLUMNS: Final = "s.id, s.user_id, s.client, s.opened_at, s.used_at, s.ends_at, s.revoked_at"


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token that was brought: of which session, when it was used first, and whether that is now."""

    session: Session
    used_at: datetime
    first: bool


class SessionRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def open(self, session: Session, token_hash: bytes) -> None:
        self._connection.execute(
            "INSERT INTO sessions (tenant_id, id, user_id, client, opened_at, used_at, ends_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (
                self._tenant_id,
                session.id,
                session.user_id,
                session.client,
                session.opened_at,
                session.used_at,
                session.ends_at,
            ),
        )
        self.add_token(session.id, token_hash)

    def add_token(self, session_id: UUID, token_hash: bytes) -> None:
        self._connection.execute(
            "INSERT INTO refresh_tokens (tenant_id, hash, session_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (self._tenant_id, token_hash, session_id),
        )

    def present(self, token_hash: bytes, now: datetime) -> Presented | None:
        """Uses the token if nobody has; of several at once one is the first. None: there is no such token."""
        first = self._connection.execute(
            "UPDATE refresh_tokens SET used_at = %s WHERE tenant_id = %s AND hash = %s AND used_at IS NULL",
            (now, self._tenant_id, token_hash),
        )
        row = self._connection.execute(
            f"SELECT t.used_at, {_COLUMNS} FROM refresh_tokens t"  # noqa: S608  # a literal
            " JOIN sessions s ON s.tenant_id = t.tenant_id AND s.id = t.session_id"
            " WHERE t.tenant_id = %s AND t.hash = %s",
            (self._tenant_id, token_hash),
        ).fetchone()
        return None if row is None else Presented(_session(row[1:]), row[0], first.rowcount == 1)

    def of_token(self, token_hash: bytes) -> Session | None:
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM refresh_tokens t"  # noqa: S608  # a literal
            " JOIN sessions s ON s.tenant_id = t.tenant_id AND s.id = t.session_id"
            " WHERE t.tenant_id = %s AND t.hash = %s",
            (self._tenant_id, token_hash),
        ).fetchone()
        return None if row is None else _session(row)

    def renew(self, session_id: UUID, token_hash: bytes, now: datetime) -> None:
        """The session goes on with this token."""
        self.add_token(session_id, token_hash)
        self._connection.execute(
            "UPDATE sessions SET used_at = %s WHERE tenant_id = %s AND id = %s", (now, self._tenant_id, session_id)
        )
        self._connection.execute(
            "DELETE FROM refresh_tokens WHERE tenant_id = %s AND session_id = %s AND used_at < %s",
            (self._tenant_id, session_id, now - USED_KEPT),
        )

    def of(self, user_id: UUID, now: datetime) -> list[Session]:
        """Those that are open, the one used last first."""
        found = self._connection.execute(
            f"SELECT {_COLUMNS} FROM sessions s WHERE s.tenant_id = %s AND s.user_id = %s"  # noqa: S608  # a literal
            " AND s.revoked_at IS NULL AND s.ends_at > %s ORDER BY s.used_at DESC, s.id LIMIT 200",
            (self._tenant_id, user_id, now),
        )
        return [_session(row) for row in found]

    def revoke(self, user_id: UUID, session_id: UUID, now: datetime) -> bool:
        """Whether it was open, and theirs."""
        return (
            self._connection.execute(
                "UPDATE sessions SET revoked_at = %s WHERE tenant_id = %s AND user_id = %s AND id = %s"
                " AND revoked_at IS NULL",
                (now, self._tenant_id, user_id, session_id),
            ).rowcount
            == 1
        )

    def revoke_all(self, user_id: UUID, now: datetime, *, but: UUID | None = None) -> None:
        self._connection.execute(
            "UPDATE sessions SET revoked_at = %s WHERE tenant_id = %s AND user_id = %s AND id IS DISTINCT FROM %s"
            " AND revoked_at IS NULL",
            (now, self._tenant_id, user_id, but),
        )


def _session(row: Sequence[Any]) -> Session:
    id_, user_id, client, opened_at, used_at, ends_at, revoked_at = row
    return Session(
        id=id_,
        user_id=user_id,
        client=client,
        opened_at=opened_at,
        used_at=used_at,
        ends_at=ends_at,
        revoked_at=revoked_at,
    )

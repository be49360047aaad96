"""Reads what a signed-in user may do at this moment: nothing, when they or their session are not good any more."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.permissions import Grant, Role
from api.store import stored_grants

_SELECT: Final = f"""
    SELECT u.role, (
        SELECT jsonb_agg({stored_grants.AS_LIST})
        FROM user_roles r JOIN role_grants g ON g.tenant_id = r.tenant_id AND g.role_id = r.role_id
        WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id
    )
    FROM users u JOIN sessions s ON s.tenant_id = u.tenant_id AND s.user_id = u.id
    WHERE u.tenant_id = %s AND u.id = %s AND s.id = %s
        AND u.status = 'active' AND s.revoked_at IS NULL AND s.ends_at > now()
"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class Standing:
    """`made` are the grants of the roles that their shop made."""

    role: Role
    made: tuple[Grant, ...]


def read(connection: psycopg.Connection[Any], tenant_id: UUID, user_id: UUID, session_id: UUID) -> Standing | None:
    row = connection.execute(_SELECT, (tenant_id, user_id, session_id)).fetchone()
    return None if row is None else Standing(Role(row[0]), stored_grants.grants_of(row[1]))

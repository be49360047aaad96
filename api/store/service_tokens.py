"""Reads and writes the tokens that shops give to programs: `service_tokens`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from api.domain.permissions import Grant
from api.domain.service_tokens import MOST_GOOD, ServiceToken
from api.domain.token_text import TokenKind
from api.store import stored_grants
from api.store.list_pages import ListTable, PageWanted

_SELECT: Final = """
    SELECT id, tenant_id, kind, name, scopes, ending, made_by, made_at, expires_at, revoked_at, used_at, hash
    FROM service_tokens
"""

LIST: Final = ListTable[ServiceToken](
    name="service_tokens",
    id="id",
    id_of=lambda token: token.id,
    filters={
        "kind": "kind = %(kind)s::text",
        "revoked": {True: "revoked_at IS NOT NULL", False: "revoked_at IS NULL"},
    },
)


@dataclass(frozen=True, slots=True)
class KeptToken:
    """A token and the hash of its secret."""

    token: ServiceToken
    hash: bytes


class ServiceTokenRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, token_id: UUID) -> ServiceToken | None:
        row = self._connection.execute(
            _SELECT + "WHERE tenant_id = %s AND id = %s", (self._tenant_id, token_id)
        ).fetchone()
        return None if row is None else _kept(row).token

    def page(self, wanted: PageWanted) -> list[ServiceToken]:
        """Also those that are not good any more."""
        text, values = LIST.page(wanted)
        found = self._connection.execute(
            _SELECT + "WHERE tenant_id = %(tenant)s" + text, {"tenant": self._tenant_id, **values}
        )
        return [_kept(row).token for row in found]

    def of_name(self, kind: TokenKind, name: str) -> list[ServiceToken]:
        """Those that nobody has revoked."""
        found = self._connection.execute(
            _SELECT + "WHERE tenant_id = %s AND kind = %s AND name = %s AND revoked_at IS NULL",
            (self._tenant_id, kind.value, name),
        )
        return [_kept(row).token for row in found]

    def add(self, token: ServiceToken, hash_: bytes) -> None:
        """Into a place of its name that is free."""
        self._connection.execute(
            """
            INSERT INTO service_tokens
                (tenant_id, id, kind, name, slot, scopes, hash, ending, made_by, made_at, expires_at)
            SELECT %(tenant)s::uuid, %(id)s::uuid, %(kind)s::text, %(name)s::text, min(slot), %(scopes)s::jsonb,
                %(hash)s::bytea, %(ending)s::text, %(made_by)s::text, %(made_at)s::timestamptz,
                %(expires_at)s::timestamptz
            FROM generate_series(1, %(most)s) AS slot
            WHERE slot NOT IN (
                SELECT slot FROM service_tokens
                WHERE tenant_id = %(tenant)s AND kind = %(kind)s AND name = %(name)s AND revoked_at IS NULL
            )
            """,
            {
                "tenant": self._tenant_id,
                "most": MOST_GOOD,
                "id": token.id,
                "kind": token.kind.value,
                "name": token.name,
                "scopes": Jsonb(_scopes(token.grants)),
                "hash": hash_,
                "ending": token.ending,
                "made_by": token.made_by,
                "made_at": token.made_at,
                "expires_at": token.expires_at,
            },
        )

    def revoke(self, token_id: UUID, at: datetime) -> None:
        """For good: when it was first revoked stays."""
        self._connection.execute(
            "UPDATE service_tokens SET revoked_at = %s WHERE tenant_id = %s AND id = %s AND revoked_at IS NULL",
            (at, self._tenant_id, token_id),
        )

    def note_use(self, token_id: UUID, at: datetime) -> None:
        self._connection.execute(
            "UPDATE service_tokens SET used_at = greatest(used_at, %s) WHERE tenant_id = %s AND id = %s",
            (at, self._tenant_id, token_id),
        )


def find_token(connection: psycopg.Connection[Any], token_id: UUID) -> KeptToken | None:
    """Of whatever shop, in a transaction of the platform."""
    row = connection.execute(_SELECT + "WHERE id = %s", (token_id,)).fetchone()
    return None if row is None else _kept(row)


def _scopes(grants: Sequence[Grant]) -> dict[str, Any]:
    """By permission its scope, or, where there are conditions, each scope with its own."""
    found: dict[str, list[Any]] = {}
    for grant in grants:
        for action in sorted(grant.actions):
            one = [stored_grants.scope_text(grant), stored_grants.conditions_list(grant)]
            found.setdefault(f"{grant.resource}:{action}", []).append(one)
    return {name: ones[0][0] if len(ones) == 1 and not ones[0][1] else ones for name, ones in found.items()}


def _grants(scopes: Mapping[str, Any]) -> tuple[Grant, ...]:
    rows: list[list[Any]] = []
    for permission, stored in sorted(scopes.items()):
        resource, _, action = permission.partition(":")
        ones = [[stored, []]] if isinstance(stored, str) else stored
        rows.extend([resource, [action], scope, conditions] for scope, conditions in ones)
    return stored_grants.grants_of(rows)


def _kept(row: Sequence[Any]) -> KeptToken:
    id_, tenant_id, kind, name, scopes, ending, made_by, made_at, expires_at, revoked_at, used_at, hash_ = row
    token = ServiceToken(
        id=id_,
        tenant_id=tenant_id,
        kind=TokenKind(kind),
        name=name,
        grants=_grants(scopes),
        ending=ending,
        made_by=made_by,
        made_at=made_at,
        expires_at=expires_at,
        revoked_at=revoked_at,
        used_at=used_at,
    )
    return KeptToken(token, bytes(hash_))

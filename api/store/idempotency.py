"""Has this command been answered before? Answers by Idempotency-Key, kept with the change they answer for.

Taking a key makes a second request with the same key wait until the first is decided: then it finds the answer, or, if
the first came to nothing, the key is free again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from api.domain.errors import KeyReused


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Keys:
    """The keys of one actor of one tenant."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID, actor_id: str) -> None:
        self._connection = connection
        self._owner = (tenant_id, actor_id)

    def take(self, key: str, request: bytes) -> KeptAnswer | None:
        """None: go on and `keep` the answer. Raises `KeyReused` when the key was used for another request."""
        taken = self._connection.execute(
            "INSERT INTO idempotency_keys (tenant_id, actor_id, key, request) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (*self._owner, key, request),
        )
        if taken.rowcount == 1:
            return None
        row = self._connection.execute(
            "SELECT request, status, headers, body FROM idempotency_keys"
            " WHERE tenant_id = %s AND actor_id = %s AND key = %s",
            (*self._owner, key),
        ).fetchone()
        if row is None or bytes(row[0]) != request:
            raise KeyReused("This Idempotency-Key was used for another request.")
        return KeptAnswer(status=row[1], headers=row[2], body=bytes(row[3]))

    def keep(self, key: str, answer: KeptAnswer) -> None:
        self._connection.execute(
            "UPDATE idempotency_keys SET status = %s, headers = %s, body = %s"
            " WHERE tenant_id = %s AND actor_id = %s AND key = %s",
            (answer.status, Jsonb(dict(answer.headers)), answer.body, *self._owner, key),
        )

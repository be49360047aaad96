"""Keeps the answers to commands by Idempotency-Key, with the change they answer for.

Taking a key makes a second request with the same key wait until the first is decided: then it finds the answer, or, if
the first came to nothing, the key is free again. Of an answer that is too large or secret only status and headers are
kept: who sends the command again learns that it was done, and where to read what it made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from api.domain.errors import AnswerNotKept, KeyReused

#: Of a body; an ordinary answer has a few thousand.
MOST_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    is_secret: bool = False


class Keys:
    """The keys of one actor of one tenant: a service and a customer of the same name are two."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID, role: str, actor_id: str) -> None:
        self._connection = connection
        self._owner = {"tenant": tenant_id, "role": role, "actor": actor_id}

    def take(self, key: str, request: bytes) -> KeptAnswer | None:
        """None: go on and `keep` the answer.

        Raises `KeyReused` when the key was used for another request, and `AnswerNotKept`.
        """
        taken = self._connection.execute(
            """
            INSERT INTO idempotency_keys (tenant_id, role, actor_id, key, request)
            SELECT %(tenant)s, %(role)s, %(actor)s, %(key)s, %(request)s
            WHERE NOT EXISTS (
                SELECT FROM idempotency_keys
                WHERE tenant_id = %(tenant)s AND role = '' AND actor_id = %(actor)s AND key = %(key)s
            )
            ON CONFLICT DO NOTHING
            """,
            {**self._owner, "key": key, "request": request},
        )
        if taken.rowcount == 1:
            return None
        row = self._connection.execute(
            "SELECT request, status, headers, body FROM idempotency_keys WHERE tenant_id = %(tenant)s"
            " AND role IN (%(role)s, '') AND actor_id = %(actor)s AND key = %(key)s ORDER BY role DESC",
            {**self._owner, "key": key},
        ).fetchone()
        if row is None or bytes(row[0]) != request:
            raise KeyReused("This Idempotency-Key was used for another request.")
        if row[3] is None:
            raise AnswerNotKept(row[2])
        return KeptAnswer(status=row[1], headers=row[2], body=bytes(row[3]))

    def keep(self, key: str, answer: KeptAnswer) -> None:
        self._connection.execute(
            "UPDATE idempotency_keys SET status = %(status)s, headers = %(headers)s, body = %(body)s"
            " WHERE tenant_id = %(tenant)s AND role = %(role)s AND actor_id = %(actor)s AND key = %(key)s",
            {
                **self._owner,
                "key": key,
                "status": answer.status,
                "headers": Jsonb(dict(answer.headers)),
                "body": None if answer.is_secret or len(answer.body) > MOST_BYTES else answer.body,
            },
        )

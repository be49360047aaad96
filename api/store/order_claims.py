"""Reads and writes what is kept of the tokens of guests: `order_claims`. It goes when the order becomes somebody's."""

from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from api.domain.claim_tokens import KeptClaim


class ClaimRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, order_id: UUID) -> KeptClaim | None:
        row = self._connection.execute(
            "SELECT hash, made_at FROM order_claims WHERE tenant_id = %s AND order_id = %s", (self._tenant_id, order_id)
        ).fetchone()
        return None if row is None else KeptClaim(*row)

    def put(self, order_id: UUID, hash_: bytes, at: datetime) -> None:
        """In place of an older one, which is good no more."""
        self._connection.execute(
            "INSERT INTO order_claims (tenant_id, order_id, hash, made_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (tenant_id, order_id) DO UPDATE SET hash = EXCLUDED.hash, made_at = EXCLUDED.made_at",
            (self._tenant_id, order_id, hash_, at),
        )

"""Reads and writes the keys that sign access tokens: `signing_keys`, of the platform.

The API may read them; only the owner of the tables, as whom people's commands work, writes them.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import psycopg

from api.domain.signing_keys import SigningKey


class SigningKeyRows:
    """The API finds them in a transaction of the platform."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def take_turns(self) -> None:
        """Until the transaction ends nobody else changes a key."""
        self._connection.execute("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")

    def all(self) -> list[SigningKey]:
        """The oldest first."""
        found = self._connection.execute(
            "SELECT kid, public, sealed, made_at, signs_from, retired_at FROM signing_keys ORDER BY made_at, kid"
        )
        return [
            SigningKey(
                kid=kid, public=public, sealed=sealed, made_at=made_at, signs_from=signs_from, retired_at=retired_at
            )
            for kid, public, sealed, made_at, signs_from, retired_at in found
        ]

    def add(self, key: SigningKey) -> None:
        self._connection.execute(
            "INSERT INTO signing_keys (kid, public, sealed, made_at, signs_from) VALUES (%s, %s, %s, %s, %s)",
            (key.kid, key.public, key.sealed, key.made_at, key.signs_from),
        )

    def retire(self, kid: str, now: datetime) -> None:
        self._connection.execute("UPDATE signing_keys SET retired_at = %s WHERE kid = %s", (now, kid))

    def destroy_private_halves(self, kids: Collection[str]) -> None:
        self._connection.execute("UPDATE signing_keys SET sealed = NULL WHERE kid = ANY (%s::text[])", (list(kids),))

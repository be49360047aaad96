"""What left for the log? The outbox rows of a shop, decoded."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from schemas.event_codec import Decoder


@dataclass(frozen=True)
class Left:
    type: str
    aggregate_id: str
    version: int
    event: Any
    row: dict[str, Any]


class _Registry:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def text_of(self, schema_id: int) -> str | None:
        row = self._connection.execute("SELECT content FROM schemas WHERE id = %s", (schema_id,)).fetchone()
        return None if row is None else str(row[0])


def left(connection: psycopg.Connection, tenant_id: UUID, aggregate_id: str | None = None) -> list[Left]:
    """In the order they were written."""
    decoder = Decoder(_Registry(connection))
    cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
    rows = cursor.execute(
        "SELECT * FROM outbox WHERE tenant_id = %s AND (%s::text IS NULL OR aggregateid = %s) ORDER BY id",
        (str(tenant_id), aggregate_id, aggregate_id),
    ).fetchall()
    return [
        Left(row["type"], row["aggregateid"], int(row["aggregate_version"]), decoder.decode(bytes(row["payload"])), row)
        for row in rows
    ]

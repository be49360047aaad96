"""Finds what was imported before: the aggregate with an external id, and what stands for the item it was made from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from api.store import column_arrays


@dataclass(frozen=True, slots=True)
class Imported:
    """`fingerprint` is None when the aggregate was made or changed by other means since."""

    id: UUID
    version: int
    fingerprint: bytes | None


def find(
    connection: psycopg.Connection[Any], table: str, tenant_id: UUID, external_ids: Iterable[str]
) -> dict[str, Imported]:
    """By external id, for those that are there."""
    query = sql.SQL(
        "SELECT external_id, id, version, import_fingerprint FROM {}"
        " WHERE tenant_id = %s AND external_id = ANY (%s::text[])"
    ).format(sql.Identifier(table))
    found = connection.execute(query, (tenant_id, column_arrays.texts(external_ids)))
    return {external_id: Imported(*rest) for external_id, *rest in found}

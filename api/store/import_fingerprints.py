"""Finds what was imported before: the aggregate with an external id, and what stands for the item it was made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from api.store import column_arrays
from schemas.row_conditions import Value


@dataclass(frozen=True, slots=True)
class Imported:
    """`fingerprint` is None when the aggregate was made or changed by other means since."""

    id: UUID
    version: int
    fingerprint: bytes | None


def find(
    connection: psycopg.Connection[Any],
    table: str,
    tenant_id: UUID,
    external_ids: Iterable[str],
    reached: str = "",
    values: Mapping[str, Value] | None = None,
) -> dict[str, Imported]:
    """By external id, for those that are there. `table` and `reached` are texts of the code, never from outside."""
    found = connection.execute(
        f"SELECT external_id, id, version, import_fingerprint FROM {table}"  # noqa: S608
        f" WHERE tenant_id = %(tenant)s {reached}AND external_id = ANY (%(names)s::text[])",
        {"tenant": tenant_id, "names": column_arrays.texts(external_ids), **(values or {})},
    )
    return {external_id: Imported(*rest) for external_id, *rest in found}

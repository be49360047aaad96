"""Holds changes to the versions they were decided on: rows that are at another one by now refuse them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg

from api.domain.changes import Decision
from api.domain.errors import StaleVersion
from api.store import column_arrays


def delete(connection: psycopg.Connection[Any], table: str, tenant_id: UUID, changes: Sequence[Decision[Any]]) -> None:
    """The rows of these aggregates go; `table` is a text of the code. Raises `StaleVersion`."""
    if not changes:
        return
    deleted = connection.execute(
        f"DELETE FROM {table} t USING unnest(%s::uuid[], %s::bigint[]) AS given (id, was_at)"  # noqa: S608
        " WHERE t.tenant_id = %s AND t.id = given.id AND t.version = given.was_at",
        (
            column_arrays.ids(change.aggregate_id for change in changes),
            column_arrays.numbers(change.was_at for change in changes),
            tenant_id,
        ),
    )
    require_all(deleted, changes)


def require_all(done: psycopg.Cursor[Any], changes: Sequence[Decision[Any]]) -> None:
    """Raises `StaleVersion` when a statement reached fewer rows than there are changes."""
    if done.rowcount != len(changes):
        raise StaleVersion(changes[0].was_at)

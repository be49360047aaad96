"""Writes stock that is reserved for an order together with what the order is promised of it: two tables, one statement.

While it is written everybody else who wants it waits: one way to the server and back less is held less long.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.changes import Decision
from api.domain.stock import promise
from api.store import column_arrays, decided_versions
from api.store.stock import UPDATE, updated_columns
from schemas.events.stock import Stock

#: Besides what it has; since when stays.
ADD: Final = """
    INSERT INTO reservations (tenant_id, order_id, stock_id, quantity, unpaid, reserved_at)
    SELECT %s, %s, given.stock_id, given.quantity, %s, %s
    FROM unnest(%s::uuid[], %s::bigint[]) AS given (stock_id, quantity)
    ON CONFLICT (tenant_id, order_id, stock_id) DO UPDATE SET
        quantity = reservations.quantity + EXCLUDED.quantity
"""


class ReservedStock:
    """Of one order. What is `unpaid` expires."""

    def __init__(
        self, connection: psycopg.Connection[Any], tenant_id: UUID, order_id: UUID, at: datetime, *, unpaid: bool
    ) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._promised = (tenant_id, order_id, unpaid, at)

    def write(self, changes: Sequence[Decision[Stock]]) -> None:
        """Each reserves. Raises `StaleVersion`."""
        promises = [promise(change) for change in changes]
        updated = self._connection.execute(
            f"WITH promised AS ({ADD}) {UPDATE}",
            (
                *self._promised,
                column_arrays.ids(one.stock_id for one in promises),
                column_arrays.numbers(one.quantity for one in promises),
                *updated_columns(changes),
                self._tenant_id,
            ),
        )
        decided_versions.require_all(updated, changes)

"""Reads and writes what of the stock is promised to which order: `reservations`.

Whoever changes the rows of an order has changed the order in the same transaction, or holds it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from api.domain.stock import Promise
from api.store import column_arrays
from api.store.reserved_stock import ReservedStock


class ReservationRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def of_order(self, order_id: UUID) -> list[Promise]:
        found = self._connection.execute(
            "SELECT stock_id, quantity FROM reservations WHERE tenant_id = %s AND order_id = %s ORDER BY stock_id",
            (self._tenant_id, order_id),
        )
        return [Promise(*row) for row in found]

    def with_stock(self, order_id: UUID, at: datetime, *, unpaid: bool) -> ReservedStock:
        """Where what is reserved for the order is written."""
        return ReservedStock(self._connection, self._tenant_id, order_id, at, unpaid=unpaid)

    def lessen(self, order_id: UUID, promises: Sequence[Promise]) -> None:
        """By so much each; what is nothing then goes."""
        given = (
            column_arrays.ids(one.stock_id for one in promises),
            column_arrays.numbers(one.quantity for one in promises),
            self._tenant_id,
            order_id,
        )
        self._connection.execute(
            "DELETE FROM reservations r USING unnest(%s::uuid[], %s::bigint[]) AS given (stock_id, quantity)"
            " WHERE r.tenant_id = %s AND r.order_id = %s AND r.stock_id = given.stock_id"
            " AND r.quantity <= given.quantity",
            given,
        )
        self._connection.execute(
            "UPDATE reservations r SET quantity = r.quantity - given.quantity"
            " FROM unnest(%s::uuid[], %s::bigint[]) AS given (stock_id, quantity)"
            " WHERE r.tenant_id = %s AND r.order_id = %s AND r.stock_id = given.stock_id",
            given,
        )

    def keep(self, order_id: UUID) -> None:
        """It is paid for: nothing of it expires."""
        self._connection.execute(
            "UPDATE reservations SET unpaid = false WHERE tenant_id = %s AND order_id = %s AND unpaid",
            (self._tenant_id, order_id),
        )

    def expires(self, order_id: UUID, before: datetime) -> bool:
        """Whether something of it is reserved since before then, and not paid for."""
        row = self._connection.execute(
            "SELECT FROM reservations WHERE tenant_id = %s AND order_id = %s AND unpaid AND reserved_at < %s LIMIT 1",
            (self._tenant_id, order_id, before),
        ).fetchone()
        return row is not None


def overdue(connection: psycopg.Connection[Any], before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, order) of what is reserved since before then and not paid for. In a transaction of the platform."""
    return connection.execute(
        "SELECT tenant_id, order_id FROM ("
        "  SELECT tenant_id, order_id, min(reserved_at) AS since FROM reservations"
        "  WHERE unpaid AND reserved_at < %s GROUP BY 1, 2"
        ") late ORDER BY since LIMIT %s",
        (before, limit),
    ).fetchall()

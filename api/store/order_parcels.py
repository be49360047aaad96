"""Reads and writes what has left of an order: `order_parcels`, and in `order_parcel_lines` what is in them.

A parcel never changes; only its tracking number goes, once nobody is to know any more whose it was.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from api.store import column_arrays
from schemas.events.order import Parcel, ParcelLine


def insert(connection: psycopg.Connection[Any], tenant_id: UUID, sent: Sequence[tuple[UUID, Parcel]]) -> None:
    """By the id of their order; its row is as it is afterwards already."""
    if not sent:
        return
    connection.execute(
        """
        INSERT INTO order_parcels (tenant_id, order_id, parcel_no, carrier, tracking_number, shipped_at)
        SELECT %s, * FROM unnest(%s::uuid[], %s::integer[], %s::text[], %s::text[], %s::timestamptz[])
        """,
        (
            tenant_id,
            column_arrays.ids(order_id for order_id, _ in sent),
            column_arrays.numbers(parcel.parcel_no for _, parcel in sent),
            column_arrays.texts(parcel.carrier for _, parcel in sent),
            column_arrays.texts(parcel.tracking_number for _, parcel in sent),
            column_arrays.moments(parcel.shipped_at for _, parcel in sent),
        ),
    )
    lines = [(order_id, parcel.parcel_no, line) for order_id, parcel in sent for line in parcel.lines]
    connection.execute(
        """
        INSERT INTO order_parcel_lines (tenant_id, order_id, parcel_no, position, quantity)
        SELECT %s, * FROM unnest(%s::uuid[], %s::integer[], %s::integer[], %s::bigint[])
        """,
        (
            tenant_id,
            column_arrays.ids(order_id for order_id, _, _ in lines),
            column_arrays.numbers(parcel_no for _, parcel_no, _ in lines),
            column_arrays.numbers(line.line_no - 1 for _, _, line in lines),
            column_arrays.numbers(line.quantity for _, _, line in lines),
        ),
    )


def forget_tracking(connection: psycopg.Connection[Any], tenant_id: UUID, order_id: UUID) -> None:
    connection.execute(
        "UPDATE order_parcels SET tracking_number = NULL WHERE tenant_id = %s AND order_id = %s"
        " AND tracking_number IS NOT NULL",
        (tenant_id, order_id),
    )


def parcels(rows: Sequence[Any] | None) -> tuple[Parcel, ...]:
    """As they are selected: JSON, or nothing."""
    return tuple(
        Parcel(
            parcel_no=parcel_no,
            lines=tuple(ParcelLine(line_no=position + 1, quantity=quantity) for position, quantity in lines or ()),
            carrier=carrier,
            tracking_number=tracking_number,
            shipped_at=datetime.fromisoformat(shipped_at),
        )
        for parcel_no, carrier, tracking_number, shipped_at, lines in rows or ()
    )

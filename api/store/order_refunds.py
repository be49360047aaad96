"""Reads and writes what went back of an order: `order_refunds`, and in `order_refund_lines` for which lines.

A refund never changes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from api.store import column_arrays
from schemas.events.order import Refund, RefundLine


def insert(connection: psycopg.Connection[Any], tenant_id: UUID, given: Sequence[tuple[UUID, Refund]]) -> None:
    """By the id of their order; its row is as it is afterwards already."""
    if not given:
        return
    connection.execute(
        """
        INSERT INTO order_refunds (tenant_id, order_id, refund_no, other_minor, amount_minor, reason, refunded_at)
        SELECT %s, * FROM unnest(
            %s::uuid[], %s::integer[], %s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[]
        )
        """,
        (
            tenant_id,
            column_arrays.ids(order_id for order_id, _ in given),
            column_arrays.numbers(refund.refund_no for _, refund in given),
            column_arrays.numbers(refund.other_minor for _, refund in given),
            column_arrays.numbers(refund.amount_minor for _, refund in given),
            column_arrays.texts(refund.reason for _, refund in given),
            column_arrays.moments(refund.refunded_at for _, refund in given),
        ),
    )
    lines = [(order_id, refund.refund_no, line) for order_id, refund in given for line in refund.lines]
    connection.execute(
        """
        INSERT INTO order_refund_lines (tenant_id, order_id, refund_no, position, returned, not_sent, amount_minor)
        SELECT %s, * FROM unnest(
            %s::uuid[], %s::integer[], %s::integer[], %s::bigint[], %s::bigint[], %s::bigint[]
        )
        """,
        (
            tenant_id,
            column_arrays.ids(order_id for order_id, _, _ in lines),
            column_arrays.numbers(refund_no for _, refund_no, _ in lines),
            column_arrays.numbers(line.line_no - 1 for _, _, line in lines),
            column_arrays.numbers(line.returned for _, _, line in lines),
            column_arrays.numbers(line.not_sent for _, _, line in lines),
            column_arrays.numbers(line.amount_minor for _, _, line in lines),
        ),
    )


def refunds(rows: Sequence[Any] | None) -> tuple[Refund, ...]:
    """As they are selected: JSON, or nothing."""
    return tuple(
        Refund(
            refund_no=refund_no,
            lines=tuple(
                RefundLine(line_no=position + 1, returned=returned, not_sent=not_sent, amount_minor=amount_of_line)
                for position, returned, not_sent, amount_of_line in lines or ()
            ),
            other_minor=other,
            amount_minor=amount,
            reason=reason,
            refunded_at=datetime.fromisoformat(refunded_at),
        )
        for refund_no, other, amount, reason, refunded_at, lines in rows or ()
    )

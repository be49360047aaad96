"""Compares what orders add up to, by shop, month and currency, in PostgreSQL and in what readers see."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

import duckdb

from schemas.envelope import VERSION_BITS
from schemas.write_model import OrderSums, SumsOf, WriteModel
from sinks.analytics import sales_facts
from sinks.quality.check_results import Result
from sinks.quality.differing_sums import difference, result
from sinks.quality.expectation import Expectation, NoRows
from sinks.quality.passed_snapshot import opened_when_passed
from sinks.quality.settled_sums import settled

_SUMS: Final = f"""
    SELECT orders.tenant_id, date_trunc('month', orders.placed_at AT TIME ZONE 'UTC')::DATE, orders.currency, count(*),
           sum(orders.version & {(1 << VERSION_BITS) - 1}), count(orders.paid_at), sum(orders.total_minor),
           sum(orders.tax_minor), sum(orders.shipping_minor), sum(orders.discount_minor), sum(line.lines),
           sum(line.total_minor), sum(line.quantity)
    FROM orders LEFT JOIN (
        SELECT tenant_id, order_id, count(*) AS lines, sum(total_minor) AS total_minor, sum(quantity) AS quantity
        FROM order_lines GROUP BY ALL
    ) AS line ON line.tenant_id = orders.tenant_id AND line.order_id = orders.id
    WHERE orders.id NOT IN (SELECT unnest(?::UUID[])) GROUP BY 1, 2, 3
"""
_UNSEEN: Final = "readers do not see it"
_UNKNOWN: Final = "PostgreSQL does not have it"
_SUMS_NAME: Final = "orders_of_a_month_add_up_to_the_tables"
_NO_ROWS: Final = NoRows("")  # it is no question to a snapshot


class ReadSums(Protocol):
    """What readers see, once it has all that was committed by a moment."""

    def after(self, moment: datetime, without: Collection[UUID]) -> Mapping[SumsOf, OrderSums]:
        """Of all orders but these. Raises `DoesNotAdvance` and `Unavailable`."""


class SnapshotSums:
    """A `ReadSums` of the published snapshots of sales."""

    def __init__(
        self,
        analytics: Path,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._analytics = analytics
        self._sleep = sleep
        self._clock = clock

    def after(self, moment: datetime, without: Collection[UUID]) -> Mapping[SumsOf, OrderSums]:
        with closing(self._opened(moment)) as connection:
            rows = connection.execute(_SUMS, [list(without)]).fetchall()
        return {SumsOf(*row[:3]): OrderSums(**dict(zip(_NAMES, map(_whole, row[3:]), strict=True))) for row in rows}

    def _opened(self, moment: datetime) -> duckdb.DuckDBPyConnection:
        return opened_when_passed(self._analytics, sales_facts.MODEL, moment, self._sleep, self._clock)


_NAMES: Final = tuple(field.name for field in fields(OrderSums))


def reconciled(truth: WriteModel, readers: ReadSums, without: Collection[UUID]) -> Sequence[Result]:
    """Of what differs, and of what never rested. `without`: orders that a rule keeps out. Raises what readers do."""
    found = settled(lambda: truth.order_sums(without), lambda: readers.after(truth.now(), without), lambda told: told)
    return (
        result(
            Expectation(
                name=_SUMS_NAME,
                table="orders",
                condition=_NO_ROWS,
                meaning="Per shop, month and currency, orders, their lines and amounts are as many as in PostgreSQL.",
                advice="`rustok sinks verify sales --full --repair` says which orders, and puts them right.",
            ),
            "failed",
            {one: difference(*both, _UNSEEN, _UNKNOWN) for one, both in found.wrong.items()},
        ),
        result(
            Expectation(
                name="orders_of_a_month_rest_for_a_moment",
                table="orders",
                condition=_NO_ROWS,
                meaning="No month changes all the time: what never rests cannot be added up on both sides.",
                advice="Check again when less is sold. Each order was compared by itself.",
                severity="warning",
            ),
            "warned",
            dict.fromkeys(found.moving, "it changed each time"),
        ),
    )


def _whole(value: int | None) -> int:
    return int(value or 0)

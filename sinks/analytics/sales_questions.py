"""Answers what was sold, when, and for how much, from the newest published snapshot, for one tenant.

Revenue is the sum of the lines of orders that are paid and not cancelled, dated by when they were placed in the asked
time zone; a week starts on Monday. Units are pieces: what is measured, by weight or volume, is not added to them.
Orders counts the orders they belong to.
What was taken back of them counts in the period in which that was done.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final, Literal
from uuid import UUID
from zoneinfo import available_timezones

import duckdb

from schemas.row_conditions import EVERY_ROW, RowCondition
from schemas.row_conditions_sql import DUCKDB, WhereText
from sinks.analytics import metric_questions
from sinks.analytics.best_sellers import best_sellers
from sinks.analytics.bought_together import BoughtTogether, bought_with
from sinks.analytics.metric_questions import MetricFound, MetricQuery
from sinks.analytics.sales_facts import MODEL
from sinks.analytics.snapshot_reader import ANSWER_S, SnapshotReader, columns_of, has_view
from sinks.analytics.star_views import local
from sinks.freshness import Freshness
from sinks.search.best_sellers import BestSellers

Period = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesQuery:
    """Days are inclusive, in `timezone` (an IANA name). Without `by` the whole time is one period.

    Only orders that are `reached` are counted.
    """

    tenant_id: UUID
    first_day: date | None = None
    last_day: date | None = None
    by: Period | None = None
    split_category: bool = False
    timezone: str = "UTC"
    currency: str | None = None
    reached: RowCondition = EVERY_ROW


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesRow:
    """`period` is the first day of the day, week or month. `…_minor` is in minor units of `currency`.

    `reversed_minor` is what refunds took of revenue in the period, whenever it was earned; `refunded_minor` is all the
    money that went back, with tax, shipping and goodwill.
    """

    period: date | None
    category: str | None
    currency: str
    orders: int
    units: int
    revenue_minor: int
    reversed_units: int
    reversed_minor: int
    refunded_minor: int

    @property
    def net_revenue_minor(self) -> int:
        return self.revenue_minor - self.reversed_minor


@dataclass(frozen=True, slots=True)
class Sales:
    """`totals` has one row per currency: money of different currencies is never added up."""

    rows: tuple[SalesRow, ...]
    totals: tuple[SalesRow, ...]
    freshness: Freshness


_DAY: Final = local("moment", "$zone")
#: What was sold, and what was taken back, each on its own day. `{only}` narrows both to some orders; `{pieces}`
#: is what of `units` are pieces.
_SOLD: Final = """
    SELECT placed_at AS moment, category, currency, order_id, {pieces} AS units, revenue_minor,
           0 AS reversed_units, 0 AS reversed_minor, 0 AS refunded_minor
    FROM sales WHERE tenant_id = $tenant {only}
"""
_TAKEN_BACK: Final = """
    UNION ALL
    SELECT recognised_at, category, currency, NULL, 0, 0, -{pieces}, -revenue_minor, -money_minor
    FROM reversals WHERE tenant_id = $tenant {only}
"""
_PIECES: Final = "CASE WHEN measure = 'count' THEN units ELSE 0 END"
_WITHIN: Final = f"""
    WHERE ($first IS NULL OR ({_DAY})::DATE >= $first)
      AND ($last IS NULL OR ({_DAY})::DATE <= $last)
      AND ($currency IS NULL OR currency = $currency)
"""


_COLUMNS: Final = tuple(field.name for field in fields(SalesRow))


@cache
def time_zones() -> frozenset[str]:
    """What can be asked for: IANA's names that the store knows too. The host's own `localtime` is none of them."""
    with duckdb.connect(":memory:") as connection:
        known = connection.execute("SELECT name FROM pg_timezone_names()").fetchall()
    return frozenset(name for (name,) in known) & available_timezones()


class SalesReader(SnapshotReader):
    def __init__(self, folder: Path, answer_s: float = ANSWER_S) -> None:
        super().__init__(folder, MODEL, answer_s)

    def sales(self, query: SalesQuery) -> Sales:
        period = f"date_trunc('{query.by}', {_DAY})::DATE" if query.by else "NULL::DATE"
        category = "category" if query.split_category else "NULL::VARCHAR"
        with self._asking() as (snapshot, cursor):
            freshness, movements = MODEL.complete(snapshot.freshness), _SOLD + _TAKEN_BACK
            if not has_view(cursor, "reversals"):
                # Of the version before, which is shown until this one is built: it lacks what was taken back.
                freshness, movements = freshness.withholding("building"), _SOLD
            # Nor does it tell measures apart.
            pieces = _PIECES if "measure" in columns_of(cursor, "sales") else "units"
            only = f"AND order_id IN (SELECT id FROM orders WHERE tenant_id = $tenant AND {_reached(query).text})"
            movements = movements.format(only=only if query.reached != EVERY_ROW else "", pieces=pieces)
            return Sales(
                rows=_rows(cursor, query, movements, period, category),
                totals=_rows(cursor, query, movements, "NULL::DATE", "NULL::VARCHAR"),
                freshness=freshness,
            )

    def metric(self, query: MetricQuery) -> MetricFound:
        """Raises `metric_questions.TooManyRows`."""
        with self._asking() as (snapshot, cursor):
            return metric_questions.ask(cursor, query, MODEL.complete(snapshot.freshness))

    def bought_together(self, tenant_id: UUID, product_id: UUID, most: int) -> BoughtTogether:
        """At most so many products that are in orders with this one."""
        with self._asking() as (snapshot, cursor):
            found = bought_with(cursor, tenant_id, product_id, most)
            return BoughtTogether(found, MODEL.complete(snapshot.freshness))

    def best_sellers(self, tenant_id: UUID, now: datetime) -> BestSellers:
        with self._asking() as (_, cursor):
            return best_sellers(cursor, tenant_id, now)


def _reached(query: SalesQuery) -> WhereText:
    return WhereText(query.reached, expression=lambda column: f"orders.{column}", placeholder=DUCKDB)


def _rows(
    cursor: duckdb.DuckDBPyConnection, query: SalesQuery, movements: str, period: str, category: str
) -> tuple[SalesRow, ...]:
    found = cursor.execute(
        f"""
        SELECT {period} AS period, {category} AS category, currency,
               count(DISTINCT order_id) AS orders, sum(units) AS units, sum(revenue_minor) AS revenue_minor,
               sum(reversed_units) AS reversed_units, sum(reversed_minor) AS reversed_minor,
               sum(refunded_minor) AS refunded_minor
        FROM ({movements}) {_WITHIN}
        GROUP BY 1, 2, 3 ORDER BY 1 NULLS FIRST, 2 NULLS LAST, 3
        """,
        {
            "tenant": query.tenant_id,
            "first": query.first_day,
            "last": query.last_day,
            "zone": query.timezone,
            "currency": query.currency,
            **_reached(query).values,
        },
    ).fetchall()
    return tuple(SalesRow(**dict(zip(_COLUMNS, row, strict=True))) for row in found)

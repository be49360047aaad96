"""Answers what was sold, when, and for how much, from the newest published snapshot, for one tenant.

Revenue is the sum of the lines of orders that are paid and not cancelled, dated by when they were placed in the asked
time zone; a week starts on Monday. Units are the quantities of these lines, orders counts the orders they belong to.
What was taken back of them counts in the period in which that was done.
"""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, Literal
from uuid import UUID
from zoneinfo import available_timezones

import duckdb

from schemas.row_conditions import EVERY_ROW, RowCondition
from schemas.row_conditions_sql import DUCKDB, WhereText
from sinks.analytics.sales_facts import MODEL
from sinks.duckdb import snapshots
from sinks.freshness import Freshness
from sinks.sink import Unavailable, vouched
from sinks.wanted_version import Wanted

Period = Literal["day", "week", "month"]


#: Default of the setting.
ANSWER_S: Final = 10.0


class NoSnapshotYet(Unavailable):
    """The feed has not published anything yet."""


class TookTooLong(Unavailable):
    """A question was given up: whoever asked it has a thread that others wait for."""


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


#: Within what every client can read: orders came in before moments had bounds.
_DAY: Final = "greatest(TIMESTAMP '1000-01-01', least(TIMESTAMP '9000-01-01', moment AT TIME ZONE $zone))"
#: What was sold, and what was taken back, each on its own day. `{only}` narrows both to some orders.
_SOLD: Final = """
    SELECT placed_at AS moment, category, currency, order_id, units, revenue_minor,
           0 AS reversed_units, 0 AS reversed_minor, 0 AS refunded_minor
    FROM sales WHERE tenant_id = $tenant {only}
"""
_TAKEN_BACK: Final = """
    UNION ALL
    SELECT recognised_at, category, currency, NULL, 0, 0, -units, -revenue_minor, -money_minor
    FROM reversals WHERE tenant_id = $tenant {only}
"""
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


class SalesReader:
    """Safe to share between threads. Every method may raise `NoSnapshotYet`, and `TookTooLong` after `answer_s`."""

    def __init__(self, folder: Path, answer_s: float = ANSWER_S) -> None:
        self._folder = snapshots.live_folder(folder, MODEL.name)
        self._answer_s = answer_s
        self._lock = threading.Lock()
        self._open: tuple[Path, duckdb.DuckDBPyConnection] | None = None

    def sales(self, query: SalesQuery) -> Sales:
        period = f"date_trunc('{query.by}', {_DAY})::DATE" if query.by else "NULL::DATE"
        category = "category" if query.split_category else "NULL::VARCHAR"
        with self._asking() as (snapshot, cursor):
            freshness, movements = MODEL.complete(snapshot.freshness), _SOLD + _TAKEN_BACK
            if not _is_known(cursor, "reversals"):
                # Of the version before, which is shown until this one is built: it lacks what was taken back.
                freshness, movements = freshness.withholding("building"), _SOLD
            return Sales(
                rows=_rows(cursor, query, movements, period, category),
                totals=_rows(cursor, query, movements, "NULL::DATE", "NULL::VARCHAR"),
                freshness=freshness,
            )

    def shown(self, wanted: Collection[Wanted]) -> Collection[Wanted]:
        """Those the snapshot has in this version or a newer one; also those of what this model does not read."""
        seen = {one for one in wanted if MODEL.projection_for(one.aggregate) is None}
        by_table: dict[str, list[Wanted]] = {}
        for one in wanted:
            if (projection := MODEL.projection_for(one.aggregate)) is not None:
                by_table.setdefault(projection.collection, []).append(one)
        for table, asked in by_table.items():
            ids = "SELECT unnest(?::UUID[])"
            with self._asking() as (_, cursor):
                rows = cursor.execute(
                    f"SELECT tenant_id, id, max(version) FROM {table} WHERE id IN ({ids}) GROUP BY ALL",
                    [sorted({one.id for one in asked})],
                ).fetchall()
            versions = {(tenant_id, id_): version for tenant_id, id_, version in rows}
            seen |= {one for one in asked if versions.get((one.tenant_id, one.id), 0) >= one.order}
        return seen

    def ping(self) -> None:
        """Also raises when nobody vouches for what would be answered."""
        snapshot, _ = self._newest()
        vouched(MODEL.complete(snapshot.freshness))

    @contextmanager
    def _asking(self) -> Iterator[tuple[snapshots.Snapshot, duckdb.DuckDBPyConnection]]:
        """The cursor is of this block alone: nobody else's question is interrupted with it."""
        snapshot, cursor = self._newest()
        giving_up = threading.Timer(self._answer_s, cursor.interrupt)
        giving_up.daemon = True
        giving_up.start()
        try:
            yield snapshot, cursor
        except duckdb.InterruptException as late:
            raise TookTooLong(f"the question took longer than {self._answer_s:g} s", retry_after_s=5) from late
        finally:
            giving_up.cancel()

    def _newest(self) -> tuple[snapshots.Snapshot, duckdb.DuckDBPyConnection]:
        """The current snapshot and a cursor of this thread's own; the file stays open until the last cursor is gone."""
        snapshot = snapshots.current(self._folder.resolve())  # led elsewhere meanwhile, or not: one version it is
        if snapshot is None:
            raise NoSnapshotYet("the sales feed has not published a snapshot yet", retry_after_s=5)
        with self._lock:
            if self._open is None or self._open[0] != snapshot.path:
                self._open = (snapshot.path, snapshots.opened(snapshot, threads=1, memory_limit="256MB"))
            return snapshot, self._open[1].cursor()


def _is_known(cursor: duckdb.DuckDBPyConnection, view: str) -> bool:
    return bool(cursor.execute("SELECT 1 FROM duckdb_views() WHERE view_name = ?", [view]).fetchall())


def _rows(
    cursor: duckdb.DuckDBPyConnection, query: SalesQuery, movements: str, period: str, category: str
) -> tuple[SalesRow, ...]:
    reached = WhereText(query.reached, expression=lambda column: f"orders.{column}", placeholder=DUCKDB)
    only = f"AND order_id IN (SELECT id FROM orders WHERE tenant_id = $tenant AND {reached.text})"
    narrowed = movements.format(only=only if query.reached != EVERY_ROW else "")
    found = cursor.execute(
        f"""
        SELECT {period} AS period, {category} AS category, currency,
               count(DISTINCT order_id) AS orders, sum(units) AS units, sum(revenue_minor) AS revenue_minor,
               sum(reversed_units) AS reversed_units, sum(reversed_minor) AS reversed_minor,
               sum(refunded_minor) AS refunded_minor
        FROM ({narrowed}) {_WITHIN}
        GROUP BY 1, 2, 3 ORDER BY 1 NULLS FIRST, 2 NULLS LAST, 3
        """,
        {
            "tenant": query.tenant_id,
            "first": query.first_day,
            "last": query.last_day,
            "zone": query.timezone,
            "currency": query.currency,
            **reached.values,
        },
    ).fetchall()
    return tuple(SalesRow(**dict(zip(_COLUMNS, row, strict=True))) for row in found)

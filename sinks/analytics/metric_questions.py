"""Works a metric out for one shop, by period and split, from the newest published snapshot.

Days are the shop's own. Where both ends are given, every period between them has a row for each that has one in any: a
day without a sale is 0, not missing; what cannot be worked out of nothing is null. Where none has, money is nothing in
the currency that is asked for, or else in the shop's own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

import duckdb

from schemas.row_conditions import EVERY_ROW, RowCondition
from schemas.row_conditions_sql import DUCKDB, WhereText
from sinks.analytics.metrics_catalogue import ORDERS, Metric
from sinks.analytics.sales_facts import MODEL
from sinks.analytics.snapshot_reader import columns_of
from sinks.freshness import Freshness
from sinks.sink import Unavailable

Step = Literal["day", "week", "month", "quarter", "year"]
#: What a row is of beside its period: the split, the currency and the unit.
Kind = tuple[str | None, str | None, str | None]
MOST_ROWS: Final = 10_000
MOST_PERIODS: Final = 4_000
#: What is money or counted; a ratio of nothing cannot be worked out.
_NOTHING_IS_0: Final = frozenset({"minor", "count"})
_COLUMN: Final = re.compile(r"\bitem\.(\w+)")
_REACHED: Final = "SELECT id FROM orders WHERE tenant_id = $tenant"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricQuery:
    """Days are inclusive. `only` narrows to what has these values: names are of the metric's splits.

    `beside`: what was found of the time that this is laid beside. Where periods are spread, what has a row there has
    one here.
    """

    tenant_id: UUID
    metric: Metric
    first_day: date | None = None
    last_day: date | None = None
    by: Step | None = None
    split: str | None = None
    currency: str | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    reached: RowCondition = EVERY_ROW
    beside: "MetricFound | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """`period` is its first day. `currency` is None for what is no money, `unit` for what has no unit of measure."""

    period: date | None
    split: str | None
    currency: str | None
    unit: str | None
    value: int | float | None

    @property
    def kind(self) -> Kind:
        return self.split, self.currency, self.unit


@dataclass(frozen=True, slots=True)
class MetricFound:
    """`totals` are of the whole time, worked out of the same rows and not out of the periods."""

    rows: tuple[MetricRow, ...]
    totals: tuple[MetricRow, ...]
    freshness: Freshness

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(row.kind for row in (*self.rows, *self.totals))


class TooManyRows(Exception):
    """More than can be answered at once."""


def ask(cursor: duckdb.DuckDBPyConnection, query: MetricQuery, freshness: Freshness) -> MetricFound:
    """Raises `TooManyRows`, and `Unavailable` while the snapshot has no such view, or not all columns, yet."""
    view = query.metric.relation.view
    missing = _asked(query) - columns_of(cursor, view)
    if missing:
        lacks = view if "tenant_id" in missing else ", ".join(f"{view}.{column}" for column in sorted(missing))
        raise Unavailable(f"{MODEL.id} is being built: {lacks} is not there yet", retry_after_s=5)
    rows = _rows(cursor, query, by=query.by, split=query.split)
    totals = _rows(cursor, query, by=None, split=None)
    if query.by is not None and query.first_day is not None and query.last_day is not None:
        periods = list(periods_between(query.first_day, query.last_day, query.by))
        beside = query.beside or MetricFound((), (), freshness)
        of_all = [row.kind for row in (*totals, *beside.totals)] or _kinds_of_nothing(cursor, query)
        of_rows = [row.kind for row in beside.rows] if query.split else of_all
        totals, rows = _filled(totals, of_all, [None], query), _filled(rows, of_rows, periods, query)
    return MetricFound(tuple(rows), tuple(totals), freshness)


def _rows(
    cursor: duckdb.DuckDBPyConnection, query: MetricQuery, *, by: Step | None, split: str | None
) -> list[MetricRow]:
    metric = query.metric
    period = f"date_trunc('{by}', item.{metric.day})::DATE" if by else "NULL::DATE"
    divided = f"({metric.relation.splits[split]})::VARCHAR" if split else "NULL::VARCHAR"
    currency = "item.currency" if metric.by_currency else "NULL::VARCHAR"
    unit = metric.counted_in or "NULL::VARCHAR"
    reached = WhereText(query.reached, expression=lambda column: f"orders.{column}", placeholder=DUCKDB)
    where = [f"item.{metric.day} IS NOT NULL", metric.relation.only]
    if metric.by_unit:
        where.append(f"{metric.counted_in} IS NOT NULL")
    if query.reached != EVERY_ROW:
        where.append(f"item.order_id IN ({_REACHED} AND {reached.text})")
    values: dict[str, Any] = {"tenant": query.tenant_id, **reached.values}
    for number, (name, text) in enumerate(query.only.items()):
        where.append(f"({metric.relation.splits[name]})::VARCHAR = $only{number}")
        values[f"only{number}"] = text
    for end, sign, value in (("first", ">=", query.first_day), ("last", "<=", query.last_day)):
        if value is not None:
            where.append(f"item.{metric.day} {sign} ${end}")
            values[end] = value
    if query.currency is not None:
        where.append("item.currency = $currency")
        values["currency"] = query.currency
    found = cursor.execute(
        f"""
        SELECT {period} AS period, {divided} AS split, {currency} AS currency, {unit} AS unit,
               {metric.expression} AS value
        FROM {metric.relation.view} AS item {_products(metric)}
        WHERE item.tenant_id = $tenant AND {" AND ".join(where)}
        GROUP BY 1, 2, 3, 4 ORDER BY 1 NULLS FIRST, 2 NULLS LAST, 3, 4 LIMIT {MOST_ROWS + 1}
        """,  # noqa: S608  # of the catalogue
        values,
    ).fetchall()
    if len(found) > MOST_ROWS:
        raise TooManyRows(f"More than {MOST_ROWS:,} rows: ask for fewer days, longer periods or another split.")
    return [
        MetricRow(period=at, split=of, currency=in_, unit=counted_in, value=_exact(value))
        for at, of, in_, counted_in, value in found
    ]


def _asked(query: MetricQuery) -> set[str]:
    """The columns of its view that the question names."""
    metric = query.metric
    splits = [metric.relation.splits[name] for name in (*query.only, *([query.split] if query.split else ()))]
    named = (metric.expression, metric.counted_in, metric.relation.only, *splits)
    return {"tenant_id", metric.day, *_COLUMN.findall(" ".join(named))}


def _products(metric: Metric) -> str:
    if metric.relation is ORDERS:
        return ""
    return """LEFT JOIN dim_products AS product
              ON product.tenant_id = item.tenant_id AND product.product_id = item.product_id"""


def _exact(value: int | float | Decimal | None) -> int | float | None:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _kinds_of_nothing(cursor: duckdb.DuckDBPyConnection, query: MetricQuery) -> list[Kind]:
    """Of what has no row at all. Empty where nobody can say: which units, or whose currency."""
    if query.metric.by_unit:
        return []
    if not query.metric.by_currency:
        return [(None, None, None)]
    if query.currency is not None:
        return [(None, query.currency, None)]
    own = cursor.execute("SELECT currency FROM dim_shops WHERE tenant_id = $1", [query.tenant_id]).fetchall()
    return [(None, currency, None) for (currency,) in own]


def _filled(
    rows: list[MetricRow], kinds: list[Kind], periods: Sequence[date | None], query: MetricQuery
) -> list[MetricRow]:
    """With a row for each period of every kind that has one in any, and of those of `kinds`."""
    held = {(row.period, row.kind): row for row in rows}
    every = list(dict.fromkeys((*(row.kind for row in rows), *kinds)))
    if len(periods) * len(every) > MOST_ROWS:
        raise TooManyRows(f"More than {MOST_ROWS:,} rows: ask for fewer days, longer periods or another split.")
    nothing = 0 if query.metric.unit in _NOTHING_IS_0 else None
    return [
        held.get((period, kind), MetricRow(period=period, split=kind[0], currency=kind[1], unit=kind[2], value=nothing))
        for period in periods
        for kind in every
    ]


def periods_between(first: date, last: date, by: Step) -> Iterator[date]:
    """The first day of each, the one that the first day is in before all."""
    at = start_of(first, by)
    while at <= last:
        yield at
        at = start_of(at + timedelta(days={"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[by]), by)


def start_of(day: date, by: Step) -> date:
    match by:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)

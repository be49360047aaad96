"""Answers what people search for, what finds nothing, what is slow and what is clicked, for one tenant.

A search is one of the view `searches` (`sinks.analytics.search_facts`). Of clicks NULL says that nobody tells of any, 0
that somebody tells and nobody clicked: shares are of the searches that are told of.
"""

from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

import duckdb

from sinks.analytics.often_asked import OftenAsked, often_asked
from sinks.analytics.search_facts import MODEL
from sinks.analytics.snapshot_reader import ANSWER_S, SnapshotReader
from sinks.freshness import Freshness


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchesQuery:
    """Days are inclusive, in `timezone` (an IANA name). `size`: of each list."""

    tenant_id: UUID
    first_day: date | None = None
    last_day: date | None = None
    timezone: str = "UTC"
    locale: str | None = None
    channel: str | None = None
    size: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRow:
    """`query` is None for all together. `tracked`: searches of which clicks are told; without any, what is of clicks
    is None. `clicked` and `converted` count searches, positions are of single clicks.
    """

    query: str | None
    searches: int
    without_hits: int
    hits_mean: float
    took_ms_median: int
    took_ms_p95: int
    tracked: int
    clicked: int | None
    click_through: float | None
    click_position_mean: float | None
    click_position_median: float | None
    converted: int | None
    conversion: float | None


@dataclass(frozen=True, slots=True)
class SearchReport:
    """`total` is None when nobody searched."""

    total: SearchRow | None
    top: tuple[SearchRow, ...]
    without_hits: tuple[SearchRow, ...]
    slow: tuple[SearchRow, ...]
    freshness: Freshness


_WITHIN: Final = """
    tenant_id = $tenant
    AND ($first IS NULL OR (asked_at AT TIME ZONE $zone)::DATE >= $first)
    AND ($last IS NULL OR (asked_at AT TIME ZONE $zone)::DATE <= $last)
    AND ($locale IS NULL OR locale = $locale)
"""
#: What is counted of searches: clicks and conversions are null where nobody tells of them.
COUNTS: Final = {
    "searches": "count(*)",
    "without_hits": "count(*) FILTER (hits = 0)",
    "tracked": "count(clicks)",
    "clicked": "count(*) FILTER (clicks > 0)",
    "converted": "count(*) FILTER (conversions > 0)",
}
_COUNTED: Final = f"""
    WITH found AS (SELECT * FROM searches WHERE {_WITHIN} AND ($channel IS NULL OR channel = $channel)),
    counted AS (
        SELECT {{query}} AS query, {", ".join(f"{count} AS {name}" for name, count in COUNTS.items())},
               avg(hits)::DOUBLE AS hits_mean, quantile_disc(took_ms, 0.5) AS took_ms_median,
               quantile_disc(took_ms, 0.95) AS took_ms_p95
        FROM found GROUP BY ALL HAVING {{having}} ORDER BY {{order}}, query LIMIT $size
    ),
    positions AS (
        SELECT {{query}} AS query, avg(position)::DOUBLE AS mean, median(position)::DOUBLE AS median
        FROM search_clicks WHERE {_WITHIN} AND ($channel IS NULL OR channel = $channel) GROUP BY ALL
    )
    SELECT counted.query, searches, without_hits, hits_mean, took_ms_median, took_ms_p95, tracked,
           if(tracked > 0, clicked, NULL) AS clicked, if(tracked > 0, clicked / tracked, NULL) AS click_through,
           if(tracked > 0, mean, NULL), if(tracked > 0, median, NULL),
           if(tracked > 0, converted, NULL) AS converted, if(tracked > 0, converted / tracked, NULL) AS conversion
    FROM counted LEFT JOIN positions ON positions.query IS NOT DISTINCT FROM counted.query
    ORDER BY {{order}}, counted.query
"""
_FIELDS: Final = tuple(field.name for field in fields(SearchRow))


class SearchesReader(SnapshotReader):
    def __init__(self, folder: Path, answer_s: float = ANSWER_S) -> None:
        super().__init__(folder, MODEL, answer_s)

    def searches(self, query: SearchesQuery) -> SearchReport:
        with self._asking() as (snapshot, cursor):
            total = _rows(cursor, query, by="NULL::VARCHAR", having="count(*) > 0", order="searches DESC")
            return SearchReport(
                total=total[0] if total else None,
                top=_rows(cursor, query, having="true", order="searches DESC"),
                without_hits=_rows(cursor, query, having="count(*) FILTER (hits = 0) > 0", order="without_hits DESC"),
                slow=_rows(cursor, query, having="true", order="took_ms_p95 DESC"),
                freshness=MODEL.complete(snapshot.freshness),
            )

    def often_asked(self, tenant_id: UUID) -> OftenAsked:
        with self._asking() as (_, cursor):
            return often_asked(cursor, tenant_id)


def _rows(
    cursor: duckdb.DuckDBPyConnection, query: SearchesQuery, *, having: str, order: str, by: str = "text"
) -> tuple[SearchRow, ...]:
    found = cursor.execute(
        _COUNTED.format(query=by, having=having, order=order),
        {
            "tenant": query.tenant_id,
            "first": query.first_day,
            "last": query.last_day,
            "zone": query.timezone,
            "locale": query.locale,
            "channel": query.channel,
            "size": query.size,
        },
    ).fetchall()
    return tuple(SearchRow(**dict(zip(_FIELDS, row, strict=True))) for row in found)

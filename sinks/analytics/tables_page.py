"""Writes docs/analytics-tables.md: every table, function and metric that an analyst finds, from what declares them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import duckdb

from sinks.analytics.column_meanings import DESCRIBED, FUNCTIONS
from sinks.analytics.metrics_catalogue import METRICS, Metric
from sinks.analytics.sales_facts import MODEL, ORDER_FACTS
from sinks.duckdb import described_columns, published_views

PAGE: Final = Path(__file__).parents[2] / "docs" / "analytics-tables.md"
_HEAD: Final = """# The tables of sales, one by one

For the analyst, as a reference; [analytics](analytics.md) tells how to open them. This page is written by
`rustok sinks doc` from what declares the tables. The same is in every published file: as comments, which most tools
show, and as rows of `meta_columns`.

Every amount `…_minor` is in minor units of the row's `currency`, every `…_at` in UTC, every `…_on` a day of the shop's
own. Where a source is an event, `order.*` means every event of an order; [the catalogue](event-catalogue.md) has them.
"""


def text() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    with closing(duckdb.connect()) as connection:
        for statement in published_views.definitions(MODEL.store.shape):
            connection.execute(statement)
        described_columns.describe(connection, DESCRIBED)
        for view in ORDER_FACTS.views:
            yield f"## `{view}`\n\n{DESCRIBED[view].grain}\n"
            yield "| Column | Type | Meaning | From |\n|---|---|---|---|"
            rows = connection.execute(
                "SELECT column_name, column_type, unit, meaning, source FROM meta_columns WHERE table_name = ?", [view]
            ).fetchall()
            for column, kind, unit, meaning, source in rows:
                told = f"{meaning}; {unit}" if unit and not column.endswith("_minor") else meaning
                yield f"| `{column}` | {kind} | {told} | {source} |"
            yield ""
    yield "## Functions\n\nTables with an argument: `SELECT * FROM cohorts(DATE '2026-10-31')`.\n"
    yield "| Function | What it has a row for |\n|---|---|"
    for function in ORDER_FACTS.macros:
        yield f"| `{function}` | {FUNCTIONS[function]} |"
    yield "\n## Metrics\n"
    yield "`rustok sinks metrics` prints how each is worked out; `GET /v1/analytics/metrics` answers the same.\n"
    yield "| Metric | Meaning | In | May be added up over | Of |\n|---|---|---|---|---|"
    for metric in METRICS.values():
        yield _metric(metric)


def _metric(metric: Metric) -> str:
    each = ", by currency" if metric.by_currency else ", by unit" if metric.by_unit else ""
    over = ", ".join(sorted(metric.additive, reverse=True)) or "nothing"
    of = f"`{metric.relation.view}` by `{metric.day}`"
    return f"| `{metric.name}` | {metric.meaning} | {metric.unit}{each} | {over} | {of} |"

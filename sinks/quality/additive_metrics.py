"""Expects of each metric that claims to be additive over days that the days of a month are the month."""

from collections.abc import Sequence
from itertools import groupby

from sinks.analytics.metrics_catalogue import METRICS, Metric
from sinks.analytics.unit_measures import EXACT
from sinks.quality.expectation import Expectation, NoRows


def of_metrics() -> list[Expectation]:
    """One for each view and day: so many metrics are worked out at once."""
    additive = [metric for metric in METRICS.values() if "time" in metric.additive]
    placed = sorted(additive, key=_place)
    return [_expectation(view, day, list(some)) for (view, day), some in groupby(placed, key=_place)]


def _place(metric: Metric) -> tuple[str, str]:
    return metric.relation.view, metric.day


def _expectation(view: str, day: str, metrics: Sequence[Metric]) -> Expectation:
    figures = ", ".join(f"({metric.expression})::{EXACT} AS {metric.name}" for metric in metrics)
    sums = ", ".join(f"sum({metric.name})::{EXACT} AS {metric.name}" for metric in metrics)
    currency = "item.currency" if any(metric.by_currency for metric in metrics) else "NULL::VARCHAR AS currency"
    rows = f"FROM {view} AS item WHERE item.{day} IS NOT NULL AND {metrics[0].relation.only} GROUP BY ALL"
    month = f"date_trunc('month', item.{day})::DATE"
    return Expectation(
        name=f"{view}_of_days_by_{day}_are_the_month",
        table=view,
        condition=NoRows(
            f"""
            SELECT tenant_id, currency, date_trunc('month', day)::DATE AS month, {sums}
            FROM (SELECT item.tenant_id, {currency}, item.{day} AS day, {figures} {rows}) AS of_days GROUP BY ALL
            EXCEPT
            SELECT item.tenant_id, {currency}, {month} AS month, {figures} {rows}
            """
        ),
        meaning=f"Per shop, currency and month the days add up to the month: {', '.join(one.name for one in metrics)}.",
        advice="Something is counted on two days, or a metric claims what is not so: compare its days with its month.",
    )

"""Expects of a model that it is fresh, and of shops that sell that they sell about as much as they usually do."""

from datetime import datetime, timedelta
from typing import Final

from sinks.quality.expectation import Expectation, NoRows

#: So far a model may be behind what is committed.
MOST_LAG: Final = timedelta(minutes=15)
_WEEKS: Final = 8
#: So many median deviations, and at least so many rows, are nothing unusual.
_DEVIATIONS, _ROWS = 4, 5


def is_fresh(as_of: datetime | None, now: datetime) -> Expectation:
    """`as_of`: what the model vouches for; None, when nobody does."""
    held = "NULL" if as_of is None else f"'{as_of.isoformat()}'"
    return Expectation(
        name="model_is_fresh",
        table="freshness",
        condition=NoRows(
            f"SELECT as_of FROM (SELECT {held}::TIMESTAMPTZ AS as_of)"
            f" WHERE as_of IS NULL OR as_of < '{(now - MOST_LAG).isoformat()}'::TIMESTAMPTZ"
        ),
        meaning=f"It has all that was committed {MOST_LAG.seconds // 60} minutes ago, and its feed vouches for it.",
        advice="`rustok status` shows whether capture and the feed run, and how far they are.",
    )


def days_are_as_usual(table: str, moment: str, as_of: datetime) -> Expectation:
    """Of the last whole day in UTC, for shops that have been there for all of the weeks that it is compared with."""
    day = f"DATE '{(as_of.date() - timedelta(days=1)).isoformat()}'"
    return Expectation(
        name=f"{table}_of_a_day_are_as_many_as_usual",
        table=table,
        condition=NoRows(
            f"""
            WITH counted AS (
                SELECT tenant_id, ({moment} AT TIME ZONE 'UTC')::DATE AS day, count(*) AS n FROM {table} GROUP BY ALL
            ), shops AS (
                SELECT tenant_id FROM counted GROUP BY ALL HAVING min(day) <= {day} - {7 * _WEEKS}
            ), days AS (
                SELECT tenant_id, {day} - (7 * week)::INTEGER AS day, week
                FROM shops, range({_WEEKS + 1}) AS weeks(week)
            ), beside AS (
                SELECT tenant_id, week, coalesce(n, 0) AS n FROM days LEFT JOIN counted USING (tenant_id, day)
            ), usual AS (
                SELECT tenant_id, median(n) AS median, mad(n) AS mad FROM beside WHERE week > 0 GROUP BY ALL
            )
            SELECT tenant_id, {day} AS day, n AS rows, median AS usual FROM beside JOIN usual USING (tenant_id)
            WHERE week = 0 AND abs(n - median) > greatest({_DEVIATIONS} * mad, {_ROWS})
            """
        ),
        meaning=f"Each shop has as many {table} of its last day as on this weekday in the {_WEEKS} weeks before.",
        advice="Ask the shop: a holiday, a campaign, a till that does not send. Nothing is wrong with the figures.",
        severity="warning",
    )

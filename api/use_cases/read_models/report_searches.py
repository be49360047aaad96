"""Reports what people search for, what finds nothing, what is slow, and what is clicked and bought from it."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.domain.errors import Forbidden, Invalid
from api.domain.scope import Access
from api.use_cases.fields import Input, Locale
from api.use_cases.read_models.question import SearchReports
from schemas.row_conditions import EVERY_ROW
from sinks.analytics.sales_questions import time_zones
from sinks.analytics.search_questions import SearchesQuery, SearchReport


class SearchesAsked(Input):
    """Days are inclusive, in `timezone`."""

    first_day: date | None = Field(default=None, alias="from")
    last_day: date | None = Field(default=None, alias="to")
    timezone: str | None = Field(
        default=None, max_length=64, description="An IANA name, e.g. Europe/Berlin. The shop's own when it is missing."
    )
    locale: Locale | None = Field(default=None, description="Only what was searched for in this language.")
    channel: Literal["v1", "instantsearch"] | None = Field(default=None, description="Only what came by this door.")
    size: int = Field(default=20, ge=1, le=100, description="At most so many in each list.")


def report_searches(reports: SearchReports, access: Access, asked: SearchesAsked) -> SearchReport:
    """Raises `Invalid`, `Unavailable`, and `Forbidden` for who reaches some orders only: searches are of no order."""
    timezone = asked.timezone or access.shop.time_zone
    if timezone not in time_zones():
        raise Invalid.field("timezone", "unknown_timezone", f"There is no time zone {timezone}.")
    if asked.first_day and asked.last_day and asked.last_day < asked.first_day:
        raise Invalid.field("to", "too_early", "The last day is before the first.")
    if access.reached("analytics") != EVERY_ROW:
        raise Forbidden("You see some orders only, and what was searched for belongs to none.")
    return reports.searches(
        SearchesQuery(
            tenant_id=access.shop.id,
            first_day=asked.first_day,
            last_day=asked.last_day,
            timezone=timezone,
            locale=asked.locale,
            channel=asked.channel,
            size=asked.size,
        )
    )

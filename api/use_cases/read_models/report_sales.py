"""Reports orders, units and revenue of paid orders, by day, week or month and by department."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.domain.errors import Invalid
from api.domain.scope import Access
from api.use_cases.fields import Currency
from api.use_cases.read_models.question import Asked, Revenue, Wait
from sinks.analytics.sales_questions import Period, Sales, SalesQuery, time_zones


class SalesAsked(Asked):
    """Days are inclusive, in `timezone`."""

    first_day: date | None = Field(default=None, alias="from")
    last_day: date | None = Field(default=None, alias="to")
    by: Period | None = None
    split: Literal["department", "category"] | None = Field(
        default=None, description="By the root category of what was sold; both words mean the same."
    )
    timezone: str | None = Field(
        default=None, max_length=64, description="An IANA name, e.g. Europe/Berlin. The shop's own when it is missing."
    )
    currency: Currency | None = None


def report_sales(sales: Revenue, access: Access, asked: SalesAsked, until_visible: Wait) -> Sales:
    """Raises `Invalid`, `Unavailable`, and as the wait does."""
    timezone = asked.timezone or access.shop.time_zone
    if timezone not in time_zones():
        raise Invalid.field("timezone", "unknown_timezone", f"There is no time zone {timezone}.")
    if asked.first_day and asked.last_day and asked.last_day < asked.first_day:
        raise Invalid.field("to", "too_early", "The last day is before the first.")
    until_visible()
    return sales.sales(
        SalesQuery(
            tenant_id=access.shop.id,
            first_day=asked.first_day,
            last_day=asked.last_day,
            by=asked.by,
            split_category=asked.split is not None,
            timezone=timezone,
            currency=asked.currency,
            reached=access.reached("analytics"),
        )
    )

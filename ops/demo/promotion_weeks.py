"""Names the weeks whose promotions the demo shows: the one before, this one and the next, by the shops' own clock.

The source is of 2017. A week of today has the promotions of the source's week at the same time of the year.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ops.demo.grocer_source import TIMEZONE


@dataclass(frozen=True, slots=True)
class Week:
    """`source_week` is as the till counts them: the first one began on 2016-12-26."""

    monday: date
    source_week: int

    @property
    def name(self) -> str:
        return f"Week of {self.monday}"

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.monday, time(), ZoneInfo(TIMEZONE))

    @property
    def ends_at(self) -> datetime:
        return datetime.combine(self.monday + timedelta(days=7), time(), ZoneInfo(TIMEZONE))


def weeks_around(now: datetime) -> tuple[Week, Week, Week]:
    """The one before, this one and the next."""
    today = now.astimezone(ZoneInfo(TIMEZONE)).date()
    monday = today - timedelta(days=today.weekday())
    before, this, after = (_week(monday + timedelta(days=7 * step)) for step in (-1, 0, 1))
    return before, this, after


def _week(monday: date) -> Week:
    """The source's year has 52 whole weeks, of which ISO's first one is the second."""
    return Week(monday, min(monday.isocalendar().week, 52) + 1)

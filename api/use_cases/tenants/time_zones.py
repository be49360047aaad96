"""Knows the time zones that a shop's days can be of: those that figures can be asked in."""

from api.domain.errors import Invalid
from sinks.analytics.sales_questions import time_zones


def checked_time_zone(name: str) -> str:
    """The name itself. Raises `Invalid`."""
    if name not in time_zones():
        raise Invalid.field("time_zone", "unknown_timezone", f"There is no time zone {name}.")
    return name

"""Expects of what the archive shows as history that it is: half-open intervals of everything, without gap or overlap.

What is expected of a view is made from its declaration, so a new view of intervals is checked as the others are. Views
read the body of every event, so each is asked once, and says of a row all that is wrong with it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sinks.archive.history_views import INTERVAL_VIEWS, IntervalView
from sinks.quality.expectation import Expectation, NoRows, Unique

_EVENT: Final = ("tenant_id", "aggregate", "aggregate_id", "version")
_ADVICE: Final = (
    "`rustok sinks archive` says whether the events add up; where they do, the view is at fault: tell the maintainers."
)


def of_histories() -> Sequence[Expectation]:
    once = Expectation(
        name="events_are_there_once",
        table="events",
        condition=Unique(_EVENT),
        meaning=f"No two rows of `events` have the same {', '.join(_EVENT)}.",
        advice=_ADVICE,
        keys=_EVENT,
    )
    return [once, *map(_of_view, INTERVAL_VIEWS)]


def wrong_of(view: IntervalView) -> Mapping[str, str]:
    """What can be wrong with an interval, in words, and when it is: beside the next of its key."""
    begins, ends = view.begins, view.ends
    found = {
        "it is there twice": "next_version = version",
        f"it has no {begins}": f"{begins} IS NULL",
        "it ends before it begins": f"{ends} < {begins}",
        "there is a gap before the next": f"next_version IS NOT NULL AND {ends} < next_begins",
        "the next begins before it ends": f"next_version IS NOT NULL AND ({ends} > next_begins OR {ends} IS NULL)",
        "the last one is not open": f"next_version IS NULL AND {ends} IS NOT NULL",
    }
    if view.current:
        found[f"{view.current} says otherwise"] = f"{view.current} IS DISTINCT FROM ({ends} IS NULL)"
    return found


def _of_view(view: IntervalView) -> Expectation:
    key = ", ".join(view.key)
    shown = ", ".join([key, "version", view.begins, view.ends])
    read = f"{shown}, {view.current}" if view.current else shown
    wrong = ", ".join(f"CASE WHEN {when} THEN '{words}' END" for words, when in wrong_of(view).items())
    return Expectation(
        name=f"{view.name}_are_intervals",
        table=view.name,
        condition=NoRows(
            f"""
            SELECT {shown}, concat_ws('; ', {wrong}) AS wrong FROM (
                SELECT {read}, lead({view.begins}) OVER in_order AS next_begins,
                       lead(version) OVER in_order AS next_version
                FROM {view.name} WINDOW in_order AS (PARTITION BY {key} ORDER BY version)
            ) WHERE wrong <> ''
            """
        ),
        meaning=f"Each interval of a {key} ends where the next one begins, and no earlier than it begins itself; the"
        f" last one, and no other, is open{' and `' + view.current + '`' if view.current else ''}.",
        advice=_ADVICE,
    )

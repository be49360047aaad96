"""Expects of what was searched for and done that it is what a search log may say, and kept no longer than promised."""

from typing import Final

from schemas.events.search_log import KEPT_DAYS
from sinks.quality.expectation import Expectation, NoRows, OneOf

_SEARCH: Final = ("tenant_id", "log_id", "line_no")
_DEFECT: Final = (
    "What wrote it is at fault: `rustok streams dead-letters` has what could not be used; tell the maintainers."
)
_DAY_OF_GRACE: Final = KEPT_DAYS + 1

SEARCHES: Final = (
    Expectation(
        name="recorded_searches_are_of_a_known_match",
        table="recorded_searches",
        condition=OneOf("match", ("all", "loose", "some")),
        meaning="`match` is all, loose or some.",
        advice=_DEFECT,
        keys=_SEARCH,
    ),
    Expectation(
        name="recorded_searches_count_from_1",
        table="recorded_searches",
        condition=NoRows(
            "SELECT tenant_id, log_id, line_no FROM recorded_searches"
            " WHERE page < 1 OR hits < 0 OR took_ms < 0 OR asked_at IS NULL OR query_id IS NULL"
        ),
        meaning="Pages count from 1, hits and times are not negative, and each search has its name and moment.",
        advice=_DEFECT,
        keys=_SEARCH,
    ),
    Expectation(
        name="search_actions_are_of_a_known_kind",
        table="search_actions",
        condition=OneOf("kind", ("click", "view", "conversion")),
        meaning="`kind` is click, view or conversion.",
        advice=_DEFECT,
        keys=_SEARCH,
    ),
    Expectation(
        name="search_actions_count_from_1",
        table="search_actions",
        condition=NoRows("SELECT tenant_id, log_id, line_no FROM search_actions WHERE position < 1 OR done_at IS NULL"),
        meaning="Positions count from 1, and each action has its moment.",
        advice=_DEFECT,
        keys=_SEARCH,
    ),
    Expectation(
        name="searches_are_recorded_searches",
        table="searches",
        condition=NoRows(
            "SELECT tenant_id, query_id FROM searches ANTI JOIN recorded_searches USING (tenant_id, query_id)"
            " UNION ALL SELECT tenant_id, query_id FROM searches GROUP BY ALL HAVING count(*) > 1"
        ),
        meaning="The view `searches` has each search once, and only what was recorded.",
        advice=_DEFECT,
        severity="warning",
    ),
    Expectation(
        name="search_logs_are_forgotten_in_time",
        table="search_logs",
        condition=NoRows(
            "SELECT tenant_id, id, recorded_at FROM search_logs"
            f" WHERE recorded_at < now() - INTERVAL {_DAY_OF_GRACE} DAY"
        ),
        meaning=f"Nothing that people typed is kept longer than {KEPT_DAYS} days.",
        advice="Its feed removes it with its next publishing: `rustok status` shows whether it runs.",
    ),
)

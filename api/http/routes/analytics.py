"""Analytics: what was sold, answered by the sales read model."""

from apiflask import APIBlueprint
from flask import Response

from api.domain.errors import Invalid
from api.http.bodies.search import SalesAnswer, SalesAsked, SalesRowAnswer
from api.http.dependencies import dependencies
from api.http.read_model_answers import freshness, respond, until_visible
from api.http.security import requires, tenant
from sinks.analytics.sales import SalesQuery, time_zones

analytics = APIBlueprint("analytics", __name__, url_prefix="/v1/analytics", tag="Analytics")


@analytics.get("/sales")
@requires("analytics:read")
@analytics.input(SalesAsked, location="query")
@analytics.output(SalesAnswer)
def get_sales(query_data: SalesAsked) -> Response:
    """Orders, units and revenue of paid orders, by day, week or month and by department"""
    if query_data.timezone not in time_zones():
        raise Invalid.field("timezone", "unknown_timezone", f"There is no time zone {query_data.timezone}.")
    if query_data.first_day and query_data.last_day and query_data.last_day < query_data.first_day:
        raise Invalid.field("to", "too_early", "The last day is before the first.")
    until_visible(query_data, "sales", dependencies().sales)
    found = dependencies().sales.sales(
        SalesQuery(
            tenant_id=tenant().id,
            first_day=query_data.first_day,
            last_day=query_data.last_day,
            by=query_data.by,
            split_category=query_data.split is not None,
            timezone=query_data.timezone,
            currency=query_data.currency,
        )
    )
    as_of, lag_ms, state = freshness(found.freshness)
    return respond(
        SalesAnswer(
            as_of=as_of,
            lag_ms=lag_ms,
            state=state,
            timezone=query_data.timezone,
            rows=[SalesRowAnswer.model_validate(row) for row in found.rows],
            totals=[SalesRowAnswer.model_validate(row) for row in found.totals],
        )
    )

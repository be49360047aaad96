"""Analytics: what was sold, answered by the sales read model."""

from apiflask import APIBlueprint
from flask import Response

from api.http.bodies.read_models import SalesAnswer, SalesRowAnswer
from api.http.dependencies import dependencies
from api.http.read_model_answers import freshness, respond, wait_for_receipts
from api.http.security import access, requires
from api.use_cases.read_models.report_sales import SalesAsked, report_sales

analytics = APIBlueprint("analytics", __name__, url_prefix="/v1/analytics", tag="Analytics")


@analytics.get("/sales")
@requires("analytics:read")
@analytics.input(SalesAsked, location="query")
@analytics.output(SalesAnswer)
def get_sales(query_data: SalesAsked) -> Response:
    """Orders, units and revenue of paid orders, by day, week or month and by department"""
    model = dependencies().sales
    found = report_sales(model, access(), query_data, lambda: wait_for_receipts(query_data, "sales", model))
    as_of, lag_ms, state = freshness(found.freshness)
    return respond(
        SalesAnswer(
            as_of=as_of,
            lag_ms=lag_ms,
            state=state,
            timezone=query_data.timezone or access().shop.time_zone,
            rows=[SalesRowAnswer.model_validate(row) for row in found.rows],
            totals=[SalesRowAnswer.model_validate(row) for row in found.totals],
        )
    )

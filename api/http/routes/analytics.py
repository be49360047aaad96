"""Analytics: what was sold, and what was searched for, answered by the read models of each."""

from apiflask import APIBlueprint
from flask import Response, request

from api.http.bodies.metrics import MetricReportAnswer, MetricsAnswer
from api.http.bodies.read_models import (
    QueryRowAnswer,
    SalesAnswer,
    SalesRowAnswer,
    SearchesAnswer,
    SearchRowAnswer,
    SqlAnswerBody,
)
from api.http.dependencies import dependencies
from api.http.metric_answers import CSV, JSON, as_answer, as_csv
from api.http.read_model_answers import freshness, respond, wait_for_receipts
from api.http.security import access, reaching, requires
from api.http.sql_answers import respond_as_csv, respond_as_json
from api.use_cases.read_models.ask_in_sql import SqlAsked, ask_in_sql
from api.use_cases.read_models.report_metric import MetricAsked, report_metric
from api.use_cases.read_models.report_sales import SalesAsked, report_sales
from api.use_cases.read_models.report_searches import SearchesAsked, report_searches

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


@analytics.get("/searches")
@requires("analytics:read")
@analytics.input(SearchesAsked, location="query")
@analytics.output(SearchesAnswer)
def get_searches(query_data: SearchesAsked) -> Response:
    """What people search for, what finds nothing, what is slow and what is clicked"""
    found = report_searches(dependencies().searches, access(), query_data)
    as_of, lag_ms, state = freshness(found.freshness)
    return respond(
        SearchesAnswer(
            as_of=as_of,
            lag_ms=lag_ms,
            state=state,
            timezone=query_data.timezone or access().shop.time_zone,
            total=None if found.total is None else SearchRowAnswer.model_validate(found.total),
            top=[QueryRowAnswer.model_validate(row) for row in found.top],
            without_hits=[QueryRowAnswer.model_validate(row) for row in found.without_hits],
            slow=[QueryRowAnswer.model_validate(row) for row in found.slow],
        )
    )


@analytics.get("/metrics")
@requires("analytics:read")
@analytics.output(MetricsAnswer)
def list_metrics() -> Response:
    """Every metric: what it means, how it is worked out, and what it may be added up over"""
    return Response(MetricsAnswer.every().model_dump_json(), content_type="application/json")


@analytics.get("/metrics/<metric>")
@requires("analytics:read")
@analytics.input(MetricAsked, location="query")
@analytics.output(MetricReportAnswer)
def get_metric(metric: str, query_data: MetricAsked) -> Response:
    """A metric by period and split, beside another time; answered as JSON or, to Accept: text/csv, as CSV"""
    model = dependencies().sales
    report = report_metric(model, access(), metric, query_data, lambda: wait_for_receipts(query_data, "sales", model))
    is_csv = request.accept_mimetypes.best_match([JSON, CSV], default=JSON) == CSV
    return as_csv(report) if is_csv else as_answer(report, access().shop.time_zone)


@analytics.post("/sql")
@requires("analytics:query")
@analytics.input(SqlAsked)
@analytics.output(SqlAnswerBody)
def ask_sql(json_data: SqlAsked) -> Response:
    """A SELECT over the shop's own rows, answered as JSON or, to Accept: text/csv, as CSV"""
    is_csv = request.accept_mimetypes.best_match([JSON, CSV], default=JSON) == CSV
    statements, read = dependencies().sql, reaching("analytics:read")
    found = ask_in_sql(statements, access(), read, json_data, "csv" if is_csv else "json")
    return respond_as_csv(found) if is_csv else respond_as_json(found)

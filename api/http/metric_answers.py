"""Puts a metric into an answer: JSON with all there is, or CSV with a line for each row."""

import csv
import io
from typing import Final

from flask import Response

from api.http.bodies.metrics import MetricAnswer, MetricReportAnswer, MetricTimeAnswer
from api.http.middleware import vary
from api.http.read_model_answers import AS_OF_HEADER, freshness, respond
from api.use_cases.read_models.report_metric import MetricReport
from sinks import spreadsheet_texts

JSON: Final = "application/json"
CSV: Final = "text/csv"
_COLUMNS: Final = ("time", "period", "split", "currency", "value", "unit")


def as_answer(report: MetricReport, timezone: str) -> Response:
    as_of, lag_ms, state = freshness(report.found.freshness)
    before = None
    if report.before is not None:
        before = MetricTimeAnswer.of(report.before_from, report.before_to, report.before)
    body = MetricReportAnswer(
        as_of=as_of,
        lag_ms=lag_ms,
        state=state,
        metric=MetricAnswer.of(report.metric),
        timezone=timezone,
        now=MetricTimeAnswer.of(report.first_day, report.last_day, report.found),
        before=before,
    )
    return _varied(respond(body))


def as_csv(report: MetricReport) -> Response:
    """Totals are not in it. How fresh it is, a header says."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(_COLUMNS)
    for time, found in (("now", report.found), ("before", report.before)):
        for row in found.rows if found is not None else ():
            lines.writerow((time, row.period, _harmless(row.split), row.currency, row.value, _harmless(row.unit)))
    response = Response(written.getvalue(), content_type=f"{CSV}; charset=utf-8; header=present")
    as_of, _, _ = freshness(report.found.freshness)
    if as_of is not None:
        response.headers[AS_OF_HEADER] = as_of
    response.headers["Cache-Control"] = "no-store"
    return _varied(response)


def _harmless(text: str | None) -> str | None:
    """As text, also to a spreadsheet."""
    return None if text is None else spreadsheet_texts.harmless(text)


def _varied(response: Response) -> Response:
    vary.depends_on(response, "Accept")
    return response

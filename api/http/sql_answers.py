"""Puts what a statement found into an answer, without reading its rows again."""

from typing import Final

import orjson
from flask import Response

from api.http.middleware import vary
from api.http.read_model_answers import AS_OF_HEADER, freshness
from sinks.sql.sql_reader import SqlAnswer

JSON: Final = "application/json"
CSV: Final = "text/csv"


def respond_as_json(found: SqlAnswer) -> Response:
    as_of, lag_ms, state = freshness(found.freshness)
    head = {
        "as_of": as_of,
        "lag_ms": lag_ms,
        "state": state,
        "snapshot": found.snapshot,
        "columns": [{"name": name, "type": kind} for name, kind in found.columns],
        "truncated": found.truncated,
    }
    return _with_headers(Response(orjson.dumps(head)[:-1] + b',"rows":' + found.body + b"}", content_type=JSON), found)


def respond_as_csv(found: SqlAnswer) -> Response:
    """What the JSON says about the rows is in headers."""
    response = Response(found.body, content_type=f"{CSV}; charset=utf-8; header=present")
    response.headers["Rustok-Snapshot"] = found.snapshot
    response.headers["Rustok-Truncated"] = "true" if found.truncated else "false"
    return _with_headers(response, found)


def _with_headers(response: Response, found: SqlAnswer) -> Response:
    as_of, _, _ = freshness(found.freshness)
    if as_of is not None:
        response.headers[AS_OF_HEADER] = as_of
    response.headers["Cache-Control"] = "no-store"
    vary.depends_on(response, "Accept")
    return response

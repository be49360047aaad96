"""Counts requests by the pattern of their route, with time and result; commands are logged, too.

A read is quiet when well: it is logged at debug level only, unless it failed.
"""

import time
from typing import Final

import structlog
from flask import Flask, Response, g, request

from api.http.route_table import pattern
from api.http.server.request_state import visit_of
from ops.metrics import HTTP_METHODS, HTTP_REQUESTS, HTTP_SECONDS, HTTP_STATUSES, among

log = structlog.get_logger(__name__)

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FAILED: Final = 500


def register(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_count)


def _begin() -> None:
    visit = visit_of(request.environ)
    g.began = time.perf_counter() if visit is None else visit.began_s


def _count(response: Response) -> Response:
    visit = visit_of(request.environ)
    if visit is not None and visit.wish is not None:
        return response  # nobody gets this answer: the request comes again
    route = "unmatched" if request.url_rule is None else pattern(request.url_rule.rule)
    method = among(HTTP_METHODS, request.method)
    labels = (method, route, among(HTTP_STATUSES, str(response.status_code)))
    seconds = time.perf_counter() - g.began
    HTTP_REQUESTS.labels(*labels).inc()
    HTTP_SECONDS.labels(*labels).observe(seconds)
    say = log.debug if request.method in _READS and response.status_code < _FAILED else log.info
    say("request_done", method=method, route=route, status=response.status_code, ms=round(seconds * 1000, 1))
    return response

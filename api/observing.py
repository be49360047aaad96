"""How many requests, how long, with what result? Counted by the pattern of the route."""

import time

from flask import Flask, Response, g, request

from api.documenting import pattern
from ops.metrics import HTTP_REQUESTS, HTTP_SECONDS


def register(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_count)


def _begin() -> None:
    g.began = time.perf_counter()


def _count(response: Response) -> Response:
    route = "unmatched" if request.url_rule is None else pattern(request.url_rule.rule)
    labels = (request.method, route, str(response.status_code))
    HTTP_REQUESTS.labels(*labels).inc()
    HTTP_SECONDS.labels(*labels).observe(time.perf_counter() - g.began)
    return response

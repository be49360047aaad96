"""Answers two thousand reads a second: a schema never changes, so who has just read it gets the same bytes again.

Around the whole application. What was answered to a caller is answered again to the same caller at this host without
asking anybody, for a few seconds and no longer than their token is good. Then it is asked anew, so that it is noticed
when a schema was deleted for good or a shop was closed.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from flask import Response

from api.http.server.wsgi_call import Environ, Wsgi
from ops.metrics import HTTP_REQUESTS, HTTP_SECONDS

KEPT_S: Final = 2.0
_MOST: Final = 20_000
_UNDER: Final = "/schemas/ids/"
_KEY: Final = "rustok.registry.unchanging"
#: As `api.http.middleware.request_metrics` counts it.
_LABELS: Final = ("GET", "/schemas/ids/{schema_id}", "200")

_Headers = list[tuple[str, str]]
_Asked = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    headers: _Headers
    until_s: float


def is_unchanging(environ: Environ, answer: Response, seconds: float) -> None:
    """A view says: for so long, whoever asks this with the same token gets this answer."""
    environ[_KEY] = (answer.get_data(), answer.headers["Content-Type"], answer.headers["Cache-Control"], seconds)


class AnswerCache:
    """Around a WSGI application."""

    def __init__(self, app: Wsgi, now_s: Callable[[], float]) -> None:
        self._app = app
        self._now_s = now_s
        self._answers: dict[_Asked, _Answer] = {}
        self._count = HTTP_REQUESTS.labels(*_LABELS).inc
        self._observe = HTTP_SECONDS.labels(*_LABELS).observe

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "DELETE":
            return self._delete(environ, start_response)
        if not path.startswith(_UNDER) or environ["REQUEST_METHOD"] != "GET":
            return self._app(environ, start_response)
        began = time.perf_counter()
        asked = (
            environ.get("HTTP_AUTHORIZATION", ""),
            environ.get("HTTP_HOST", ""),
            environ.get("HTTP_ACCEPT", ""),
            path,
            environ.get("QUERY_STRING", ""),
        )
        known = self._answers.get(asked)
        if known is None or known.until_s <= self._now_s():
            return self._ask(asked, environ, start_response)
        start_response("200 OK", known.headers)
        self._count()
        self._observe(time.perf_counter() - began)
        return (known.body,)

    def _delete(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """What goes is gone at once in this process, and in the others in a moment."""
        answered = self._app(environ, start_response)
        self._answers.clear()
        return answered

    def _ask(self, asked: _Asked, environ: Environ, start_response: Any) -> Iterable[bytes]:
        answered = self._app(environ, start_response)
        if _KEY in environ:
            body, content_type, cache_control, seconds = environ[_KEY]
            headers = [
                ("Content-Type", content_type),
                ("Content-Length", str(len(body))),
                ("Cache-Control", cache_control),
            ]
            if len(self._answers) >= _MOST:
                self._answers.clear()
            self._answers[asked] = _Answer(body, headers, self._now_s() + min(seconds, KEPT_S))
        return answered

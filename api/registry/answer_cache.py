"""Answers two thousand reads a second: a schema never changes, so who has just read it gets the same bytes again.

Around the whole application. What was answered to a caller is answered again to the same caller, at this host and from
a page of the same origin, without asking anybody, for a few seconds and no longer than their token is good. Then it is
asked anew, so that it is noticed when a schema was deleted for good or a shop was closed.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from flask import Response

from api.http.middleware import security_headers
from api.http.server.wsgi_call import Environ, Wsgi
from ops.metrics import HTTP_REQUESTS, HTTP_SECONDS

KEPT_S: Final = 2.0
_MOST: Final = 20_000
_UNDER: Final = "/schemas/ids/"
_KEY: Final = "rustok.registry.unchanging"
#: As `api.http.middleware.request_metrics` counts it.
_LABELS: Final = ("GET", "/schemas/ids/{schema_id}", "200")

_Headers = list[tuple[str, str]]
_Asked = tuple[str, str, str, str, str, str]
#: What of an answer is the same for whoever asks this again from a page of the same origin. The rest is of one request.
_OF_THE_ANSWER: Final = frozenset(
    {"cache-control", "content-type", "vary", *(name.lower() for name, _ in security_headers.ALWAYS)}
)
_OF_CORS: Final = "access-control-"


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    headers: _Headers
    until_s: float


def is_unchanging(environ: Environ, answer: Response, seconds: float) -> None:
    """A view says: for so long, whoever asks this with the same token gets this answer."""
    environ[_KEY] = (answer.get_data(), seconds)


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
            environ.get("HTTP_ORIGIN", ""),
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
        told: _Headers = []

        def start(status: str, headers: _Headers, *more: Any) -> Any:
            told.extend((name, value) for name, value in headers if _is_of_the_answer(name.lower()))
            return start_response(status, headers, *more)

        answered = self._app(environ, start)
        if _KEY in environ:
            body, seconds = environ[_KEY]
            headers = [*told, ("Content-Length", str(len(body)))]
            if len(self._answers) >= _MOST:
                self._answers.clear()
            self._answers[asked] = _Answer(body, headers, self._now_s() + min(seconds, KEPT_S))
        return answered


def _is_of_the_answer(name: str) -> bool:
    return name in _OF_THE_ANSWER or name.startswith(_OF_CORS)

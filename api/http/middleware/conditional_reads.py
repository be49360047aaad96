"""Answers a client that has the newest version already: 304 without a body, where a GET has an ETag.

The entity may be kept by who got it, and is asked for again each time: nobody sees an old version without knowing.
"""

from http import HTTPStatus
from typing import Final

from flask import Flask, Response, request

from api.http.middleware import vary

_READS: Final = frozenset({"GET", "HEAD"})
#: They tell of a body that is not sent.
_OF_THE_BODY: Final = ("Content-Type", "Content-Length", "Content-Encoding", "Content-Language")


def register(app: Flask) -> None:
    app.after_request(_revalidate)


def _revalidate(response: Response) -> Response:
    tag, _ = response.get_etag()
    if request.method not in _READS or response.status_code != HTTPStatus.OK or tag is None:
        return response
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-cache"
    vary.depends_on(response, "Authorization")
    if "If-None-Match" in request.headers and request.if_none_match.contains_weak(tag):
        response.status_code = HTTPStatus.NOT_MODIFIED
        response.set_data(b"")
        for name in _OF_THE_BODY:
            response.headers.pop(name, None)
    return response

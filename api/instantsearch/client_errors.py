"""Tells such a client what did not work, in the form that it shows: `{"message": …, "status": …}`."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import orjson
import structlog
from flask import Response, request
from werkzeug.exceptions import HTTPException

from api.domain.errors import Refused, Unauthenticated
from api.http import problems
from api.http.limits.quota_exceeded import QuotaExceeded
from api.instantsearch.refusals import NotAsked
from api.store.errors import StoreDown
from sinks.sink import Unavailable

#: What such clients can ask elsewhere, by a word of its address.
_NOT_OFFERED: Final[Mapping[str, str]] = {
    "batch": "Nothing is written here: products are published through /v1/products, and found a moment later",
    "objects": "There are no objects at this address: GET /v1/products/{product_id} has a product",
    "browse": "There is no browsing here: GET /v1/search/products reads a search to its end by cursor",
    "rules": "There are no rules at this address: /v1/search/settings has them",
    "settings": "There are no settings at this address: /v1/search/settings has them",
    "synonyms": "There are no synonyms at this address: /v1/search/settings has them",
}
_INDEXES: Final = "indexes"
_log = structlog.get_logger(__name__)


def refusal(error: Exception) -> Response:
    """The answer to anything that was raised. A client asks again by itself after a 429, and shows any other."""
    match error:
        case NotAsked():
            return _told(error.status, error.message)
        case StoreDown() | Unavailable():
            _log.warning("store_unavailable", reason=str(error))
            return _later(HTTPStatus.SERVICE_UNAVAILABLE, "The search does not answer just now", error.retry_after_s)
        case QuotaExceeded():
            return _later(HTTPStatus.TOO_MANY_REQUESTS, error.detail, error.retry_after_s)
        case Unauthenticated():
            refused = _told(HTTPStatus.UNAUTHORIZED, "Invalid Application-ID or API key")
            refused.headers["WWW-Authenticate"] = "Bearer"
            return refused
        case Refused():
            return _told(problems.status_of(error), error.detail)
        case HTTPException():
            return _of_http(error)
        case _:
            _log.error("request_failed", exc_info=error)
            return _told(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here")


def _of_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    named = _not_offered(request.path.split("/"), is_reading=request.method in ("GET", "HEAD"))
    if status == HTTPStatus.NOT_FOUND and named is not None:
        return _told(HTTPStatus.BAD_REQUEST, _NOT_OFFERED[named])
    refused = _told(status, error.description or status.phrase)
    refused.headers.extend(item for item in error.get_headers() if item[0] == "Allow")
    return refused


def _not_offered(words: Sequence[str], *, is_reading: bool) -> str | None:
    """Which of those it is; what else is asked of an index is one of its objects, to be read or written."""
    named = next((word for word in words if word in _NOT_OFFERED), None)
    if named is None and _INDEXES in words:
        return "objects" if is_reading else "batch"
    return named


def _later(status: HTTPStatus, message: str, seconds: float) -> Response:
    refused = _told(status, message)
    refused.headers["Retry-After"] = str(max(1, round(seconds)))
    return refused


def _told(status: HTTPStatus, message: str) -> Response:
    body = orjson.dumps({"message": message, "status": status.value})
    return Response(body, status.value, content_type="application/json")

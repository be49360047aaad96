"""Tells a client what did not work: RFC 9457 problem documents, from one table of error → status.

Never SQL text, a stack or anything of another tenant. `type` and `code` are stable, `detail` is for people.
"""

import re
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from apiflask.exceptions import HTTPError
from flask import Flask, Response
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from api.domain import errors
from api.domain.payment_provider import PaymentDeclined, ProviderAway
from api.http.limits import quota_headers
from api.http.limits.quota_exceeded import QuotaExceeded
from api.http.middleware import request_ids
from api.http.receipts import NotVisibleYet, TooManyWaiting
from api.store.errors import SchemasNotPinned, StoreDown
from api.use_cases.read_models.ask_in_sql import TooManyQueries
from api.use_cases.read_models.page_through_products import TooManyCursors
from api.use_cases.users.hash_passwords import Busy
from schemas.event_codec import InvalidEvent
from sinks.sink import Unavailable

CONTENT_TYPE: Final = "application/problem+json"

#: They say when.
_ASK_AGAIN: Final = (
    StoreDown
    | Unavailable
    | ProviderAway
    | NotVisibleYet
    | TooManyWaiting
    | TooManyCursors
    | TooManyQueries
    | Busy
    | QuotaExceeded
)
_MEMBER: Final = re.compile(r"<\w+\.\w+: ('[^']*')>")

#: The most specific class decides.
STATUSES: Final[dict[type[Exception], HTTPStatus]] = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.ModuleOff: HTTPStatus.NOT_FOUND,
    errors.NotProven: HTTPStatus.CONFLICT,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.VersionMismatch: HTTPStatus.PRECONDITION_FAILED,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    PaymentDeclined: HTTPStatus.PAYMENT_REQUIRED,
    ProviderAway: HTTPStatus.SERVICE_UNAVAILABLE,
    InvalidEvent: HTTPStatus.UNPROCESSABLE_ENTITY,
    StoreDown: HTTPStatus.SERVICE_UNAVAILABLE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    QuotaExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    NotVisibleYet: HTTPStatus.GATEWAY_TIMEOUT,
    TooManyWaiting: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyCursors: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyQueries: HTTPStatus.SERVICE_UNAVAILABLE,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    Exception: HTTPStatus.INTERNAL_SERVER_ERROR,
}

_CODES: Final = {
    HTTPStatus.BAD_REQUEST: "malformed",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}
_DETAILS: Final = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address. Where it is to name a thing, that is its id.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take this method; Allow says which it takes.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
}
_log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    app.register_error_handler(Exception, answer)
    app.register_error_handler(HTTPError, answer)  # in place of APIFlask's own handler


def answer(error: Exception) -> Response:
    """The problem document of any exception, with the headers that belong to it."""
    if isinstance(error, HTTPError) and isinstance(error.__cause__, ValidationError):
        error = from_validation(error.__cause__)  # a model refused the input
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, StoreDown | Unavailable):
        _log.warning("store_unavailable", reason=str(error))
    elif status_of(error) == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request_failed", exc_info=error)
    return _with_headers(_respond(of(error)), error)


def of(error: Exception) -> dict[str, Any]:
    """The fields of the problem document."""
    status = status_of(error)
    match error:
        case QuotaExceeded():
            told = _document(status, error.code, error.detail)
            return {**told, "type": quota_headers.PROBLEM_TYPE, quota_headers.VIOLATED: list(error.policies)}
        case errors.Refused():
            return _document(status, error.code, error.detail, error.errors)
        case InvalidEvent():
            return _document(status, "invalid_event", str(error))
        case SchemasNotPinned():
            detail = "This deployment is not finished: the schemas of its events are not registered yet."
            return _document(status, "store_unavailable", detail)
        case StoreDown() | Unavailable():
            return _document(status, "store_unavailable", "A store is not available just now. Ask again.")
        case Busy():
            return _document(status, "busy", "Too many people are signing in just now. Ask again.")
        case _:
            return _document(status, "internal", "Something went wrong here. The trace id helps to find out what.")


def status_of(error: Exception) -> HTTPStatus:
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def from_validation(error: ValidationError) -> errors.Invalid:
    """Every field that a model refused, by its path."""
    wrong = [
        errors.FieldError(".".join(map(str, one["loc"])), one["type"], _in_plain(one["msg"]))
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return errors.Invalid(f"{len(wrong)} field{'s are' if len(wrong) > 1 else ' is'} not as it should be.", wrong)


def _in_plain(message: str) -> str:
    """With the names that a client writes, where pydantic shows members of an enumeration of ours."""
    return _MEMBER.sub(r"\1", message)


def document(
    trace: request_ids.Trace, status: HTTPStatus, code: str, detail: str, wrong: tuple[errors.FieldError, ...] = ()
) -> dict[str, Any]:
    """For who refuses a request without the application."""
    return {
        "type": f"urn:rustok:problem:{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
        "instance": f"urn:uuid:{trace.request_id}",
        "errors": [{"field": one.field, "code": one.code, "message": one.message} for one in wrong],
        "trace_id": trace.trace_id,
    }


def _document(status: HTTPStatus, code: str, detail: str, wrong: tuple[errors.FieldError, ...] = ()) -> dict[str, Any]:
    return document(request_ids.current(), status, code, detail, wrong)


def _respond(problem: dict[str, Any]) -> Response:
    return Response(orjson.dumps(problem), problem["status"], content_type=CONTENT_TYPE)


def _of_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    code = _CODES.get(status, status.name.lower())
    detail = _DETAILS.get(status) or error.description or status.phrase
    response = _respond(_document(status, code, detail))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _with_headers(response: Response, error: Exception) -> Response:
    if isinstance(error, errors.AnswerNotKept):
        response.headers.update(error.headers)
    if isinstance(error, errors.Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, _ASK_AGAIN):
        response.headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    return response

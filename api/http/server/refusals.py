"""What a caller gets who is refused before the application sees the request: the same documents as from inside."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import orjson

from api.http import problems
from api.http.middleware import request_ids, security_headers
from api.http.server.mounted_applications import REGISTRY_CONTENT_TYPE, is_instantsearchs, is_registrys
from api.http.server.wsgi_call import HttpAnswer


@dataclass(frozen=True, slots=True)
class HttpRefusal:
    """`reason` is a value of the label of `rustok_http_rejected_total`."""

    status: HTTPStatus
    code: str
    reason: str
    detail: str
    retry_after_s: int | None = None


_BUSY: Final = "So many of these are being answered that yours would wait too long. Ask again."

MALFORMED: Final = HttpRefusal(HTTPStatus.BAD_REQUEST, "malformed", "malformed", "It is not a valid HTTP request.")
NO_HOST: Final = HttpRefusal(HTTPStatus.BAD_REQUEST, "malformed", "malformed", "A request names one Host.")
UNKNOWN_METHOD: Final = HttpRefusal(
    HTTPStatus.NOT_IMPLEMENTED, "not_implemented", "unknown_method", "Nothing here takes this method."
)
ADDRESS_TOO_LONG: Final = HttpRefusal(
    HTTPStatus.REQUEST_URI_TOO_LONG, "address_too_long", "address_too_long", "The address is longer than 16 KiB."
)
HEADERS_TOO_LARGE: Final = HttpRefusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "headers_too_large",
    "headers_too_large",
    "There are more than 100 headers, or more than 64 KiB of them.",
)
BODY_TOO_LARGE: Final = HttpRefusal(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "body_too_large", "The body is too large."
)
TOO_SLOW: Final = HttpRefusal(HTTPStatus.REQUEST_TIMEOUT, "too_slow", "too_slow", "The request did not arrive in time.")
QUEUE_FULL: Final = HttpRefusal(HTTPStatus.SERVICE_UNAVAILABLE, "overloaded", "queue_full", _BUSY, 1)
QUEUED_TOO_LONG: Final = HttpRefusal(HTTPStatus.SERVICE_UNAVAILABLE, "overloaded", "queued_too_long", _BUSY, 2)
NO_MEMORY: Final = HttpRefusal(HTTPStatus.SERVICE_UNAVAILABLE, "overloaded", "bodies_in_memory", _BUSY, 2)
TOO_MANY_CONNECTIONS: Final = HttpRefusal(HTTPStatus.SERVICE_UNAVAILABLE, "overloaded", "connections", _BUSY, 1)

BUSY: Final = {one.reason: one for one in (QUEUE_FULL, QUEUED_TOO_LONG)}
REASONS: Final = frozenset(
    one.reason
    for one in (
        MALFORMED,
        UNKNOWN_METHOD,
        ADDRESS_TOO_LONG,
        HEADERS_TOO_LARGE,
        BODY_TOO_LARGE,
        TOO_SLOW,
        QUEUE_FULL,
        QUEUED_TOO_LONG,
        NO_MEMORY,
        TOO_MANY_CONNECTIONS,
    )
)


def answer(refusal: HttpRefusal, path: str = "/", headers: Mapping[bytes, bytes] | None = None) -> HttpAnswer:
    """In the words of the registry and of InstantSearch under their addresses, elsewhere as a problem document."""
    given = headers or {}
    trace = request_ids.trace_of(given.get(b"traceparent", b"").decode("latin-1"), None)
    body: dict[str, Any]
    if is_registrys(path):
        body = {"error_code": refusal.status.value, "message": refusal.detail}
        content_type = REGISTRY_CONTENT_TYPE
    elif is_instantsearchs(path):
        body = {"message": refusal.detail, "status": refusal.status.value}
        content_type = "application/json"
    else:
        body = problems.document(trace, refusal.status, refusal.code, refusal.detail)
        content_type = problems.CONTENT_TYPE
    made = [
        (b"content-type", content_type.encode()),
        (b"traceparent", trace.traceparent.encode()),
        *((name.lower().encode(), value.encode()) for name, value in security_headers.ALWAYS),
        # There is nothing of any shop in it, so every page may read it, and when to ask again.
        (b"access-control-allow-origin", b"*"),
        (b"access-control-expose-headers", b"Retry-After, traceparent"),
    ]
    if refusal.retry_after_s is not None:
        made.append((b"retry-after", str(refusal.retry_after_s).encode()))
    return HttpAnswer(refusal.status.value, made, orjson.dumps(body))

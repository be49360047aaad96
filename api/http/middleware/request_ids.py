"""Gives a request its ids, which go from it through log lines, outbox and headers.

`X-Correlation-Id` names what it is all for and may come from the client; `traceparent` is W3C trace context: the trace
goes on, the span is ours.
"""

import re
import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flask import Flask, Response, g, request
from uuid_utils.compat import uuid7

from api.domain.errors import FieldError, Malformed
from ops import telemetry

CORRELATION_HEADER: Final = "X-Correlation-Id"
TRACE_HEADER: Final = "traceparent"
_CORRELATION: Final = re.compile(r"[\x21-\x7e]{1,128}")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?")


@dataclass(frozen=True, slots=True)
class Trace:
    """`traceparent` names our own span."""

    request_id: UUID
    correlation_id: str
    trace_id: str
    traceparent: str


def register(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_echo)
    app.teardown_request(_end)


def current() -> Trace:
    trace: Trace = g.trace
    return trace


def trace_of(traceparent: str | None, correlation_id: str | None) -> Trace:
    """A malformed traceparent is as good as none, as the standard says."""
    parsed = _TRACEPARENT.fullmatch(traceparent or "")
    trace_id, flags = (parsed[1], parsed[2]) if parsed else (secrets.token_hex(16), "01")
    request_id = uuid7()
    return Trace(
        request_id=request_id,
        correlation_id=correlation_id or str(request_id),
        trace_id=trace_id,
        traceparent=f"00-{trace_id}-{secrets.token_hex(8)}-{flags}",
    )


def _begin() -> None:
    given = request.headers.get(CORRELATION_HEADER)
    usable = given if given is not None and _CORRELATION.fullmatch(given) else None
    g.trace = trace_of(request.headers.get(TRACE_HEADER), usable)
    g.log_context = ExitStack()
    g.log_context.enter_context(telemetry.context(trace_id=g.trace.trace_id, correlation_id=g.trace.correlation_id))
    if given is not None and usable is None:
        message = "It is 1 to 128 visible ASCII characters."
        raise Malformed(message, [FieldError(CORRELATION_HEADER, "malformed", message)])


def _echo(response: Response) -> Response:
    trace = current()
    response.headers[CORRELATION_HEADER] = trace.correlation_id
    response.headers[TRACE_HEADER] = trace.traceparent
    return response


def _end(_: BaseException | None) -> None:
    context = g.pop("log_context", None)
    if context is not None:
        context.close()

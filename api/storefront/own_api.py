"""Asks the API's own `/v1` routes, inside the process, as the visitor who asked for the page.

The visitor's host, address and secrets go along, so that the answer, the quota and the refusal are those that the same
person would get over the network. The storefront has no other way to the shop.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from api.domain.claim_tokens import HEADER as CLAIM_HEADER
from api.http.cart_token import HEADER as CART_HEADER
from api.http.middleware.request_ids import CORRELATION_HEADER, TRACE_HEADER, Trace
from api.http.server.wsgi_call import Environ, Wsgi, call

_TAKEN_OVER: Final = ("HTTP_HOST", "REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "wsgi.url_scheme")
#: What a buyer can do something about; everything else is a page of its own.
_IN_THE_BUYERS_HANDS: Final = frozenset({402, 404, 409, 412, 422})


class Refused(Exception):
    """The API said no. `problem` is its document, or has nothing where it was none."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: str | None) -> None:
        super().__init__(f"{status} {problem.get('code', '')}")
        self.status = status
        self.problem = problem
        self.retry_after = retry_after

    @property
    def code(self) -> str:
        return str(self.problem.get("code", ""))

    @property
    def is_for_the_buyer(self) -> bool:
        return self.status in _IN_THE_BUYERS_HANDS


@dataclass(frozen=True, slots=True)
class Answer:
    """`moved_to` is where what was asked for is now."""

    body: Any
    moved_to: str | None = None


class OwnApi:
    def __init__(self, api: Wsgi, environ: Environ, trace: Trace) -> None:
        self._api = api
        self._common = {name: environ[name] for name in _TAKEN_OVER if name in environ} | {
            _header(CORRELATION_HEADER): trace.correlation_id,
            _header(TRACE_HEADER): trace.traceparent,
        }

    def get(self, path: str, *, cart: str = "", claim: str = "", **parameters: Any) -> Answer:
        """Parameters that are None are left out. Raises `Refused`."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._ask("GET", path, urlencode(given, doseq=True), None, _secrets(cart, claim))

    def send(self, method: str, path: str, body: Any, *, cart: str = "", claim: str = "", once: str = "") -> Answer:
        """`once`: sent again with the same, it is done once. Raises `Refused`."""
        headers = _secrets(cart, claim) | ({_header("Idempotency-Key"): once} if once else {})
        return self._ask(method, path, "", orjson.dumps(body), headers)

    def _ask(self, method: str, path: str, query: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        environ: Environ = {
            **self._common,
            **headers,
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "wsgi.version": (1, 0),
            "wsgi.input": BytesIO(body or b""),
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if body is not None:
            environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
        answer = call(self._api, environ)
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
            return Answer(None, told.get("location"))
        said = orjson.loads(answer.body) if answer.body and "json" in told.get("content-type", "") else {}
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise Refused(answer.status, said, told.get("retry-after"))
        return Answer(said)


def _secrets(cart: str, claim: str) -> dict[str, str]:
    given = {CART_HEADER: cart, CLAIM_HEADER: claim}
    return {_header(name): value for name, value in given.items() if value}


def _header(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"

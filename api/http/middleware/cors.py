"""Lets web pages of other origins call the API: those of the settings, and those at a shop's own domains.

A preflight is answered without a token, for a browser sends none. Every answer says what may be read of it, errors too.
Credentials of the browser are never asked for: who calls brings a bearer token.
"""

import re
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, current_app, g, request

from api.http.dependencies import dependencies
from api.http.middleware import vary
from api.store.errors import StoreDown

ANY: Final = "*"
_OF_A_SHOP: Final = re.compile(r"https://([a-z0-9-]+(?:\.[a-z0-9-]+)*)")
_LONGEST: Final = 300
_MAY_SEND: Final = (
    "Authorization, Claim-Token, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Cart-Token,"
    " X-Algolia-Agent, X-Algolia-API-Key, X-Algolia-Application-Id, X-Algolia-Request-Id,"
    " X-Correlation-Id, X-Reason, traceparent"
)
_MAY_READ: Final = (
    "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, Rustok-As-Of, Rustok-Receipt, Rustok-Snapshot,"
    " Rustok-Truncated, WWW-Authenticate, X-Correlation-Id, traceparent"
)
_REMEMBERED_S: Final = 600


def register(app: Flask) -> None:
    """Before who is asking matters."""
    app.before_request(_answer_options)
    app.after_request(_say_who_may_read)


def origins(setting: str) -> frozenset[str]:
    """As the setting has them: by commas."""
    return frozenset(origin.strip().rstrip("/") for origin in setting.split(",") if origin.strip())


def _answer_options() -> Response | None:
    """What an address takes. It says nothing about what is there, so everybody may know."""
    if request.method != "OPTIONS" or request.url_rule is None:
        return None
    response = current_app.make_default_options_response()
    response.status_code = HTTPStatus.NO_CONTENT
    response.headers.pop("Content-Type", None)
    if "Access-Control-Request-Method" in request.headers and _allowed_origin() is not None:
        response.headers["Access-Control-Allow-Methods"] = response.headers["Allow"]
        response.headers["Access-Control-Allow-Headers"] = _MAY_SEND
        response.headers["Access-Control-Max-Age"] = str(_REMEMBERED_S)
    vary.depends_on(response, "Access-Control-Request-Method", "Access-Control-Request-Headers")
    return response


def _say_who_may_read(response: Response) -> Response:
    vary.depends_on(response, "Origin")
    origin = _allowed_origin()
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _MAY_READ
    return response


def _allowed_origin() -> str | None:
    origin = request.headers.get("Origin", "")
    if not origin or len(origin) > _LONGEST:
        return None
    everywhere = dependencies().origins
    if origin in everywhere:
        return origin
    if ANY in everywhere:
        return ANY
    return origin if _is_of_the_shop(origin) else None


def _is_of_the_shop(origin: str) -> bool:
    """Whether the page is at a domain of the shop this request is about, or of some shop while that is not known.

    A closed shop's page reads that it is closed.
    """
    found = _OF_A_SHOP.fullmatch(origin)
    if found is None:
        return False
    try:
        shop = dependencies().tenants.by_host(found[1])
    except StoreDown:
        return False
    if shop is None:
        return False
    access = g.get("access")
    return access is None or access.tenant is None or bool(access.tenant.id == shop.id)

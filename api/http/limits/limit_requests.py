"""Counts every request against the quota of its kind: of one principal at one shop, or of one address.

Flask-Limiter decides; what it leaves open is closed here. A request for which nobody can be named is refused, not let
through. An address without a route is counted as well. Who counts, and what happens when the store of counters is away,
is `Counters`' business, so that the extension never sees an error it could swallow. Its headers are not used.

Who brings no good token is counted by address, when it is known that the token is none.
"""

from http import HTTPStatus
from typing import Any, Final, NoReturn

from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter, RequestLimit
from limits.storage import Storage
from limits.storage.base import SlidingWindowCounterSupport

from api.domain.errors import Forbidden
from api.domain.permissions import Role
from api.http import client_address
from api.http.dependencies import dependencies
from api.http.limits import quota_headers
from api.http.limits.counters import Counted, Counters
from api.http.limits.quota_exceeded import QuotaExceeded
from api.http.limits.quotas import UNAUTHENTICATED, for_request
from api.http.server.request_state import visit_of
from api.http.server.route_classes import HEALTH, SIGN_IN, class_of

_SCHEME: Final = "rustok"
#: A search key stands in a page that everybody has: each of its readers counts alone.
_SHARED_KEY: Final = "rtk_pub_"


def register(app: Flask, counters: Counters) -> None:
    """After it is known who is asking."""
    limiter = Limiter(
        _who,
        default_limits=[_quota_text],
        storage_uri=f"{_SCHEME}://",
        storage_options={"counters": counters},  # type: ignore[dict-item]  # its hint knows text and numbers only
        strategy="sliding-window-counter",
        request_identifier=_quota_name,
        on_breach=_refuse,
        swallow_errors=False,
        in_memory_fallback_enabled=False,
        headers_enabled=False,
    )
    limiter.request_filter(_is_free)
    limiter.init_app(app)
    app.after_request(_say_what_is_left)
    app.after_request(_count_unauthenticated)


def address() -> str:
    """Of who asks, as it is counted. Raises `Forbidden` when there is none: nobody goes uncounted."""
    found = client_address.counted(request.remote_addr or "")
    if not found:
        raise Forbidden("It cannot be told where this request comes from.")
    return found


def count(name: str, key: str) -> None:
    """Once more against this quota. Raises `QuotaExceeded`, and `CountersDown` where the quota needs its store."""
    counted = dependencies().counters.hit(name, key)
    _note(counted)
    if not counted.fits:
        raise QuotaExceeded(counted)


class CountedStorage(Storage, SlidingWindowCounterSupport):
    """What Flask-Limiter counts in. It is asked for one thing only."""

    STORAGE_SCHEME = [_SCHEME]  # noqa: RUF012  # as its base declares it

    def __init__(self, uri: str | None = None, *, counters: Counters, **options: Any) -> None:
        super().__init__(uri, **options)
        self._counters = counters

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return ()

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """`key` is LIMITER/<who>/<quota>/<amount>/<how many>/<unit>, and who may have a slash."""
        who, name, *_ = key.partition("/")[2].rsplit("/", 4)
        counted = self._counters.hit(name, who)
        _note(counted)
        return counted.fits

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        raise NotImplementedError

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        raise NotImplementedError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError

    def get(self, key: str) -> int:
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        raise NotImplementedError

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        raise NotImplementedError

    def clear(self, key: str) -> None:
        raise NotImplementedError


def _note(counted: Counted) -> None:
    if "counted" not in g:
        g.counted = []
    g.counted.append(counted)


def _is_free() -> bool:
    """Who asks whether we live; and a request that was counted before it waited for its receipts."""
    visit = visit_of(request.environ)
    return class_of(request.method, request.path) is HEALTH or (visit is not None and visit.waited is not None)


def _is_anonymous() -> bool:
    access = g.get("access")
    return access is None or access.actor.role is Role.ANONYMOUS


def _quota_name() -> str:
    kind = class_of(request.method, request.path)
    return for_request(kind.name, request.path, anonymous=_is_anonymous())


def _quota_text() -> str:
    return dependencies().counters.quota(_quota_name()).text


def _who() -> str:
    access = g.get("access")
    shop = "-" if access is None or access.tenant is None else access.tenant.id
    if access is None or _is_anonymous():
        return f"{shop} {address()}"
    if _SHARED_KEY in request.headers.get("Authorization", ""):
        return f"{shop} {access.actor.actor_id} {address()}"
    return f"{shop} {access.actor.actor_id}"


def _refuse(limit: RequestLimit) -> NoReturn:
    raise QuotaExceeded(g.counted[-1])


def _count_unauthenticated(response: Response) -> Response:
    """At the end of a request, in place of the 401: whoever goes on without a good token is told to wait."""
    if response.status_code != HTTPStatus.UNAUTHORIZED or class_of(request.method, request.path) is SIGN_IN:
        return response
    try:
        count(UNAUTHENTICATED, address())
    except (QuotaExceeded, Forbidden) as refused:
        refusal: Response = current_app.make_response(current_app.handle_user_exception(refused))
        return refusal
    return response


def _say_what_is_left(response: Response) -> Response:
    visit = visit_of(request.environ)
    told = quota_headers.headers(g.get("counted", ()))
    if visit is not None and visit.wish is not None:
        visit.quota = told  # nobody gets this answer: the next one says it
    elif visit is not None and visit.waited is not None:
        told = visit.quota
    response.headers.extend(told)
    return response

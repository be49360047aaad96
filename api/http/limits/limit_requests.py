"""Counts every request against the quota of its kind: of one principal at one shop, or of one address.

Flask-Limiter decides; what it leaves open is closed here. A request for which nobody can be named is refused, not let
through. An address without a route is counted as well. Who counts, and what happens when the store of counters is away,
is `Counters`' business, so that the extension never sees an error it could swallow. Its headers are not used.

Who is refused before that, for a bad token or for what they may not do, is counted by address.
"""

from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter
from limits import RateLimitItemPerSecond
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
from api.http.server.route_classes import HEALTH, class_of

_REFUSED: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_SCHEME: Final = "rustok"
#: A search key stands in a page that everybody has: each of its readers counts alone.
_SHARED_KEY: Final = "rtk_pub_"


def register(app: Flask, counters: Counters) -> None:
    """After it is known who is asking."""
    limiter = OneQuota(counters)
    # Known already, it adds no hooks of its own: those after a request are for headers that are not used.
    app.extensions.setdefault("limiter", set()).add(limiter)
    limiter.init_app(app)
    app.before_request(limiter.check_request)
    app.after_request(_say_what_is_left)
    app.after_request(_count_unauthenticated)


class OneQuota(Limiter):
    """The extension with one limit for each request, found by a look into a table.

    As it comes it goes through decorators, blueprints and defaults, and parses their texts, for each request anew: that
    takes longer than to count.
    """

    def __init__(self, counters: Counters) -> None:
        super().__init__(
            who,
            storage_uri=f"{_SCHEME}://",
            storage_options={"counters": counters},  # type: ignore[dict-item]  # its hint knows text and numbers only
            strategy="sliding-window-counter",
            headers_enabled=False,
        )
        self._items = {
            name: RateLimitItemPerSecond(quota.amount, quota.window_s) for name, quota in counters.quotas.items()
        }

    def check_request(self) -> None:
        """Raises `QuotaExceeded`, and as `Counters.hit` and `address`."""
        visit = visit_of(request.environ)
        if visit is not None and visit.waited is not None:
            return  # it was counted before it waited for its receipts
        kind = class_of(request.method, request.path)
        if kind is HEALTH:
            return
        asking, anonymous = _who_and_whether_anonymous()
        name = for_request(kind.name, request.path, anonymous=anonymous)
        if not self.limiter.hit(self._items[name], asking, name):
            raise QuotaExceeded(g.counted[-1])


def address() -> str:
    """Of who asks, as it is counted. Raises `Forbidden` when there is none: nobody goes uncounted."""
    found = client_address.counted(request.remote_addr or "")
    if not found:
        raise Forbidden("It cannot be told where this request comes from.")
    return found


def is_shared_key() -> bool:
    """Whether who asks shows a key that everybody has."""
    return _SHARED_KEY in request.headers.get("Authorization", "")


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


def who() -> str:
    """Who asks, as it is counted. Raises `Forbidden`."""
    return _who_and_whether_anonymous()[0]


def _who_and_whether_anonymous() -> tuple[str, bool]:
    access = g.get("access")
    if access is None or access.actor.role is Role.ANONYMOUS:
        shop = "-" if access is None or access.tenant is None else access.tenant.id
        return f"{shop} {address()}", True
    shop = "-" if access.tenant is None else access.tenant.id
    if is_shared_key():
        return f"{shop} {access.actor.actor_id} {address()}", False
    return f"{shop} {access.actor.actor_id}", False


def _count_unauthenticated(response: Response) -> Response:
    """At the end of a request that was refused before it was counted: whoever goes on like that is told to wait."""
    if response.status_code not in _REFUSED or "counted" in g or class_of(request.method, request.path) is HEALTH:
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
    for name, value in told:
        response.headers.add(name, value)
    return response

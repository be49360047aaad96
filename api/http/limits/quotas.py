"""Declares every quota: how many requests in how much time, and against which of them a kind of request counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from limits import parse

from api.http.server.route_classes import CLASSES, HEALTH, PAGES, PAYMENT_WEBHOOKS, SIGN_IN
from ops.settings import Settings

UNAUTHENTICATED: Final = "unauthenticated"
SIGN_IN_ADDRESS: Final = "sign-in-address"
SIGN_IN_ACCOUNT: Final = "sign-in-account"
SIGN_IN_EVERYWHERE: Final = "sign-in-everywhere"
REFRESH_ADDRESS: Final = "refresh-address"
REFRESH_TOKEN: Final = "refresh-token"  # noqa: S105  # its name
ACCOUNT_ADDRESS: Final = "account-address"
ACCOUNT: Final = "account"
GUEST_ORDERS: Final = "guest-orders"
GUEST_PAYMENTS: Final = "guest-payments"
_ANONYMOUS: Final = "-anonymous"
_NO_LIMIT: Final = "1000000000 per second"


@dataclass(frozen=True, slots=True)
class Quota:
    """`needs_store`: without its counters it refuses, so that nobody guesses on."""

    name: str
    amount: int
    window_s: int
    needs_store: bool


_LIMITED: Final = tuple(one.name for one in CLASSES if one not in (HEALTH, SIGN_IN))
#: The setting of each.
SETTINGS: Final[dict[str, str]] = {
    **{name: f"limit_{name}" for name in _LIMITED if name != PAGES.name},
    **{f"{name}{_ANONYMOUS}": "limit_anonymous" for name in _LIMITED},
    # Nobody who sends them has a token.
    f"{PAYMENT_WEBHOOKS.name}{_ANONYMOUS}": "limit_payment_webhooks",
    UNAUTHENTICATED: "limit_unauthenticated",
    SIGN_IN_ADDRESS: "limit_sign_in_address",
    SIGN_IN_ACCOUNT: "limit_sign_in_account",
    SIGN_IN_EVERYWHERE: "limit_sign_in_everywhere",
    ACCOUNT_ADDRESS: "limit_sign_in_address",
    ACCOUNT: "limit_sign_in_account",
    GUEST_ORDERS: "limit_guest_orders",
    GUEST_PAYMENTS: "limit_guest_payments",
    REFRESH_ADDRESS: "limit_refresh_address",
    REFRESH_TOKEN: "limit_refresh_token",
}
_NEED_STORE: Final = frozenset({SIGN_IN_ADDRESS, SIGN_IN_ACCOUNT, SIGN_IN_EVERYWHERE})
#: Of the addresses at which people sign in; all others count against `ACCOUNT_ADDRESS`.
_SIGN_IN_PATHS: Final = {"/v1/auth/login": SIGN_IN_ADDRESS, "/v1/auth/refresh": REFRESH_ADDRESS}


def for_request(class_name: str, path: str, *, anonymous: bool) -> str:
    """The name of the quota a request counts against."""
    if class_name == SIGN_IN.name:
        return _SIGN_IN_PATHS.get(path, ACCOUNT_ADDRESS)
    return f"{class_name}{_ANONYMOUS}" if anonymous else class_name


def quotas(settings: Settings) -> Mapping[str, Quota]:
    """By name, as the settings have them."""
    return _made(lambda setting: str(getattr(settings, setting)))


def unlimited() -> Mapping[str, Quota]:
    """For what only looks at the app, and for tests of something else."""
    return _made(lambda _: _NO_LIMIT)


def _made(text_of: Callable[[str], str]) -> Mapping[str, Quota]:
    return {name: _quota(name, text_of(setting)) for name, setting in SETTINGS.items()}


def _quota(name: str, text: str) -> Quota:
    read = parse(text)
    return Quota(name, read.amount, read.get_expiry(), needs_store=name in _NEED_STORE)

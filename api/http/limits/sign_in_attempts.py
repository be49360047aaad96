"""Counts who tries a password, before any is hashed: by account and address, and by account from everywhere.

Nobody can shut somebody else out: ten wrong guesses close an account to the address they came from. Many addresses
together close it to those from which it was never signed in to; who has been there before gets in, as does the same
person from elsewhere once it is quiet. In the counters an account is a hash that only the API can make.
"""

import hmac
from dataclasses import dataclass
from typing import Final

from api.http.dependencies import dependencies
from api.http.limits.limit_requests import address, count
from api.http.limits.quotas import ACCOUNT, REFRESH_TOKEN, SIGN_IN_ACCOUNT, SIGN_IN_EVERYWHERE
from api.store.store import NO_TENANT
from schemas.events.tenant import Tenant

_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Attempt:
    """`place`: the account at the address."""

    account: str
    place: str

    def succeeded(self) -> None:
        """It was them: what was tried is forgotten, and that they were here is not."""
        counters = dependencies().counters
        counters.forget(SIGN_IN_ACCOUNT, self.place)
        counters.forget(SIGN_IN_EVERYWHERE, self.account)
        counters.remember(self.place)


def count_sign_in(shop: Tenant | None, email: str) -> Attempt:
    """Raises `QuotaExceeded`, and `CountersDown` when nobody can count."""
    account = _hidden("account", str(NO_TENANT if shop is None else shop.id), email)
    attempt = Attempt(account, f"{account} {address()}")
    count(SIGN_IN_ACCOUNT, attempt.place)
    if not dependencies().counters.remembers(attempt.place):
        count(SIGN_IN_EVERYWHERE, account)
    return attempt


def count_account(what: str, shop: Tenant | None, account: str) -> None:
    """Somebody's account is registered, reset, confirmed or given a password. `account`: its address, or its link."""
    count(ACCOUNT, _hidden(what, str(NO_TENANT if shop is None else shop.id), account))


def count_refresh(token: str) -> None:
    count(REFRESH_TOKEN, _hidden("refresh", token))


def _hidden(*parts: str) -> str:
    plain = "\0".join(parts).encode()
    return hmac.digest(dependencies().counter_key, plain, "sha256")[:_BYTES].hex()

"""Tells who shows a token that a shop gave to a program, and notes to the minute when it was last used.

What is known of a token is kept for a moment, so that one that was revoked is refused within two seconds everywhere.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from api.domain.errors import Unauthenticated
from api.domain.permissions import Role
from api.domain.scope import Actor
from api.domain.service_tokens import ServiceToken
from api.domain.token_text import PREFIX, TokenText
from api.http.kept_lookups import Keeping, KeptLookups
from api.http.tokens import Verified
from api.store.errors import StoreDown
from api.store.service_tokens import KeptToken, ServiceTokenRows, find_token
from api.store.store import Store

KEPT_S: Final = 0.9
_NOTED_EVERY: Final = timedelta(minutes=1)
_MOST_NOTED: Final = 10_000
#: It may be revoked: nobody is to go by it for longer without asking again.
_RELIED_ON: Final = timedelta(seconds=KEPT_S)


def is_service_token(text: str) -> bool:
    """Whether it looks like one; nothing else that is a token does."""
    return text.startswith(PREFIX)


class ServiceTokens(Protocol):
    def read(self, text: str) -> Verified:
        """Raises `Unauthenticated` for everything but a token that is good, and `StoreDown`."""


class StoredServiceTokens:
    """`clock` is UTC, `now_s` runs evenly."""

    def __init__(self, store: Store, clock: Callable[[], datetime], now_s: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._kept: KeptLookups[UUID, KeptToken] = KeptLookups(self._look_up, now_s, Keeping(fresh_s=KEPT_S))
        self._noted: dict[UUID, datetime] = {}

    def read(self, text: str) -> Verified:
        """As the protocol says. A typing error costs no question to the database."""
        given = TokenText.read(text)
        kept = None if given is None else self._kept.find(given.id)
        if given is None or kept is None or kept.token.kind != given.kind or not given.has(kept.hash):
            raise Unauthenticated("The token is not valid.")
        token, now = kept.token, self._clock()
        if token.revoked_at is not None:
            raise Unauthenticated("The token is not valid.")
        if not token.is_good(now):
            raise Unauthenticated("The token has expired.")
        self._note_use(token, now)
        return Verified(actor_of(token), now + _RELIED_ON)

    def _look_up(self, token_id: UUID) -> KeptToken | None:
        with self._store.reading(platform=True) as connection:
            return find_token(connection, token_id)

    def _note_use(self, token: ServiceToken, now: datetime) -> None:
        noted = self._noted.get(token.id, token.used_at)
        if noted is not None and now - noted < _NOTED_EVERY:
            return
        if len(self._noted) >= _MOST_NOTED:
            self._noted.clear()
        self._noted[token.id] = now
        with suppress(StoreDown), self._store.reading(token.tenant_id) as connection:
            ServiceTokenRows(connection, token.tenant_id).note_use(token.id, now)


def actor_of(token: ServiceToken) -> Actor:
    """The program. Its name may be a person's, and is in no event."""
    return Actor(
        tenant_id=token.tenant_id,
        tenant_slug=None,
        actor_id=f"token:{token.id}",
        role=Role.INTEGRATION,
        grants=token.grants,
    )

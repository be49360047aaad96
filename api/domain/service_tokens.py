"""Decides what a token of a program may do: what its maker gives it and has, until it ends.

Two of one name may be good at a time, so that a program can go from one to the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from api.domain.errors import Conflict, FieldError, Invalid
from api.domain.grants import weigh
from api.domain.permissions import FOR_PEOPLE, Grant, Scope, is_permission
from api.domain.scope import Actor
from api.domain.token_text import TokenKind

#: Of one name.
MOST_GOOD: Final = 2
LONGEST: Final = timedelta(days=366)
#: All that a storefront's key is for: to search, and what the claim token of an order opens, with the token.
_SEARCH: Final = (
    Grant("search", frozenset({"read"}), Scope.PUBLISHED),
    Grant("guest_orders", frozenset({"read"})),
    Grant("guest_payments", frozenset({"create"})),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceToken:
    """`grants` has one action each, some of them under conditions as their maker's are. `ending` is how its text ends.

    Only a search key has no `expires_at`.
    """

    id: UUID
    tenant_id: UUID
    kind: TokenKind
    name: str
    grants: tuple[Grant, ...]
    ending: str
    made_by: str
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def permissions(self) -> list[str]:
        giving = [grant for grant in self.grants if grant.scope is not None]
        return sorted({f"{grant.resource}:{action}" for grant in giving for action in grant.actions})


def grants_for(kind: TokenKind, maker: Actor, permissions: Sequence[str]) -> tuple[Grant, ...]:
    """As far as the maker reaches, under the same conditions. Raises `Invalid` with each that they cannot give."""
    if kind is TokenKind.SEARCH:
        if permissions:
            raise Invalid.field("permissions", "not_for_search", "A search key searches; it takes no permissions.")
        return _SEARCH
    if not permissions:
        raise Invalid.field("permissions", "missing", "It says what the token may do.")
    wrong: list[FieldError] = []
    grants: list[Grant] = []
    for at, permission in enumerate(dict.fromkeys(permissions)):
        resource, _, action = permission.partition(":")
        weighed = weigh(maker.all_grants, permission)
        if not is_permission(permission):
            wrong.append(FieldError(f"permissions.{at}", "unknown", f"There is no permission {permission}."))
        elif resource in FOR_PEOPLE:
            wrong.append(FieldError(f"permissions.{at}", "not_for_tokens", f"Only people do {permission}."))
        elif weighed.scope is None:
            wrong.append(FieldError(f"permissions.{at}", "exceeds_maker", f"You may not do {permission} yourself."))
        else:
            as_theirs = [*weighed.given, *weighed.taken]
            if not any(grant.when for grant in as_theirs):
                as_theirs = [Grant(resource, frozenset(), weighed.scope)]
            grants.extend(replace(grant, actions=frozenset({action})) for grant in as_theirs)
    if wrong:
        raise Invalid("Not all of this can be given.", wrong)
    return tuple(grants)


def require_end(kind: TokenKind, expires_at: datetime | None, now: datetime) -> None:
    """Raises `Invalid` unless it ends within a year; a search key may have no end."""
    if expires_at is None and kind is TokenKind.SEARCH:
        return
    if expires_at is None:
        raise Invalid.field("expires_at", "missing", f"Say when it ends: within the next {LONGEST.days} days.")
    if not now < expires_at <= now + LONGEST:
        raise Invalid.field("expires_at", "out_of_range", f"It lies within the next {LONGEST.days} days.")


def require_room(name: str, same_name: Sequence[ServiceToken], now: datetime) -> None:
    """Raises `Conflict` when two of this name are good."""
    if sum(one.is_good(now) for one in same_name) >= MOST_GOOD:
        raise Conflict(f"{MOST_GOOD} tokens named {name} are good already: delete the one that nobody uses any more.")

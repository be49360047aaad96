"""What somebody who signs in is: their roles, and whether they are let in. Every change of it is an event.

Their e-mail, name and customer group are kept beside it and are in no event.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from api.domain.changes import DatedEvent, Decision, Event, Versioned
from api.domain.errors import Invalid
from api.domain.permissions import PLATFORM_ROLES, Role
from schemas.events.user import User, UserDeactivated, UserDeleted, UserRegistered, UserRoleChanged, UserUpdated

#: What people of a shop may be, and the platform's own.
OF_A_SHOP: Final = frozenset({Role.ADMIN, Role.MANAGER, Role.STAFF, Role.CUSTOMER})
OF_THE_PLATFORM: Final = frozenset({Role.SUPER_ADMIN, Role.OPERATOR})
MOST_ROLES: Final = 20


class Status(StrEnum):
    """Who was invited is inactive until they come."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    BANNED = "banned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user with what is known of them; `email` is in lower case. Nobody prints it by accident.

    `customer_group` is whose prices they pay; None: what everybody pays.
    """

    user: User
    email: str
    name: str
    verified: bool
    customer_group: str | None = None

    def __repr__(self) -> str:
        return f"Account({self.user})"


def register(account: Account, *, platform: bool, now: datetime) -> Decision[Account]:
    """Raises `Invalid` for a role that nobody there has."""
    _check_role(account.user.role, platform=platform)
    return Decision(
        aggregate_id=account.user.id, value=account, happened=(DatedEvent(UserRegistered(user=account.user), now),)
    )


def rename(held: Versioned[Account], name: str, now: datetime) -> Decision[Account] | None:
    """None when it is their name already."""
    if name == held.value.name:
        return None
    return _one(held, replace(held.value, name=name), UserUpdated(user=held.value.user, changed=("name",)), now)


def put_in_group(held: Versioned[Account], customer_group: str | None, now: datetime) -> Decision[Account] | None:
    """None when they are in it already. The event says that it is another one, and not which."""
    if customer_group == held.value.customer_group:
        return None
    event = UserUpdated(user=held.value.user, changed=("customer_group",))
    return _one(held, replace(held.value, customer_group=customer_group), event, now)


def give_roles(
    held: Versioned[Account], role: Role, role_ids: Sequence[UUID], *, now: datetime
) -> Decision[Account] | None:
    """None when they have them already. Raises `Invalid`."""
    was = held.value.user
    _check_role(role, platform=Role(was.role) in PLATFORM_ROLES)
    if len(role_ids) > MOST_ROLES:
        raise Invalid.field("role_ids", "too_many", f"Somebody has at most {MOST_ROLES} roles.")
    is_now = replace(was, role=role.value, role_ids=tuple(sorted(set(role_ids))))
    if is_now == was:
        return None
    event = UserRoleChanged(user=is_now, previous_role=was.role, previous_role_ids=was.role_ids)
    return _one(held, replace(held.value, user=is_now), event, now)


def set_status(held: Versioned[Account], status: Status, now: datetime) -> Decision[Account] | None:
    """None when it is so already."""
    was = held.value.user
    if status == was.status:
        return None
    is_now = replace(was, status=status.value)
    active = status is Status.ACTIVE
    event = UserUpdated(user=is_now, changed=("status",)) if active else UserDeactivated(user=is_now)
    return _one(held, replace(held.value, user=is_now), event, now)


def delete(held: Versioned[Account], now: datetime) -> Decision[Account]:
    return _one(held, held.value, UserDeleted(user=held.value.user), now)


def state(held: Versioned[Account], now: datetime) -> Decision[Account]:
    """The event that says what they are, under the version they have."""
    user = held.value.user
    if user.status != Status.ACTIVE:
        event: Event = UserDeactivated(user=user)
    elif held.version == 1:
        event = UserRegistered(user=user)
    else:
        event = UserUpdated(user=user, changed=())
    return Decision(aggregate_id=user.id, value=held.value, happened=(DatedEvent(event, now),), was_at=held.version - 1)


def _check_role(role: str, *, platform: bool) -> None:
    if role not in (OF_THE_PLATFORM if platform else OF_A_SHOP):
        raise Invalid.field("role", "unknown_role", f"Nobody is {role} here.")


def _one(held: Versioned[Account], now_is: Account, event: Event, now: datetime) -> Decision[Account]:
    return Decision(aggregate_id=now_is.user.id, value=now_is, happened=(DatedEvent(event, now),), was_at=held.version)

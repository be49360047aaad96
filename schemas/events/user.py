"""Declares the events of a user, somebody who signs in: without e-mail and name, which never leave the tables."""

from dataclasses import dataclass
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """`role` is a built-in one; `role_ids` are those of the shop's own making that come on top of it."""

    id: UUID
    role: str
    role_ids: tuple[UUID, ...]
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered:
    """Somebody registered or was invited."""

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUpdated:
    """Something else than the roles changed: who was invited has come, who was shut out may come again."""

    user: User
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRoleChanged:
    """Somebody has other roles."""

    user: User
    previous_role: str
    previous_role_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeactivated:
    """Somebody is not let in any more."""

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeleted:
    """Nothing is kept of them; `user` is what they were."""

    user: User


HISTORIES = (
    History("user.registered", (UserRegistered,)),
    History("user.updated", (UserUpdated,)),
    History("user.role_changed", (UserRoleChanged,)),
    History("user.deactivated", (UserDeactivated,)),
    History("user.deleted", (UserDeleted,)),
)
AGGREGATE = Aggregate(
    name="user",
    plural="users",
    owner="platform",
    histories=HISTORIES,
    gone=UserDeleted,
    partitions=1,
    meanings={
        "role": "admin, manager, customer or staff; of the platform's own people super_admin or operator",
        "role_ids": "roles of the shop's own making",
        "status": "active, inactive or banned; only who is active is let in",
        "previous_role": "what it was before",
        "previous_role_ids": "what they were before",
    },
)

"""Keeps a shop manageable: somebody of its people may change what the others may do, whatever is changed.

Changes of people and of their roles go one after the other in a shop, so that two admins who take each other's role at
the same moment leave one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from api.domain.errors import Conflict
from api.domain.grants import gives_in_full
from api.domain.permissions import GRANTS, Grant, Role
from api.domain.users import Status
from api.store.unit_of_work import UnitOfWork
from schemas.events.user import User

_RESOURCE, _ACTION = "users", "update"
_BUILT_IN: Final = [
    role.value for role, grants in GRANTS.items() if any(one.is_of(_RESOURCE, _ACTION) for one in grants)
]


@contextmanager
def keeping_managers(work: UnitOfWork) -> Iterator[None]:
    """What is done in it is undone with `Conflict` if nobody is left who may change users, or not who does it.

    Who did not sign in here, but at the shop's identity provider or at the machine, is no user who could be lost.
    """
    work.take_turns("people", alone=True)
    actor = work.access.actor
    if actor.session_id is None:
        yield
        return
    user_id = UUID(actor.actor_id)
    was_manager = _is_manager(work, [user_id])
    had_manager = was_manager or _has_manager(work)
    yield
    is_manager = _is_manager(work, [user_id])
    if was_manager and not is_manager:
        raise themselves()
    if had_manager and not is_manager and not _has_manager(work):
        raise Conflict("Then nobody could change users any more: give somebody else a role that may, first.")


def themselves() -> Conflict:
    return Conflict("Nobody shuts themselves out: somebody else has to.")


def grants_of(work: UnitOfWork, users: Sequence[User]) -> Iterator[list[Grant]]:
    """All that each of them has, of the roles that are there."""
    roles = work.roles.load({role_id for user in users for role_id in user.role_ids})
    for user in users:
        made = [roles[role_id].value for role_id in user.role_ids if role_id in roles]
        yield [*GRANTS[Role(user.role)], *(grant for role in made for grant in role.grants)]


def _has_manager(work: UnitOfWork) -> bool:
    return _is_manager(work, work.users.granted(_RESOURCE, _ACTION, _BUILT_IN))


def _is_manager(work: UnitOfWork, ids: Sequence[UUID]) -> bool:
    """Whether one of them is let in and may change users without conditions."""
    found = [held.value.user for held in work.users.load(ids).values()]
    active = [user for user in found if user.status == Status.ACTIVE]
    return any(gives_in_full(grants, f"{_RESOURCE}:{_ACTION}") for grants in grants_of(work, active))

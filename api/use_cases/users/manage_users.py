"""Invites people, gives them roles, lets them in or shuts them out: never to more than whoever does it has."""

from collections.abc import Sequence
from uuid import UUID

from api.domain import users as domain
from api.domain.changes import ANY_VERSION, Decision, Expected, Versioned
from api.domain.errors import Conflict, Invalid, Taken
from api.domain.grants import require_within
from api.domain.permissions import GRANTS, Grant, Role
from api.domain.refresh_rotation import Session
from api.domain.users import Account, Status
from api.store.store import NO_TENANT
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.pages import Page, read_page
from api.use_cases.require_found import found
from api.use_cases.users.commands import Invitation, UserChange, UsersAsked
from api.use_cases.users.keep_managers import keeping_managers, themselves
from schemas.events.user import User


def invite_user(work: UnitOfWork, command: Invitation) -> Versioned[Account]:
    """They are inactive until they come. Raises `Taken` for an address in use, `Invalid` and `Forbidden`."""
    made = User(
        id=work.new_id(),
        role=command.role.value,
        role_ids=tuple(sorted(set(command.role_ids))),
        status=Status.INACTIVE.value,
    )
    account = Account(user=made, email=command.email, name=command.name, verified=False)
    known = work.users.by_email(command.email)
    if known is not None and is_awaited(work, known):
        again = f"They were invited already: POST /v1/users/{known.value.user.id}/invitation sends it again."
        raise Taken("email", command.email, again)
    decision = domain.register(account, platform=work.tenant_id == NO_TENANT, now=work.now)
    require_within(work.access.actor.all_grants, _grants(work, made))
    return work.save(work.users, decision)


def invite_again(work: UnitOfWork, user_id: UUID) -> Versioned[Account]:
    """Who is to be mailed another link. Raises `NotFound`, `Forbidden`, and `Conflict` for who has come, or may not."""
    held = _within_reach(work, user_id, ANY_VERSION)
    if not is_awaited(work, held):
        raise Conflict(f"Nobody waits for them to come: they are {held.value.user.status}, or have a password already.")
    return held


def is_awaited(work: UnitOfWork, held: Versioned[Account]) -> bool:
    """Whether they were invited and have not come."""
    user = held.value.user
    return user.status == Status.INACTIVE and work.users.password_hash(user.id) is None


def change_user(
    work: UnitOfWork, user_id: UUID, command: UserChange, expected: Expected = ANY_VERSION
) -> Versioned[Account]:
    """As they were when nothing is different. Who is shut out is signed out everywhere.

    Raises `NotFound`, `VersionMismatch`, `Invalid`, `Forbidden`, and `Conflict` for who would shut themselves out, or
    when nobody would be left who may change users.
    """
    with keeping_managers(work):
        return _changed(work, user_id, command, expected)


def delete_user(work: UnitOfWork, user_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[Account]:
    """Nothing of them is kept here. Raises as `change_user` does."""
    with keeping_managers(work):
        held = _within_reach(work, user_id, expected)
        _refuse_themselves(work, user_id)
        return work.save(work.users, domain.delete(held, work.now))


def sign_out_everywhere(work: UnitOfWork, user_id: UUID) -> None:
    """Raises `NotFound` and `Forbidden`."""
    _within_reach(work, user_id, ANY_VERSION)
    work.users.hold(user_id)
    work.sessions.revoke_all(user_id, work.now)


def get_user(view: View, user_id: UUID) -> Versioned[Account]:
    """Raises `NotFound`."""
    return found(view.users.get, "user", user_id)


def list_users(view: View, asked: UsersAsked) -> Page[Versioned[Account]]:
    """Raises `Invalid` for a cursor of another question."""
    return read_page(asked, view.users.page)


def list_sessions(work: UnitOfWork, user_id: UUID) -> list[Session]:
    """Those that are open, the one used last first. Raises `NotFound`."""
    found(work.users.get, "user", user_id)
    return work.sessions.of(user_id, work.now)


def _changed(work: UnitOfWork, user_id: UUID, command: UserChange, expected: Expected) -> Versioned[Account]:
    held = _within_reach(work, user_id, expected)
    was = held.value
    if command.name is not None:
        held = _saved(work, held, domain.rename(held, command.name, work.now))
    if "customer_group" in command.model_fields_set:
        held = _saved(work, held, domain.put_in_group(held, command.customer_group, work.now))
    if command.role is not None or command.role_ids is not None:
        role = command.role if command.role is not None else Role(was.user.role)
        role_ids = was.user.role_ids if command.role_ids is None else command.role_ids
        held = _saved(work, held, domain.give_roles(held, role, role_ids, now=work.now))
        require_within(work.access.actor.all_grants, _grants(work, held.value.user))
    if command.status is not None:
        if command.status is not Status.ACTIVE:
            _refuse_themselves(work, user_id)
        held = _saved(work, held, domain.set_status(held, command.status, work.now))
        if command.status is not Status.ACTIVE:  # afterwards: who signs in at this moment waits for the row
            work.sessions.revoke_all(user_id, work.now)
            work.user_links.forget_all(user_id)
    work.tell_of_act(str(user_id), **_changes(was, held.value))
    return held


def _within_reach(work: UnitOfWork, user_id: UUID, expected: Expected) -> Versioned[Account]:
    """Nobody touches who may do more than they."""
    held = get_user(work, user_id)
    expected.require(held)
    require_within(work.access.actor.all_grants, _grants(work, held.value.user))
    return held


def _grants(work: UnitOfWork, user: User) -> Sequence[Grant]:
    """All that somebody with these roles has. Raises `Invalid` for a role that is not there."""
    roles = work.roles.load(user.role_ids)
    missing = [role_id for role_id in user.role_ids if role_id not in roles]
    if missing:
        raise Invalid.field("role_ids", "unknown_role", f"There is no role {missing[0]}.")
    return [*GRANTS[Role(user.role)], *(grant for held in roles.values() for grant in held.value.grants)]


def _changes(was: Account, is_now: Account) -> dict[str, str]:
    """For the audit trail: which fields are different, and which role it was and is."""
    same = {
        "name": was.name == is_now.name,
        "role": was.user.role == is_now.user.role,
        "role_ids": was.user.role_ids == is_now.user.role_ids,
        "status": was.user.status == is_now.user.status,
        "customer_group": was.customer_group == is_now.customer_group,
    }
    roles = {} if same["role"] else {"role_was": was.user.role, "role": is_now.user.role}
    return {"changed": ", ".join(name for name, is_same in same.items() if not is_same), **roles}


def _refuse_themselves(work: UnitOfWork, user_id: UUID) -> None:
    if str(user_id) == work.access.actor.actor_id:
        raise themselves()


def _saved(work: UnitOfWork, held: Versioned[Account], change: Decision[Account] | None) -> Versioned[Account]:
    return held if change is None else work.save(work.users, change)

"""Makes, changes and removes the roles of a shop: they never give more than whoever makes them has."""

from dataclasses import replace
from uuid import UUID

from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.domain.errors import Conflict
from api.domain.grants import checked, require_change_within
from api.store.roles import MadeRole
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.pages import Page, read_page
from api.use_cases.require_found import found
from api.use_cases.roles.commands import NewRole, RoleChange, RolesAsked
from api.use_cases.users.keep_managers import keeping_managers


def make_role(work: UnitOfWork, command: NewRole) -> Versioned[MadeRole]:
    """Raises `Taken` for a name in use, `Invalid`, and `Forbidden`."""
    grants = checked([one.grant() for one in command.grants])
    role = MadeRole(id=work.new_id(), name=command.name, grants=grants)
    require_change_within(work.access.actor.all_grants, (), role.grants)
    return work.roles.add(role)


def change_role(
    work: UnitOfWork, role_id: UUID, command: RoleChange, expected: Expected = ANY_VERSION
) -> Versioned[MadeRole]:
    """As it was when nothing is different. Raises `NotFound`, `VersionMismatch`, `Taken`, `Invalid`, `Forbidden`, and
    `Conflict` when nobody would be left who may change users, or not who does it.
    """
    held = found(work.roles.get, "role", role_id)
    expected.require(held)
    role = held.value
    if command.name is not None:
        role = replace(role, name=command.name)
    if command.grants is not None:
        role = replace(role, grants=checked([one.grant() for one in command.grants]))
        require_change_within(work.access.actor.all_grants, held.value.grants, role.grants)
    if role == held.value:
        return held
    with keeping_managers(work):
        return work.roles.change(held, role)


def remove_role(work: UnitOfWork, role_id: UUID) -> None:
    """Raises `NotFound`, and `Conflict` as long as somebody has it."""
    found(work.roles.get, "role", role_id)
    if having := work.users.having_role(role_id):
        raise Conflict(f"{having} {'have' if having > 1 else 'has'} this role: give them another first.")
    work.roles.remove(role_id)


def get_role(view: View, role_id: UUID) -> Versioned[MadeRole]:
    """Raises `NotFound`."""
    return found(view.roles.get, "role", role_id)


def list_roles(view: View, asked: RolesAsked) -> Page[Versioned[MadeRole]]:
    return read_page(asked, view.roles.page)

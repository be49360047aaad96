"""The roles that a shop makes for its people, beside the built-in ones."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.http import security
from api.http.bodies.roles import RoleAnswer, RolePage
from api.http.command_answers import CommandAnswer, carry_out, cause, expected
from api.http.dependencies import dependencies
from api.http.entity_answers import entity, look_up
from api.http.security import requires
from api.store.roles import MadeRole
from api.use_cases.roles import make_roles
from api.use_cases.roles.commands import NewRole, RoleChange, RolesAsked

roles = APIBlueprint("roles", __name__, url_prefix="/v1/roles", tag="Roles")


@roles.post("")
@requires("roles:create")
@roles.input(NewRole)
@roles.output(RoleAnswer, HTTPStatus.CREATED)
def make_role(json_data: NewRole) -> Response:
    """Make a role, of what you may do yourself"""
    return carry_out(lambda work: _done(make_roles.make_role(work, json_data), HTTPStatus.CREATED))


@roles.get("")
@requires("roles:list")
@roles.input(RolesAsked, location="query")
@roles.output(RolePage)
def list_roles(query_data: RolesAsked) -> RolePage:
    """The shop's own roles, oldest first"""
    page = look_up(lambda view: make_roles.list_roles(view, query_data))
    return RolePage(items=[RoleAnswer.of(held) for held in page.items], next_cursor=page.next_cursor)


@roles.get("/<uuid:role_id>")
@requires("roles:read")
@roles.output(RoleAnswer)
def get_role(role_id: UUID) -> Response:
    """One role"""
    held = look_up(lambda view: make_roles.get_role(view, role_id))
    return entity(RoleAnswer.of(held), held.version)


@roles.patch("/<uuid:role_id>")
@requires("roles:update")
@roles.input(RoleChange)
@roles.output(RoleAnswer)
def change_role(role_id: UUID, json_data: RoleChange) -> Response:
    """Change what a role gives, for everybody who has it"""
    return carry_out(lambda work: _done(make_roles.change_role(work, role_id, json_data, expected())))


@roles.delete("/<uuid:role_id>")
@requires("roles:delete")
@roles.output({}, HTTPStatus.NO_CONTENT)
def remove_role(role_id: UUID) -> tuple[str, HTTPStatus]:
    """Remove a role that nobody has"""
    dependencies().store.carry_out(security.access(), cause(), lambda work: make_roles.remove_role(work, role_id))
    return "", HTTPStatus.NO_CONTENT


def _done(held: Versioned[MadeRole], status: HTTPStatus = HTTPStatus.OK) -> CommandAnswer:
    location = url_for("roles.get_role", role_id=held.value.id) if status == HTTPStatus.CREATED else None
    return CommandAnswer(RoleAnswer.of(held), status=status, location=location)

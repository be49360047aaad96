"""What people see and change of their own account: who they are here, where they are signed in, their password."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response

from api.domain.errors import NotFound
from api.http import security
from api.http.bodies.users import SessionAnswer, SessionList, UserAnswer
from api.http.command_answers import cause
from api.http.dependencies import dependencies
from api.http.entity_answers import entity, look_up
from api.http.limits import sign_in_attempts
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.users import manage_users, set_passwords
from api.use_cases.users.commands import PasswordChange

account = APIBlueprint("account", __name__, url_prefix="/v1/account", tag="Account")


@account.get("")
@requires("account:read")
@account.output(UserAnswer)
def get_account() -> Response:
    """Who you are here"""
    user_id, _ = _own()
    held = look_up(lambda view: manage_users.get_user(view, user_id))
    return entity(UserAnswer.of(held), held.version)


@account.post("/password")
@requires("account:update")
@account.input(PasswordChange)
@account.output({}, HTTPStatus.NO_CONTENT)
def change_password(json_data: PasswordChange) -> tuple[str, HTTPStatus]:
    """Change your password; you stay signed in here, and nowhere else"""
    user_id, session_id = _own()
    sign_in_attempts.count_account("change", security.access().tenant, str(user_id))
    set_passwords.change_password(dependencies().desk, security.access(), user_id, session_id, json_data, cause())
    return "", HTTPStatus.NO_CONTENT


@account.get("/sessions")
@requires("account:list")
@account.output(SessionList)
def list_sessions() -> SessionList:
    """Where you are signed in, used last first"""
    user_id, own = _own()
    found = dependencies().store.carry_out(
        security.access(), cause(), lambda work: manage_users.list_sessions(work, user_id)
    )
    return SessionList(items=[SessionAnswer.of(session, own) for session in found])


@account.delete("/sessions/<uuid:session_id>")
@requires("account:delete")
@account.output({}, HTTPStatus.NO_CONTENT)
def revoke_session(session_id: UUID) -> tuple[str, HTTPStatus]:
    """Sign out somewhere"""
    user_id, _ = _own()

    def decide(work: UnitOfWork) -> None:
        if not work.sessions.revoke(user_id, session_id, work.now):
            raise NotFound("session", session_id)

    dependencies().store.carry_out(security.access(), cause(), decide)
    return "", HTTPStatus.NO_CONTENT


def _own() -> tuple[UUID, UUID]:
    """Their user's id and their session's. Raises `NotFound` for who did not sign in here."""
    actor = security.access().actor
    if actor.session_id is None:
        raise NotFound("account", "of this token: nobody signed in with a password for it")
    return UUID(actor.actor_id), actor.session_id

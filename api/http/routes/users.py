"""The people of a shop, or, for the platform's own, those of the platform."""

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.domain.users import Account
from api.http import security
from api.http.audited_calls import names
from api.http.bodies.users import ErasedAnswer, PersonAnswer, SessionAnswer, SessionList, UserAnswer, UserDone, UserPage
from api.http.command_answers import CommandAnswer, carry_out, cause, expected, signed_receipt
from api.http.dependencies import dependencies
from api.http.entity_answers import entity, look_up
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.users import manage_users, people
from api.use_cases.users.commands import Invitation, UserChange, UsersAsked
from api.use_cases.users.people import Person
from ops.mailers import Mail
from schemas.events.user import AGGREGATE

users = APIBlueprint("users", __name__, url_prefix="/v1/users", tag="Users")


@users.post("")
@requires("users:create")
@users.input(Invitation)
@users.output(UserDone, HTTPStatus.CREATED)
def invite_user(json_data: Invitation) -> Response:
    """Invite somebody: what is mailed to them sets their password"""
    return _mailing(
        lambda work: manage_users.invite_user(work, json_data),
        lambda work, held: _done(work, held, HTTPStatus.CREATED),
    )


@users.post("/<uuid:user_id>/invitation")
@requires("users:update")
@users.output(UserAnswer, HTTPStatus.ACCEPTED)
def invite_user_again(user_id: UUID) -> Response:
    """Invite somebody again who has not come: what was mailed before is worth nothing any more"""
    return _mailing(
        lambda work: manage_users.invite_again(work, user_id),
        lambda _, held: CommandAnswer(UserAnswer.of(held), status=HTTPStatus.ACCEPTED),
    )


@users.get("")
@requires("users:list")
@users.input(UsersAsked, location="query")
@users.output(UserPage)
def list_users(query_data: UsersAsked) -> UserPage:
    """Everybody, oldest first, or who has an e-mail address"""
    page = look_up(lambda view: manage_users.list_users(view, query_data))
    return UserPage(items=[UserAnswer.of(held) for held in page.items], next_cursor=page.next_cursor)


@users.get("/<uuid:user_id>")
@requires("users:read")
@users.output(UserAnswer)
def get_user(user_id: UUID) -> Response:
    """Somebody"""
    held = look_up(lambda view: manage_users.get_user(view, user_id))
    return entity(UserAnswer.of(held), held.version)


@users.patch("/<uuid:user_id>")
@requires("users:update")
@users.input(UserChange)
@users.output(UserDone)
def change_user(user_id: UUID, json_data: UserChange) -> Response:
    """Give somebody another name, other roles, another status, or the prices of another customer group"""
    return carry_out(lambda work: _done(work, manage_users.change_user(work, user_id, json_data, expected())))


@users.delete("/<uuid:user_id>")
@requires("users:delete")
@users.output(UserDone)
def delete_user(user_id: UUID) -> Response:
    """Remove somebody, with their sessions"""
    return carry_out(lambda work: _done(work, manage_users.delete_user(work, user_id, expected())))


@users.get("/<uuid:user_id>/sessions")
@requires("users:read")
@users.output(SessionList)
def list_user_sessions(user_id: UUID) -> SessionList:
    """Where somebody is signed in, used last first"""
    access = security.access()
    found = dependencies().store.carry_out(access, cause(), lambda work: manage_users.list_sessions(work, user_id))
    return SessionList(items=[SessionAnswer.of(session, access.actor.session_id) for session in found])


@users.delete("/<uuid:user_id>/sessions")
@requires("users:update")
@users.output({}, HTTPStatus.NO_CONTENT)
def sign_out_everywhere(user_id: UUID) -> tuple[str, HTTPStatus]:
    """Sign somebody out everywhere"""
    own = dependencies()
    own.store.carry_out(security.access(), cause(), lambda work: manage_users.sign_out_everywhere(work, user_id))
    return "", HTTPStatus.NO_CONTENT


@users.post("/export")
@requires("users:export")
@users.input(Person)
@users.output(PersonAnswer)
def export_person(json_data: Person) -> PersonAnswer:
    """All that is there about somebody"""
    found = look_up(lambda view: people.export_person(view, json_data.person))
    if found["account"]:
        names(str(found["account"][0]["id"]))
    return PersonAnswer(**found)


@users.post("/erase")
@requires("users:delete")
@users.input(Person)
@users.output(ErasedAnswer)
def erase_person(json_data: Person) -> ErasedAnswer:
    """Remove somebody with all that leads to them; orders stay under a name that was made up"""
    erased = people.erase_person(dependencies().store, security.access(), cause(), json_data.person)
    return ErasedAnswer(account=erased.account, orders=erased.orders)


def _mailing(
    invite: Callable[[UnitOfWork], Versioned[Account]], done: Callable[[UnitOfWork, Versioned[Account]], CommandAnswer]
) -> Response:
    """Mails an invitation once what goes with it is committed."""
    mails: list[Mail] = []

    def decide(work: UnitOfWork) -> CommandAnswer:
        held = invite(work)
        mails[:] = [dependencies().desk.link(work, held.value, "invitation")]
        return done(work, held)

    answer = carry_out(decide)
    for mail in mails:
        dependencies().desk.mailer.send(mail)
    return answer


def _done(work: UnitOfWork, held: Versioned[Account], status: HTTPStatus = HTTPStatus.OK) -> CommandAnswer:
    user_id = held.value.user.id
    receipt = signed_receipt(work.tenant_id, AGGREGATE, user_id, held.version)
    location = url_for("users.get_user", user_id=user_id) if status == HTTPStatus.CREATED else None
    return CommandAnswer(UserDone.of(held, receipt=receipt.text), receipt, status, location)

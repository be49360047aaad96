"""Invites the first people, before anybody is there who could: the platform's own, or a shop's."""

from uuid import UUID, uuid4

from api.domain.audit import INVITE
from api.domain.errors import Conflict
from api.domain.permissions import Role, Scope
from api.domain.scope import Access, Actor
from api.domain.users import Account
from api.store.outbox import Cause
from api.store.unit_of_work import UnitOfWork
from api.use_cases.users.commands import Invitation
from api.use_cases.users.manage_users import invite_user, is_awaited
from api.use_cases.users.sign_in_desk import SignInDesk
from ops.mailers import Mail

ACTOR = "rustok:invite"


def invite_first(desk: SignInDesk, tenant_id: UUID | None, command: Invitation, *, by: str = ACTOR) -> None:
    """As the platform; what sets the password is mailed, again to who was invited and has not come. `by` is who does
    it, for the audit trail.

    Raises as `invite_user` does, and `Conflict` for who waits to be something else.
    """
    actor = Actor(tenant_id=None, tenant_slug=None, actor_id=ACTOR, role=Role.SUPER_ADMIN)
    access = Access(actor=actor, resource="users", scope=Scope.ALL, tenant=None)

    def invite(work: UnitOfWork) -> Mail:
        account = _awaited(work, command) or invite_user(work, command).value
        work.leave_trace(INVITE, str(account.user.id), actor_id=by, role="machine", gives=command.role.value)
        return desk.link(work, account, "invitation")

    desk.mailer.send(desk.store.carry_out(access, _cause(), invite, about=tenant_id))


def _awaited(work: UnitOfWork, command: Invitation) -> Account | None:
    held = work.users.by_email(command.email)
    if held is None or not is_awaited(work, held):
        return None
    role = held.value.user.role
    if role != command.role:
        raise Conflict(f"{command.email} was invited already, as {role}: invite them as that, or another address.")
    return held.value


def _cause() -> Cause:
    request_id = uuid4()
    return Cause(
        actor_id=ACTOR,
        request_id=request_id,
        correlation_id=str(request_id),
        traceparent=f"00-{request_id.hex}-{request_id.hex[:16]}-01",
    )

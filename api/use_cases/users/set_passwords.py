"""Lets people choose a password: with the old one, or with what was mailed to them. Their sessions end with it."""

from typing import Final
from uuid import UUID

from api.domain import users as domain
from api.domain.audit import RESET_ASKED, SET_PASSWORD, VERIFY_ADDRESS
from api.domain.changes import Versioned
from api.domain.errors import Invalid
from api.domain.scope import Access
from api.domain.users import Account, Status
from api.store.outbox import Cause
from api.store.unit_of_work import UnitOfWork
from api.store.user_links import Purpose
from api.use_cases.require_found import found
from api.use_cases.users.bearer_secrets import BearerSecret
from api.use_cases.users.commands import Email, NewPassword, PasswordChange
from api.use_cases.users.password_rules import require_good
from api.use_cases.users.sign_in_desk import SignInDesk, before_signing_in, is_of
from ops.mailers import Mail
from schemas.events.tenant import Tenant

_FOR_PASSWORDS: Final[tuple[Purpose, ...]] = ("invitation", "password")


def change_password(
    desk: SignInDesk, access: Access, user_id: UUID, session_id: UUID, command: PasswordChange, cause: Cause
) -> None:
    """The session it is done in goes on, all others end.

    Raises `Invalid` when the old one is wrong, or is the new one, and `Busy`.
    """
    with desk.store.view(access) as view:
        account = found(view.users.get, "user", user_id).value
        stored = view.users.password_hash(user_id)
    require_good(command.new, account.email, access.tenant, field="new")
    if not desk.hashes.matches(command.old, stored):
        raise _wrong()
    if command.new == command.old:
        raise _same("new")
    hashed = desk.hashes.make(command.new)

    def decide(work: UnitOfWork) -> None:
        if work.users.held_password_hash(user_id) != stored:
            raise _wrong()
        work.users.set_password_hash(user_id, hashed)
        work.user_links.forget(user_id, "password")
        work.sessions.revoke_all(user_id, work.now, but=session_id)

    desk.store.carry_out(access, cause, decide)


def ask_for_reset(desk: SignInDesk, shop: Tenant | None, email: Email, cause: Cause) -> None:
    """Mails a link if there is such a user; nobody learns whether there is."""

    def decide(work: UnitOfWork) -> Mail | None:
        held = work.users.by_email(email)
        if held is None or held.value.user.status != Status.ACTIVE:
            return None
        work.leave_trace(RESET_ASKED, str(held.value.user.id))
        return desk.link(work, held.value, "password")

    mail = desk.store.carry_out(before_signing_in(shop), cause, decide)
    if mail is not None:
        desk.mailer.send(mail)


def set_password(
    desk: SignInDesk, shop: Tenant | None, brought: BearerSecret | None, command: NewPassword, cause: Cause
) -> None:
    """With the link of an invitation, or of a reset: who brings it got the mail, so their address is theirs.

    Raises `Invalid` for a link that is not good (any more) and for the password they have, and `Busy`.
    """
    if brought is None or not is_of(brought, shop):
        raise _not_good()
    access = before_signing_in(shop)
    with desk.store.view(access) as view:
        user_id = view.user_links.owner(brought.hash, _FOR_PASSWORDS)
        known = None if user_id is None else view.users.get(user_id)
        stored = None if user_id is None else view.users.password_hash(user_id)
    if user_id is None or known is None:  # nobody makes us hash without something that was mailed
        raise _not_good()
    require_good(command.password, known.value.email, shop)
    # Whoever changes it meanwhile makes the link worthless: what is compared here is what is there when it is taken.
    if stored is not None and desk.hashes.matches(command.password, stored):
        raise _same("password")
    hashed = desk.hashes.make(command.password)

    def decide(work: UnitOfWork) -> None:
        work.users.hold(user_id)
        taken = work.user_links.take(brought.hash, _FOR_PASSWORDS, work.now)
        held = work.users.get(user_id)
        if taken is None or held is None:
            raise _not_good()
        _, purpose = taken
        if purpose == "invitation":
            _let_in(work, held)
        work.users.set_password_hash(user_id, hashed)
        work.users.set_verified(user_id)
        work.user_links.forget(user_id, "verification")
        work.sessions.revoke_all(user_id, work.now)
        work.leave_trace(SET_PASSWORD, str(user_id), actor_id=str(user_id), role=held.value.user.role, link=purpose)

    desk.store.carry_out(access, cause, decide)


def verify_address(desk: SignInDesk, shop: Tenant | None, brought: BearerSecret | None, cause: Cause) -> None:
    """Raises `Invalid` for a link that is not good (any more)."""
    if brought is None or not is_of(brought, shop):
        raise _not_good()

    def decide(work: UnitOfWork) -> None:
        user_id = work.user_links.owner(brought.hash, ("verification",))
        if user_id is None:
            raise _not_good()
        work.users.hold(user_id)
        if work.user_links.take(brought.hash, ("verification",), work.now) is None:
            raise _not_good()
        work.users.set_verified(user_id)
        work.leave_trace(VERIFY_ADDRESS, str(user_id), actor_id=str(user_id), role="")

    desk.store.carry_out(before_signing_in(shop), cause, decide)


def _let_in(work: UnitOfWork, held: Versioned[Account]) -> None:
    """Who was invited has come."""
    change = domain.set_status(held, Status.ACTIVE, work.now)
    if change is not None:
        work.save(work.users, change)


def _same(field: str) -> Invalid:
    return Invalid.field(field, "same_as_before", "This is the password there is: choose another.")


def _wrong() -> Invalid:
    return Invalid.field("old", "wrong", "This is not the password.")


def _not_good() -> Invalid:
    return Invalid.field("token", "not_good", "This is not good, or not any more: ask for another.")

"""Signs people in with e-mail and password, keeps them signed in by refresh tokens, and signs them out."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from api.domain.audit import REFRESH_REUSED, SIGN_IN, SIGN_OUT
from api.domain.errors import Unauthenticated
from api.domain.permissions import Role
from api.domain.refresh_rotation import Ended, Renewed, Reused, Session, judge, successor
from api.domain.scope import Actor
from api.domain.users import Account, Status
from api.store.outbox import Cause
from api.store.unit_of_work import UnitOfWork
from api.use_cases.users.bearer_secrets import REFRESH, BearerSecret, make
from api.use_cases.users.commands import SignIn
from api.use_cases.users.sign_in_desk import SignInDesk, before_signing_in, is_of
from schemas.events.tenant import Tenant

MOST_CLIENT = 200


class SignInFailed(Unauthenticated):
    """`user_id` is whose account it was, for the audit trail; None when there is none. Nobody is told."""

    def __init__(self, user_id: UUID | None) -> None:
        super().__init__("E-mail or password is wrong.")
        self.user_id = user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """`at` is when what is given begins to be good: the same for all who bring the same refresh token in its grace."""

    actor: Actor
    refresh_token: str = field(repr=False)
    at: datetime
    ends_at: datetime


def sign_in(desk: SignInDesk, shop: Tenant | None, command: SignIn, client: str, cause: Cause) -> SignedIn:
    """Raises `SignInFailed`, which tells nobody whether there is such a user, and `Busy`."""
    access = before_signing_in(shop)
    with desk.store.view(access) as view:
        held = view.users.by_email(command.email)
        stored = None if held is None else view.users.password_hash(held.value.user.id)
    right = desk.hashes.matches(command.password, stored)
    if held is None or stored is None or not right or held.value.user.status != Status.ACTIVE:
        raise SignInFailed(None if held is None else held.value.user.id)
    user = held.value.user
    better = desk.hashes.make(command.password) if desk.hashes.is_outdated(stored) else None

    def open_session(work: UnitOfWork) -> SignedIn:
        if work.users.held_password_hash(user.id) != stored:  # it was changed meanwhile, and its sessions were ended
            raise SignInFailed(user.id)
        secret = make(REFRESH, work.tenant_id)
        session = Session(
            id=work.new_id(),
            user_id=user.id,
            client=client[:MOST_CLIENT],
            opened_at=work.now,
            used_at=work.now,
            ends_at=work.now + desk.times.session,
        )
        work.sessions.open(session, secret.hash)
        if better is not None:
            work.users.set_password_hash(user.id, better)
        work.leave_trace(SIGN_IN, str(session.id), actor_id=str(user.id), role=user.role)
        return _signed_in(shop, held.value, session, secret, work.now)

    return desk.store.carry_out(access, cause, open_session)


def renew(desk: SignInDesk, shop: Tenant | None, brought: BearerSecret, cause: Cause) -> SignedIn:
    """Raises `Unauthenticated`. A token that was used before ends its session."""

    def decide(work: UnitOfWork) -> SignedIn | None:
        presented = work.sessions.present(brought.hash, work.now)
        if presented is None:
            return None
        session = presented.session
        held = work.users.get(session.user_id)
        if held is None or held.value.user.status != Status.ACTIVE:
            return None
        match judge(session, presented.used_at, work.now, desk.times.grace):
            case Renewed(at):
                secret = BearerSecret(REFRESH, work.tenant_id, successor(desk.refresh_key, session.id, brought.secret))
                if presented.first:
                    work.sessions.renew(session.id, secret.hash, work.now)
                return _signed_in(shop, held.value, session, secret, at)
            case Reused():
                work.sessions.revoke(session.user_id, session.id, work.now)
                work.leave_trace(
                    REFRESH_REUSED,
                    str(session.id),
                    actor_id=str(session.user_id),
                    role=held.value.user.role,
                    outcome="denied",
                )
                return None
            case Ended():
                return None

    if not is_of(brought, shop):
        _refuse()
    found = desk.store.carry_out(before_signing_in(shop), cause, decide)
    return found if found is not None else _refuse()


def sign_out(desk: SignInDesk, shop: Tenant | None, brought: BearerSecret, cause: Cause) -> None:
    """Ends the session of this refresh token, used or not; does nothing when there is none."""

    def end(work: UnitOfWork) -> None:
        session = work.sessions.of_token(brought.hash)
        if session is not None and work.sessions.revoke(session.user_id, session.id, work.now):
            work.leave_trace(SIGN_OUT, str(session.id), actor_id=str(session.user_id), role="")

    if is_of(brought, shop):
        desk.store.carry_out(before_signing_in(shop), cause, end)


def _signed_in(shop: Tenant | None, account: Account, session: Session, secret: BearerSecret, at: datetime) -> SignedIn:
    actor = Actor(
        tenant_id=None if shop is None else shop.id,
        tenant_slug=None if shop is None else shop.slug,
        actor_id=str(account.user.id),
        role=Role(account.user.role),
        session_id=session.id,
    )
    return SignedIn(actor=actor, refresh_token=secret.text, at=at, ends_at=session.ends_at)


def _refuse() -> NoReturn:
    raise Unauthenticated("Sign in again.")

"""Lets a customer of a shop make an account of their own. Nobody learns from it who has one already."""

from api.domain import users as domain
from api.domain.audit import REGISTER
from api.domain.errors import Taken
from api.domain.permissions import Role
from api.domain.users import Account, Status
from api.store.errors import Collided
from api.store.outbox import Cause
from api.store.unit_of_work import UnitOfWork
from api.use_cases.users.commands import Registration
from api.use_cases.users.password_rules import require_good
from api.use_cases.users.sign_in_desk import SignInDesk, before_signing_in
from ops.mailers import Mail
from schemas.events.tenant import Tenant
from schemas.events.user import User


def register_customer(desk: SignInDesk, shop: Tenant, command: Registration, cause: Cause) -> None:
    """Mails what confirms the address; or, where there is an account of it, that there is. Raises `Invalid`, `Busy`."""
    require_good(command.password, command.email, shop)
    hashed = desk.hashes.make(command.password)

    def decide(work: UnitOfWork) -> Mail:
        known = work.users.by_email(command.email)
        if known is not None:
            return desk.mail(known.value, "known")
        user = User(id=work.new_id(), role=Role.CUSTOMER.value, role_ids=(), status=Status.ACTIVE.value)
        account = Account(user=user, email=command.email, name=command.name, verified=False)
        work.save(work.users, domain.register(account, platform=False, now=work.now))
        work.users.set_password_hash(user.id, hashed)
        work.leave_trace(REGISTER, str(user.id))
        return desk.link(work, account, "verification")

    # Who registers twice at once has one account, and is told so.
    desk.mailer.send(desk.store.carry_out(before_signing_in(shop), cause, decide, again_on=(Collided, Taken)))

"""What signing in takes: the store, who hashes, who mails, and for how long what is given is good."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from api.domain.permissions import Role, Scope
from api.domain.scope import Access, Actor
from api.domain.users import Account
from api.store.store import NO_TENANT, Store
from api.store.unit_of_work import UnitOfWork
from api.store.user_links import Purpose
from api.use_cases.users.bearer_secrets import LINK, BearerSecret, make
from api.use_cases.users.hash_passwords import PasswordHashes
from ops.mailers import Mail, Mailer
from schemas.events.tenant import Tenant

NOBODY: Final = "anonymous"
_SUBJECTS: Final[dict[str, str]] = {
    "invitation": "You were invited",
    "password": "Choose a new password",
    "verification": "Confirm your address",
    "known": "You have an account already",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInTimes:
    """`grace`: in which a used refresh token gives the same next one again."""

    access: timedelta = timedelta(minutes=10)
    session: timedelta = timedelta(days=30)
    grace: timedelta = timedelta(seconds=20)
    link: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInDesk:
    """`refresh_key` makes the next refresh token of the one that is presented."""

    store: Store
    hashes: PasswordHashes
    mailer: Mailer
    refresh_key: bytes = field(repr=False)
    times: SignInTimes = SignInTimes()
    link_url: str = ""

    def close(self) -> None:
        """Returns when what waits was mailed."""
        self.mailer.close()

    def link(self, work: UnitOfWork, account: Account, purpose: Purpose) -> Mail:
        """What is to be mailed once the work is done; what was sent before for the same is worth nothing any more."""
        secret = make(LINK, work.tenant_id)
        work.users.hold(account.user.id)
        work.user_links.add(account.user.id, purpose, secret.hash, work.now + self.times.link)
        return self.mail(account, purpose, secret)

    def mail(self, account: Account, about: str, secret: BearerSecret | None = None) -> Mail:
        return Mail(
            to=account.email,
            subject=_SUBJECTS[about],
            text=_SUBJECTS[about] + "." if secret is None else self._text(about, secret.text),
            about=about,
            user_id=str(account.user.id),
        )

    def _text(self, about: str, token: str) -> str:
        what = f"{self.link_url}?{urlencode({'for': about, 'token': token})}" if self.link_url else token
        hours = round(self.times.link.total_seconds() / 3600, 1)
        return f"{_SUBJECTS[about]}: {what}\n\nThis is good for {hours:g} hours, once."


def before_signing_in(shop: Tenant | None) -> Access:
    """Of somebody whom nobody knows yet, at this shop or, with None, among the platform's own people."""
    actor = Actor(
        tenant_id=None if shop is None else shop.id,
        tenant_slug=None if shop is None else shop.slug,
        actor_id=NOBODY,
        role=Role.ANONYMOUS,
    )
    return Access(actor=actor, resource="account", scope=Scope.OWN, tenant=shop)


def is_of(secret: BearerSecret, shop: Tenant | None) -> bool:
    """Whether it was given to somebody of this shop."""
    owner: UUID = NO_TENANT if shop is None else shop.id
    return secret.tenant_id == owner

"""Finds who is meant and all they have, and explains what the API would say to them.

Whoever runs it may ask about everybody; somebody of a shop about its own people, programs and roles, and about things
that they see themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from api.domain.conditions import Channel, Surroundings
from api.domain.errors import Invalid, NotFound
from api.domain.explain_decision import Explanation, SourcedGrant, Verdict, explain
from api.domain.modules import module_of
from api.domain.permissions import GRANTS, PERMISSIONS_IN_WORDS, WITHOUT_A_SHOP, Role, Scope, is_permission
from api.domain.scope import Access, Actor, time_zone_of
from api.domain.thing_rows import thing_row
from api.domain.users import Account, Status
from api.store.service_tokens import find_token
from api.store.store import Store
from api.store.tenants import TenantRows
from api.store.view import View
from schemas.events.tenant import Tenant
from schemas.row_conditions import Row

#: How somebody sees the things of a resource; None: not at all.
Sight = Callable[[str], Access | None]
ASKING = Actor(tenant_id=None, tenant_slug=None, actor_id="rustok:explain", role=Role.SUPER_ADMIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom the question is about. `shut_out` says why nobody lets them in, whatever they may do."""

    name: str
    actor_id: str
    shop: Tenant | None
    grants: Sequence[SourcedGrant]
    channel: Channel = Channel.BACK_OFFICE
    shut_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessQuestion:
    """Whether `who` may do something, here and now or `around` another time and place.

    `who`: the id or e-mail of a user, the id of a service token, a role.
    """

    who: str
    permission: str
    thing_id: UUID | None = None
    around: Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`around` is what was compared: with the zone of the shop."""

    subject: Subject
    permission: str
    around: Surroundings
    explanation: Explanation

    @property
    def verdict(self) -> Verdict:
        return Verdict.DENIED if self.subject.shut_out else self.explanation.verdict


def explain_to_operator(store: Store, slug: str | None, question: AccessQuestion) -> Answer:
    """Without a shop about tokens of any, and about the platform's own people. Raises `NotFound`, `Invalid`."""
    shop = None if slug is None else _shop(store, slug)
    return _explained(store, shop, question, lambda _: _access(shop), tokens_of_all=shop is None)


def explain_to_colleague(store: Store, shop: Tenant | None, question: AccessQuestion, sight: Sight) -> Answer:
    """Of another shop's nothing is there. Raises `NotFound`, `Invalid`."""
    return _explained(store, shop, question, sight, tokens_of_all=False)


def _explained(
    store: Store, shop: Tenant | None, question: AccessQuestion, sight: Sight, *, tokens_of_all: bool
) -> Answer:
    permission, around = question.permission, question.around
    if not is_permission(permission):
        says = f"There is no permission {permission}. One is {PERMISSIONS_IN_WORDS}."
        raise Invalid.field("permission", "unknown_permission", says)
    subject = _subject(store, shop, question.who, around.at, tokens_of_all=tokens_of_all)
    here = replace(around, time_zone=time_zone_of(subject.shop))
    if subject.channel is Channel.PROGRAM:
        here = replace(here, channel=Channel.PROGRAM)
    thing = None
    if question.thing_id is not None:
        thing = _thing(store, subject.shop, permission.partition(":")[0], question.thing_id, sight)
    if not subject.shut_out:
        subject = replace(subject, shut_out=_closed_to_all(subject.shop, permission))
    found = explain(subject.grants, permission, subject.actor_id, here, thing)
    return Answer(subject=subject, permission=permission, around=here, explanation=found)


def _subject(store: Store, shop: Tenant | None, who: str, now: datetime, *, tokens_of_all: bool) -> Subject:
    id_ = _uuid(who.removeprefix("token:"))
    if id_ is None and "@" not in who:
        return _role(store, who, shop)
    if id_ is not None and (token := _token(store, id_, now)) is not None and (tokens_of_all or token.shop == shop):
        return token
    with store.view(_access(shop)) as view:
        held = view.users.get(id_) if id_ is not None else view.users.by_email(who.lower())
        if held is None:
            raise NotFound("user or service token", who)
        return _user(view, held.value, shop)


def _user(view: View, account: Account, shop: Tenant | None) -> Subject:
    user = account.user
    made = view.roles.load(user.role_ids)
    sourced = [
        *_built_in(Role(user.role)),
        *(SourcedGrant(one.value.name, grant) for one in made.values() for grant in one.value.grants),
    ]
    out = "" if user.status == Status.ACTIVE else f"they are {user.status}"
    return Subject(
        name=f"user {user.id}", actor_id=str(user.id), shop=shop, grants=sourced, shut_out=out or _closed(shop)
    )


def _token(store: Store, token_id: UUID, now: datetime) -> Subject | None:
    with store.reading(platform=True) as connection:
        kept = find_token(connection, token_id)
        held = None if kept is None else TenantRows(connection).get(kept.token.tenant_id)
    if kept is None or held is None:
        return None
    token = kept.token
    out = "" if token.is_good(now) else "the token was revoked or has expired"
    return Subject(
        name=f"token {token.id}",
        actor_id=f"token:{token.id}",
        shop=held.value,
        grants=[SourcedGrant(f"token {token.name}", grant) for grant in token.grants],
        channel=Channel.PROGRAM,
        shut_out=out or _closed(held.value),
    )


def _role(store: Store, name: str, shop: Tenant | None) -> Subject:
    """A built-in one, or one that the shop made."""
    if name in set(Role):
        return Subject(
            name=f"role {name}", actor_id="", shop=shop, grants=_built_in(Role(name)), shut_out=_closed(shop)
        )
    if shop is not None:
        with store.view(_access(shop)) as view:
            made = view.roles.by_name(name)
        if made is not None:
            sourced = [SourcedGrant(made.value.name, grant) for grant in made.value.grants]
            return Subject(name=f"role {name}", actor_id="", shop=shop, grants=sourced, shut_out=_closed(shop))
    raise NotFound("role", name)


def _thing(store: Store, shop: Tenant | None, resource: str, thing_id: UUID, sight: Sight) -> Row:
    """Raises `Invalid` for what nothing can be said of by its id, `NotFound` for what who asks does not see."""
    if shop is None or resource not in ("orders", "analytics", "products", "search"):
        raise Invalid.field("id", "does_not_fit", f"No condition is about one of {resource}: leave the id away.")
    of = "orders" if resource in ("orders", "analytics") else "products"
    access, held = sight(of), None
    if access is not None:
        with store.view(access) as view:
            held = view.orders.get(thing_id) if of == "orders" else view.products.get(thing_id)
    if held is None:
        raise NotFound(of.removesuffix("s"), thing_id)
    return thing_row(held.value)[1]


def _shop(store: Store, slug: str) -> Tenant:
    with store.reading(platform=True) as connection:
        held = TenantRows(connection).by_slug(slug)
    if held is None:
        raise NotFound("tenant", slug)
    return held.value


def _closed_to_all(shop: Tenant | None, permission: str) -> str:
    """Why nobody of theirs may do it, whatever they have."""
    if shop is None:
        return "" if permission.partition(":")[0] in WITHOUT_A_SHOP else "they belong to no shop"
    module = module_of(permission)
    return "" if module is None or module in shop.modules else f"the shop has switched {module} off"


def _closed(shop: Tenant | None) -> str:
    return "" if shop is None or shop.active else "the shop is closed"


def _built_in(role: Role) -> list[SourcedGrant]:
    return [SourcedGrant(role.value, grant) for grant in GRANTS[role]]


def _access(shop: Tenant | None) -> Access:
    return Access(actor=ASKING, resource="users", scope=Scope.ALL, tenant=shop)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

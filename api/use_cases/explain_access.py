"""Finds who is meant and all they have, and explains what the API would say to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from api.domain.conditions import Channel, Surroundings
from api.domain.errors import Invalid, NotFound
from api.domain.explain_decision import Explanation, SourcedGrant, explain
from api.domain.modules import module_of
from api.domain.permissions import GRANTS, WITHOUT_A_SHOP, Role, Scope
from api.domain.scope import Access, Actor, time_zone_of
from api.domain.thing_rows import thing_row
from api.domain.users import Account, Status
from api.store.service_tokens import find_token
from api.store.store import Store
from api.store.tenants import TenantRows
from api.store.view import View
from schemas.events.tenant import Tenant
from schemas.row_conditions import Row

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


@dataclass(frozen=True, slots=True)
class Answer:
    subject: Subject
    explanation: Explanation


def explain_access(
    store: Store, who: str, slug: str | None, permission: str, thing_id: UUID | None, around: Surroundings
) -> Answer:
    """`who`: the id or e-mail of a user, the id of a service token, a role. Raises `NotFound`, `Invalid`."""
    subject = _subject(store, who, slug, around.at)
    here = replace(around, time_zone=time_zone_of(subject.shop))
    if subject.channel is Channel.PROGRAM:
        here = replace(here, channel=Channel.PROGRAM)
    thing = None if thing_id is None else _thing(store, subject.shop, permission.partition(":")[0], thing_id)
    if not subject.shut_out:
        subject = replace(subject, shut_out=_closed_to_all(subject.shop, permission))
    return Answer(subject, explain(subject.grants, permission, subject.actor_id, here, thing))


def _subject(store: Store, who: str, slug: str | None, now: datetime) -> Subject:
    shop = None if slug is None else _shop(store, slug)
    id_ = _uuid(who.removeprefix("token:"))
    if id_ is None and "@" not in who:
        return _role(store, who, shop)
    if id_ is not None and (token := _token(store, id_, now)) is not None:
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


def _thing(store: Store, shop: Tenant | None, resource: str, thing_id: UUID) -> Row:
    """Raises `Invalid` for what nothing can be said of by its id."""
    if shop is None or resource not in ("orders", "analytics", "products", "search"):
        raise Invalid.field("id", "does_not_fit", f"No condition is about one of {resource}: leave the id away.")
    with store.view(_access(shop)) as view:
        rows = view.orders if resource in ("orders", "analytics") else view.products
        held = rows.get(thing_id)
    if held is None:
        raise NotFound(resource.removesuffix("s"), thing_id)
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

"""Lets nobody call a view but who may: each declares a permission or that it is public, checked before its input is
read.

The tenant comes from the verified token; only a storefront's anonymous reads find theirs by the host that was asked.
At a shop's own host no other shop is served, whatever the token says.
An app with a view that declares nothing does not start.
"""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from flask import Flask, current_app, g, request

from api.domain.errors import Forbidden, Unauthenticated
from api.domain.modules import require_on
from api.domain.permissions import WITHOUT_A_SHOP, Role, is_permission, scope_of
from api.domain.scope import Access, Actor
from api.http.dependencies import dependencies
from api.http.service_token_cache import is_service_token
from api.http.surroundings import surroundings
from api.http.tokens import Verified
from ops import telemetry
from schemas.events.tenant import Tenant

View = TypeVar("View", bound=Callable[..., Any])

#: Clients of registries bring a password, if anything: there it may be the token, whoever the user is said to be.
_TAKES_PASSWORD: Final = frozenset({"schemas"})
_DECLARED: Final = "rustok_access"


class Undeclared(Exception):
    """Views that say nothing about who may call them."""


@dataclass(frozen=True, slots=True)
class Requires:
    permission: str


@dataclass(frozen=True, slots=True)
class Public:
    """`reason` says why nobody's identity matters."""

    reason: str


def requires(permission: str) -> Callable[[View], View]:
    if not is_permission(permission):
        raise ValueError(f"{permission} is no permission")
    return _declare(Requires(permission))


def public(reason: str) -> Callable[[View], View]:
    return _declare(Public(reason))


def declared(view: Callable[..., Any]) -> Requires | Public | None:
    found: Requires | Public | None = getattr(view, _DECLARED, None)
    return found


def register(app: Flask) -> None:
    app.before_request(_authorize)


def refuse_undeclared(app: Flask) -> None:
    """Raises `Undeclared` with the names of all views that declare nothing."""
    missing = sorted(name for name, view in app.view_functions.items() if declared(view) is None)
    if missing:
        raise Undeclared(f"these views declare neither a permission nor that they are public: {', '.join(missing)}")


def access() -> Access:
    """Of this request; there is none on public routes."""
    found: Access = g.access
    return found


def identified_until() -> datetime:
    """How long who asks may be taken for who they are without asking again."""
    found: datetime = g.identified_until
    return found


def tenant() -> Tenant:
    """The shop this request is about."""
    return access().shop


def reaching(permission: str) -> Access | None:
    """How far who asks reaches with another permission than that of the route; None: they have it not."""
    own = access()
    at_shops_host = own.tenant is not None and _at_host_of(own.tenant)
    reach = own.actor.reach(permission, surroundings(own.actor.role, own.tenant, at_shops_host=at_shops_host))
    if reach is None:
        return None
    return replace(own, resource=permission.partition(":")[0], scope=reach.scope, rows=reach.rows)


def _authorize() -> None:
    if request.url_rule is None:
        return  # answered with 404 or 405 in a moment
    wanted = declared(current_app.view_functions[request.url_rule.endpoint])
    match wanted:
        case Public():
            return
        case Requires(permission):
            g.access = _access(permission)
            if g.access.tenant is not None:
                g.log_context.enter_context(telemetry.context(tenant_id=g.access.tenant.id))
        case None:
            raise Forbidden("This route is open to nobody.")


def _access(permission: str) -> Access:
    header = request.headers.get("Authorization")
    resource = permission.partition(":")[0]
    if header is None:
        return _reaching(permission, *_anonymous(permission), at_shops_host=True)
    verified, shop = identified(token_in(header, password=resource in _TAKES_PASSWORD))
    g.identified_until, g.actor = verified.until, verified.actor
    at_shops_host = shop is not None and _at_host_of(shop)
    return _reaching(permission, verified.actor, shop, at_shops_host=at_shops_host)


def _at_host_of(shop: Tenant) -> bool:
    """The host may be a shop's, then it is this one's; or nobody's. Raises `Forbidden`."""
    owner = dependencies().tenants.by_host(request.host)
    if owner is not None and owner.id != shop.id:
        raise Forbidden("This token belongs to another shop than this host.")
    return owner is not None


def _reaching(permission: str, actor: Actor, shop: Tenant | None, *, at_shops_host: bool) -> Access:
    resource = permission.partition(":")[0]
    reach = actor.reach(permission, surroundings(actor.role, shop, at_shops_host=at_shops_host))
    if reach is None:
        raise Forbidden(f"{_called(actor.role)} may not do {permission}.")
    if reach.passing:
        g.identified_until = dependencies().clock()
    if shop is None and resource not in WITHOUT_A_SHOP:
        raise Forbidden("This token belongs to no tenant.")
    if shop is not None:
        require_on(permission, shop.modules)
    return Access(actor=actor, resource=resource, scope=reach.scope, tenant=shop, rows=reach.rows)


def _anonymous(permission: str) -> tuple[Actor, Tenant]:
    if scope_of(Role.ANONYMOUS, permission) is None:
        raise Unauthenticated("A bearer token is needed here.")
    shop = dependencies().tenants.by_host(request.host)
    if shop is None:
        raise Unauthenticated(
            "A bearer token is needed here: this host is no shop's, or it is not shown yet to be one's."
        )
    if not shop.active:
        raise Forbidden("This shop is closed.")
    actor = Actor(tenant_id=shop.id, tenant_slug=shop.slug, actor_id="anonymous", role=Role.ANONYMOUS)
    return actor, shop


def token_in(header: str, *, password: bool) -> str:
    """Raises `Unauthenticated` when there is none. `password`: whether `Basic` with a token as the password is good."""
    kind, _, given = header.partition(" ")
    token = given.strip()
    if password and kind.lower() == "basic":
        token = _password(token)
    elif kind.lower() != "bearer":
        token = ""
    if not token:
        raise Unauthenticated("Authorization is to be `Bearer <token>`.")
    return token


def identified(token: str) -> tuple[Verified, Tenant | None]:
    """Who it is, and of which open shop. Raises `Unauthenticated`, `Forbidden`."""
    own = dependencies()
    verified = own.service_tokens.read(token) if is_service_token(token) else own.tokens.read(token)
    tenant_id = verified.actor.tenant_id
    if tenant_id is None:
        return _as_of_now(verified), None
    shop = own.tenants.by_id(tenant_id)
    if shop is None:
        raise Unauthenticated("The token is not valid.")
    if not shop.active:
        raise Forbidden("This shop is closed.")
    return _as_of_now(verified), shop


def _as_of_now(verified: Verified) -> Verified:
    """With the roles that who signed in has by now. Raises `Unauthenticated` for who is shut out or signed out."""
    actor = verified.actor
    if actor.session_id is None:
        return verified
    standing = dependencies().standings.of(actor.tenant_id, UUID(actor.actor_id), actor.session_id)
    if standing is None:
        raise Unauthenticated("Sign in again.")
    return replace(verified, actor=replace(actor, role=standing.role, grants=standing.made))


def _password(encoded: str) -> str:
    try:
        return b64decode(encoded, validate=True).decode().partition(":")[2].strip()
    except ValueError:  # neither base64 nor text
        return ""


def _declare(what: Requires | Public) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _DECLARED, what)
        return view

    return mark


def _called(role: Role) -> str:
    """A program has no role that anybody gave it: its token says what it may do."""
    return "This token" if role is Role.INTEGRATION else f"The role {role.value}"

"""Everybody who may come: people with sessions, programs with tokens, visitors, and who is not let in any more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Any

from api.domain.grants import weigh
from api.domain.permissions import GRANTS, PLATFORM_ROLES, Grant, Role, Scope
from api.domain.scope import Actor
from api.domain.service_tokens import grants_for
from api.domain.token_text import TokenKind
from api.http.route_table import Route
from api.http.tokens import AccessTokens
from api.wsgi import now
from tests.integration.api.matrix.homes import Home, Person

CLERK: Sequence[Mapping[str, Any]] = (
    {"resource": "orders", "actions": ["read", "list", "update"]},
    {"resource": "products", "actions": ["read"]},
)
PROGRAM = ("orders:list", "orders:read", "products:create", "dead_letters:list")


class Standing(Enum):
    """How far somebody comes before it matters what they may do."""

    KNOWN = "known"
    #: No token, or one that is good no more.
    NOBODY = "nobody"
    #: Their token is good, and not here.
    SHUT_OUT = "shut out"


@dataclass(frozen=True)
class Caller:
    """`stranger` is a home whose things are not theirs. `grants` are those besides their role's."""

    name: str
    headers: Mapping[str, str]
    home: Home
    stranger: Home
    role: Role
    grants: tuple[Grant, ...] = ()
    standing: Standing = Standing.KNOWN
    person: Person | None = None

    def scope(self, route: Route) -> Scope | None:
        """How far they reach, as the table of routes says; with grants of their own, as all of them say together."""
        if route.permission is None or not self.grants:
            return route.scopes.get(self.role)
        return weigh((*GRANTS[self.role], *self.grants), route.permission).scope

    @property
    def of_platform(self) -> bool:
        return self.role in PLATFORM_ROLES


@dataclass(frozen=True)
class Homes:
    """`own` is where most callers are, `quiet` where none is: what is there must never change by them."""

    own: Home
    other: Home
    quiet: Home
    closed: Home
    platform: Home


def callers(homes: Homes, tokens: AccessTokens) -> list[Caller]:
    own, platform = homes.own, homes.platform
    role_id = own.role(*CLERK)
    clerk = tuple(Grant(one["resource"], frozenset(one["actions"])) for one in CLERK)
    admin = _of(own, homes.quiet, own.person("admin"), Role.ADMIN)
    operator = _of(platform, homes.other, platform.person("operator"), Role.OPERATOR)
    return [
        Caller("nobody", {}, own, homes.quiet, Role.ANONYMOUS, standing=Standing.NOBODY),
        Caller("a visitor", _at(own), own, homes.quiet, Role.ANONYMOUS),
        _of(own, homes.quiet, own.person("customer"), Role.CUSTOMER),
        replace(_of(own, homes.quiet, own.person("staff", role_ids=[role_id]), Role.STAFF), grants=clerk),
        _of(own, homes.quiet, own.person("manager"), Role.MANAGER),
        admin,
        operator,
        _of(platform, homes.other, platform.person("super_admin"), Role.SUPER_ADMIN),
        *(_with_issued(tokens, role, homes) for role in (Role.SERVICE, Role.SCHEMA)),
        _program(homes, "a program", TokenKind.SERVICE),
        _program(homes, "a search key", TokenKind.SEARCH),
        replace(_of(homes.other, own, homes.other.person("admin"), Role.ADMIN), name="another shop's admin"),
        replace(
            admin,
            name="an admin at another shop's host",
            headers={**admin.headers, **_at(homes.quiet)},
            standing=Standing.SHUT_OUT,
        ),
        _with_closed_shop(tokens, homes),
        *_not_any_more(homes, tokens),
    ]


def _of(home: Home, stranger: Home, person: Person, role: Role) -> Caller:
    return Caller(role.value, bearer(person.access_token), home, stranger, role, person=person)


def _with_issued(tokens: AccessTokens, role: Role, homes: Homes) -> Caller:
    actor = Actor(tenant_id=None, tenant_slug=None, actor_id=f"a {role}", role=role)
    token = tokens.issue(actor, now=now(), valid=timedelta(hours=1))
    return Caller(role.value, bearer(token), homes.platform, homes.other, role)


def _program(homes: Homes, name: str, kind: TokenKind) -> Caller:
    actor = Actor(tenant_id=None, tenant_slug=None, actor_id="boss", role=Role.ADMIN)
    permissions = PROGRAM if kind is TokenKind.SERVICE else ()
    grants = grants_for(kind, actor, permissions)
    made = _made(homes.own, kind, permissions)
    return Caller(name, bearer(made["token"]), homes.own, homes.quiet, Role.INTEGRATION, grants)


def _made(home: Home, kind: TokenKind, permissions: Sequence[str]) -> dict[str, Any]:
    body = {
        "name": home.name(),
        "kind": kind.value,
        "permissions": permissions,
        "expires_at": (now() + timedelta(days=1)).isoformat(),
    }
    return dict(home.told("POST", "/v1/service-tokens", body))


def _with_closed_shop(tokens: AccessTokens, homes: Homes) -> Caller:
    closed = homes.closed
    assert closed.shop is not None
    return Caller(
        "a closed shop's admin",
        bearer(closed.shop.token()),
        closed,
        homes.quiet,
        Role.ADMIN,
        standing=Standing.SHUT_OUT,
    )


def _not_any_more(homes: Homes, tokens: AccessTokens) -> list[Caller]:
    """Everybody whose token was good."""
    own = homes.own
    assert own.shop is not None
    actor = Actor(tenant_id=own.shop.id, tenant_slug=own.shop.tenant["slug"], actor_id="boss", role=Role.ADMIN)
    expired = tokens.issue(actor, now=now() - timedelta(hours=2), valid=timedelta(hours=1))
    head, claims, _ = own.shop.token().split(".")
    forged = f"{head}.{claims}.{expired.rpartition('.')[2]}"
    revoked = _made(own, TokenKind.SERVICE, ["orders:list"])
    own.told("DELETE", f"/v1/service-tokens/{revoked['id']}")

    def gone(name: str, ended: Callable[[Person], object]) -> tuple[str, str]:
        person = own.person("admin")
        ended(person)
        return name, person.access_token

    texts = [
        ("expired", expired),
        ("forged", forged),
        ("a program whose token was taken away", revoked["token"]),
        gone("a disabled user", lambda one: own.told("PATCH", f"/v1/users/{one.id}", {"status": "banned"})),
        gone("a removed user", lambda one: own.told("DELETE", f"/v1/users/{one.id}")),
        gone("who signed out", lambda one: _signed_out(own, one)),
    ]
    return [
        Caller(name, bearer(text), own, homes.quiet, Role.ADMIN, standing=Standing.NOBODY) for name, text in texts
    ] + [
        Caller(
            "a visitor of a closed shop",
            _at(homes.closed),
            homes.closed,
            homes.quiet,
            Role.ANONYMOUS,
            standing=Standing.SHUT_OUT,
        )
    ]


def _signed_out(home: Home, person: Person) -> None:
    answer = home.client.post("/v1/auth/logout", json={"refresh_token": person.refresh_token})
    assert answer.status_code == 204, answer.text


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _at(home: Home) -> dict[str, str]:
    assert home.shop is not None
    return {"Host": str(home.shop.tenant["domains"][0])}
